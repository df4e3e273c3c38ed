"""Speaking first over HTTP: reached, scheduled, reported, and campaigns from a file to its results."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared import sites
from shared.desk.commit import as_data
from shared.domain.surveys import SurveyAnswer
from shared.ports import Put
from shared.security.access import COOKIE, CSRF_HEADER
from shared.security.people import Person, begins
from shared.security.sessions import Sessions, csrf_of
from tests.unit.campaigns.test_campaigns import file
from tests.unit.outreach.conftest import Speaking

DRAWN = {"desk": "front", "name": "Check-ups", "template": "reminder", "agreed": "on our form"}


@pytest.fixture
async def api(front: Speaking) -> AsyncIterator[httpx.AsyncClient]:
    """A supervisor of the business, signed in."""
    assert front.process is not None
    platform = front.services.platform
    mira = Person(id="mira", name="Mira", email="mira@acme.example", rights={"acme": "supervisor"})
    await platform.commit(begins(mira))
    token = await Sessions(platform, front.clock).begin("mira", "Chromium")
    transport = httpx.ASGITransport(await front.process.site(sites.api), client=("127.0.0.1", 5000))
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://127.0.0.1",
        params={"tenant": "acme"},
        cookies={COOKIE: token},
        headers={CSRF_HEADER: csrf_of(token)},
    ) as client:
        yield client


async def test_what_is_planned_for_a_customer_is_listed_and_called_off(
    front: Speaking, api: httpx.AsyncClient
) -> None:
    """Asked for once under a key, listed for its customer, and cancelled by its id."""
    customer = await front.wrote()
    asked = {
        "desk": "front",
        "purpose": "reminder",
        "customer": customer,
        "text": "See you on Monday!",
        "due": "2026-11-22T06:00:00Z",
    }
    made = await api.post("/api/v1/outreach", json=asked, headers={"Idempotency-Key": "1"})
    again = await api.post("/api/v1/outreach", json=asked, headers={"Idempotency-Key": "1"})
    place = f"/api/v1/customers/{customer}/scheduled"
    (listed,) = (await api.get(place)).json()["items"]

    assert (200, made.json()["id"], made.json()["id"]) == (made.status_code, again.json()["id"], listed["id"])
    assert (404, 204) == (
        (await api.delete(f"{place}/unknown")).status_code,
        (await api.delete(f"{place}/{listed['id']}")).status_code,
    )
    assert [] == (await api.get(place)).json()["items"]
    standing = (await api.get("/api/v1/outreach", params={"state": "cancelled"})).json()["items"]
    assert [listed["id"]] == [one["id"] for one in standing]


async def test_an_event_of_the_business_is_taken_in_once(front: Speaking, api: httpx.AsyncClient) -> None:
    """The same report under the same key is the same fact; a form nobody knows is refused."""
    customer = await front.wrote()
    place = f"/api/v1/customers/{customer}/events"
    told = {"desk": "front", "event": "missed_appointment", "about": {"service": "Cleaning"}}
    first = await api.post(place, json=told, headers={"Idempotency-Key": "7"})
    again = await api.post(place, json=told, headers={"Idempotency-Key": "7"})

    assert (200, first.json()["event_id"]) == (first.status_code, again.json()["event_id"])
    assert 404 == (await api.post("/api/v1/customers/nobody/events", json=told)).status_code
    assert 422 == (await api.post(place, json={**told, "event": "No Name"})).status_code


async def test_answers_to_surveys_are_read(front: Speaking, api: httpx.AsyncClient) -> None:
    """A supervisor reads what customers answered, of one desk or of all."""
    about = {"desk": "front", "customer": "c1", "conversation": "t", "trigger": "post_service"}
    said = SurveyAnswer(
        id="a1", **about, about="K7P2M", question="mark", asked="?", answer="4", mark=4, at="1", until="2"
    )
    await front.store.commit([Put("survey_answers/a1", as_data(said))])
    found = await api.get("/api/v1/surveys/answers", params={"of_desk": "front"})
    other = await api.get("/api/v1/surveys/answers", params={"of_desk": "elsewhere"})

    assert [("mark", 4)] == [(one["question"], one["mark"]) for one in found.json()["items"]]
    assert [] == other.json()["items"]
    listed = await api.get("/api/v1/surveys/answers", params={"question": "else"})
    assert [] == listed.json()["items"]


async def test_what_questions_came_to_is_read(front: Speaking, api: httpx.AsyncClient) -> None:
    """A supervisor reads how many were asked and answered, by desk; a desk nobody has is told."""
    await front.publish(behavior={"surveys": {"questions": [{"id": "mark", "text": "How was it?"}]}})
    (told,) = (await api.get("/api/v1/surveys", params={"of_desk": "front"})).json()["items"]
    missing = await api.get("/api/v1/surveys", params={"of_desk": "elsewhere"})

    assert ("front", [("mark", 0, 0)]) == (
        told["desk"],
        [(one["id"], one["asked"], one["answered"]) for one in told["questions"]],
    )
    assert 404 == missing.status_code


async def test_a_campaign_goes_from_its_file_to_its_results(front: Speaking, api: httpx.AsyncClient) -> None:
    """Checked, drawn up once, begun, paused, gone on with, ended; targets and results are read."""
    front.clock.move(hours=12)
    drawn = {**DRAWN, "file": file(3).decode()}
    seen = (await api.post("/api/v1/campaigns/preview", json=drawn)).json()
    assert (3, 3, []) == (seen["total"], seen["reached"], seen["mistakes"])
    made = await api.post("/api/v1/campaigns", json=drawn, headers={"Idempotency-Key": "1"})
    again = await api.post("/api/v1/campaigns", json=drawn, headers={"Idempotency-Key": "1"})
    place = f"/api/v1/campaigns/{made.json()['id']}"
    assert ("draft", made.json()["id"]) == (made.json()["state"], again.json()["id"])

    states = [(await api.post(f"{place}/{verb}")).json()["state"] for verb in ("start", "pause", "resume")]
    await front.passes(minutes=1)
    assert ["running", "paused", "running"] == states
    (listed,) = (await api.get("/api/v1/campaigns")).json()["items"]
    assert 3 == sum(listed["counts"].values())
    assert {"trying"} <= {one["state"] for one in (await api.get(f"{place}/targets")).json()["items"]}
    assert "cancelled" == (await api.post(f"{place}/cancel")).json()["state"]
    assert 409 == (await api.post(f"{place}/resume")).status_code
    exported = await api.get(f"{place}/export")
    assert ("text/csv; charset=utf-8", 4) == (
        exported.headers["content-type"],
        len(exported.text.splitlines()),
    )
    assert 404 == (await api.get("/api/v1/campaigns/unknown/export")).status_code


async def test_a_file_with_mistakes_is_refused_with_all_of_them(
    front: Speaking, api: httpx.AsyncClient
) -> None:
    """422 with line, column and fix of each; nothing is kept."""
    drawn = {**DRAWN, "file": "phone,day\n12,Monday\n+919800000001,\n"}
    refused = await api.post("/api/v1/campaigns", json=drawn)
    mistakes = refused.json()["mistakes"]

    assert 422 == refused.status_code
    assert [(2, "phone"), (3, "day")] == [(one["line"], one["column"]) for one in mistakes]
    assert [] == (await api.get("/api/v1/campaigns")).json()["items"]
    nameless = await api.post("/api/v1/campaigns", json={**drawn, "agreed": ""})
    assert "how these people agreed" in nameless.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "query", "status", "says"),
    [
        ("GET", "/api/v1/campaigns", {"tenant": ""}, 422, "desk is missing"),
        ("GET", "/api/v1/campaigns", {"tenant": "", "desk": "nobody"}, 404, "no desk 'nobody'"),
        ("GET", "/api/v1/tickets", {"status": "open"}, 422, "No such filter: status. There are assignee, "),
        ("GET", "/api/v1/conversations/unknown/timeline", {}, 404, "no conversation 'unknown'"),
        ("GET", "/api/v1/nothing", {}, 404, "Not Found"),
        ("DELETE", "/api/v1/campaigns", {}, 405, "Method Not Allowed"),
    ],
)
async def test_what_cannot_be_asked_is_told_as_a_problem(
    api: httpx.AsyncClient, method: str, path: str, query: dict[str, str], status: int, says: str
) -> None:
    """A missing name, an unknown filter, thing, path or method: each has its status, as problem details."""
    said = await api.request(method, path, params=query)

    assert (status, "application/problem+json") == (said.status_code, said.headers["content-type"]), said.text
    assert says in said.json()["detail"]
