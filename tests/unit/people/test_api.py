"""The commands and the inbox over HTTP: what each answers, and how it refuses."""

import httpx
import pytest

from shared import sites
from shared.desk.take import take
from tests.unit.people.conftest import ARUN, PRIYA, TENANT


@pytest.fixture
async def api(office):
    """A client on this machine, in the office's business."""
    transport = httpx.ASGITransport(await office.process.site(sites.api), client=("127.0.0.1", 5000))
    params = {"tenant": TENANT}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", params=params) as client:
        yield client


async def test_a_conversation_is_led_to_its_end_over_the_api(office, api):
    """Found in the inbox, taken, noted, answered, proposed, handed back, resolved, reopened."""
    await office.queued()
    place = f"/api/v1/conversations/{office.conversation}"

    (row,) = (await api.get("/api/v1/inbox", params={"view": "unassigned"})).json()["items"]
    assert (row["conversation"], row["handover"]["reason"]) == (
        office.conversation,
        "the customer asked for a person",
    )
    counted = (await api.get("/api/v1/inbox/counts")).json()
    assert (counted["unassigned"], counted["unread_unassigned"]) == (1, 1)
    assert "human_active" == (await api.post(f"{place}/take")).json()["state"]
    assert "VIP" == (await api.post(f"{place}/notes", json={"text": "VIP"})).json()["text"]
    assert 0 == (await api.post(f"{place}/read", json={"upto": 2})).json()["unread"]
    file = await api.post(
        f"{place}/attachments",
        content=b"%PDF-1.7 x",
        headers={"content-type": "application/pdf", "x-file-name": "map.pdf"},
    )
    said = {"text": "We will call you.", "attachments": [file.json()["media_id"]]}
    sent = await api.post(f"{place}/messages", json=said, headers={"Idempotency-Key": "1"})
    again = await api.post(f"{place}/messages", json=said, headers={"Idempotency-Key": "1"})
    assert sent.json()["seq"] == again.json()["seq"]
    proposed = (await api.get(f"{place}/hand-back")).json()
    assert proposed["promises"] == ["We will call you."]
    assert "back_to_ai" == (await api.post(f"{place}/hand-back", json=proposed)).json()["state"]
    assert (await api.get(f"{place}/suggestion")).json()["text"]
    assert "resolved" == (await api.post(f"{place}/resolve", json={"lesson": "x"})).json()["state"]
    assert "human_active" == (await api.post(f"{place}/reopen")).json()["state"]
    snoozed = await api.post(f"{place}/snooze", json={"until": "2099-01-01T00:00:00Z"})
    assert "within a year" in snoozed.json()["detail"]
    kinds = [one["kind"] for one in (await api.get(f"{place}/timeline")).json()["items"]]
    assert {"message", "receipt", "note", "transition"} == set(kinds)


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("assign", {"to": "nobody"}, 409, "nobody of that id"),
        ("messages", {"text": ""}, 409, "nothing to send"),
        ("messages", {"attachments": ["x"]}, 404, "upload it again"),
        ("messages", {"txt": "hello"}, 422, "txt"),
        ("notes", {}, 422, "text"),
        ("snooze", {"until": "2026-11-20T10:00:00"}, 422, "offset"),
        ("reopen", {}, 409, "not resolved"),
    ],
)
async def test_a_refusal_says_what_to_do(office, api, path, body, status, words):
    """As problem details, and nothing has changed."""
    await office.queued()
    before = await office.head()

    answer = await api.post(f"/api/v1/conversations/{office.conversation}/{path}", json=body)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
    assert before == await office.head()


async def test_who_was_first_is_told(office, api):
    """A conflict that a page can tell from others."""
    await office.queued()
    await take(*office.place, by=PRIYA)

    answer = await api.post(f"/api/v1/conversations/{office.conversation}/take")

    assert (answer.status_code, answer.json()["contested"]) == (409, True)
    assert PRIYA.name in answer.json()["detail"]
    assert ARUN.name not in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/inbox?view=theirs", 422),
        ("/api/v1/inbox?limit=1000", 422),
        ("/api/v1/inbox?tenant=&desk=nothing", 404),
        ("/api/v1/conversations/x/timeline?before=x", 422),
        ("/api/v1/conversations/x/suggestion", 404),
    ],
)
async def test_what_is_asked_for_wrongly_is_refused(api, path, status):
    """With a status that says whose mistake it is."""
    url = httpx.URL(f"http://127.0.0.1{path}")
    params = {"tenant": TENANT} | dict(url.params)

    assert status == (await api.get(url.copy_with(query=None), params=params)).status_code


async def test_a_vendor_fetches_a_file_by_its_own_name_alone(office, api):
    """Some take no upload and are given a link; its random name is all that opens it."""
    await office.queued()
    kept = await api.post(
        f"/api/v1/conversations/{office.conversation}/attachments",
        content=b"%PDF-1.7 x",
        headers={"content-type": "application/pdf", "x-file-name": "map.pdf"},
    )
    link = httpx.URL(kept.json()["url"])

    found = await api.get(link.path)
    assert (found.content, found.headers["content-type"]) == (b"%PDF-1.7 x", "application/pdf")
    assert 404 == (await api.get(f"{link.path}x")).status_code
