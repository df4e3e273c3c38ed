"""Tickets, promised calls and the people themselves over REST, for whoever is signed in."""

from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from shared.api import callbacks, humans, problems, tickets
from shared.api.signed_in import signed_in
from shared.domain.callbacks import Callback
from shared.domain.instants import stamp
from shared.domain.tickets import Ticket, open_ticket
from shared.security.access import COOKIE, CSRF_HEADER
from shared.security.invitations import Invitations
from shared.security.sessions import Sessions, csrf_of
from tests.unit.people.conftest import DESK, TENANT

ABOUT = {"desk": DESK, "conversation": "talk", "customer": "asha"}


@pytest.fixture
async def door(shift):
    """A function that opens a browser in which somebody of that role is signed in."""
    platform, clock = shift.services.platform, shift.clock
    sessions, invitations = Sessions(platform, clock), Invitations(platform, clock)
    enter = signed_in(sessions, shift.services.versions)
    resources = (tickets, callbacks, humans)
    app = Starlette(
        routes=[route for resource in resources for route in resource.routes(shift.services, enter)],
        exception_handlers=problems.HANDLERS,
    )

    @asynccontextmanager
    async def browser(role="human_agent", *, csrf=True):
        token = await invitations.for_colleague(
            TENANT, f"{role}@sunrise.example", role=role, skills=(), capacity=3, by="Mira"
        )
        person = await invitations.accept(token, name=role.title(), email="", password="a phrase to keep")
        session = await sessions.begin(person.id, "a browser")
        headers = {"Cookie": f"{COOKIE}={session}"} | ({CSRF_HEADER: csrf_of(session)} if csrf else {})
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://here/api/v1", headers=headers, params={"tenant": TENANT}
        ) as client:
            client.person = person.id
            yield client

    made = Ticket(id="t1", subject="S", description="D", created_at="", updated_at="", **ABOUT)
    await shift.put("tickets/t1", open_ticket(made, clock.now()))
    promised = {"phone": "+919812345678", "about": "a price", "created_at": stamp(clock.now()), **ABOUT}
    await shift.put(
        "callbacks/c1", Callback(id="c1", due=stamp(clock.now() + timedelta(hours=1)), **promised)
    )
    return browser


async def test_a_ticket_is_worked_on(door):
    """Listed, taken, noted, raised, solved, opened again; each answers with the ticket as it is then."""
    async with door() as browser:
        listed = (await browser.get("/tickets", params={"tenant": TENANT, "state": "open"})).json()
        taken = await browser.post("/tickets/t1/assign", json={"to": browser.person})
        await browser.post("/tickets/t1/notes", json={"note": "called"})
        raised = await browser.post("/tickets/t1/escalate", json={})
        solved = await browser.post("/tickets/t1/solve", json={"note": "sent anew"})
        again = await browser.post("/tickets/t1/reopen", json={})
        one = (await browser.get("/tickets/t1")).json()

    assert ["t1"] == [item["id"] for item in listed["items"]]
    assert (200, "in_progress") == (taken.status_code, taken.json()["state"])
    assert ("high", "resolved", "in_progress") == (
        raised.json()["priority"],
        solved.json()["state"],
        again.json()["state"],
    )
    assert ["created", "assigned", "noted", "escalated", "resolved", "reopened"] == [
        entry["what"] for entry in one["history"]
    ]


async def test_a_promised_call_is_moved_and_made(door, shift):
    """Its new time is told back; once it is made it is over."""
    due = (shift.clock.now() + timedelta(hours=2)).isoformat()
    async with door() as browser:
        moved = await browser.post("/callbacks/c1/reschedule", json={"due": due})
        made = await browser.post("/callbacks/c1/done", json={"note": "they come on Friday"})
        again = await browser.post("/callbacks/c1/cancel")
        listed = (await browser.get("/callbacks", params={"tenant": TENANT, "state": "done"})).json()

    assert moved.json()["due"] == stamp(shift.clock.now() + timedelta(hours=2))
    assert ("done", 409) == (made.json()["state"], again.status_code)
    assert ["c1"] == [item["id"] for item in listed["items"]]


async def test_people_say_they_are_there_and_supervisors_see_the_queues(door):
    """Presence is one's own; the figures are for supervisors; notices are one's own."""
    async with door() as agent:
        said = await agent.post("/humans/presence", json={"presence": "online"})
        beat = await agent.post("/humans/beat")
        listed = (await agent.get("/humans")).json()["items"]
        refused = await agent.get("/humans/queues")
        notices = (await agent.get("/humans/notices")).json()
    async with door("supervisor") as supervisor:
        seen = await supervisor.get("/humans/queues")

    assert ("online", 200) == (said.json()["presence"], beat.status_code)
    assert [True] == [one["there"] for one in listed]
    assert (403, {"items": []}) == (refused.status_code, notices)
    assert (200, []) == (seen.status_code, seen.json()["waiting"])


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/tickets/t9", None, 404),
        ("GET", "/tickets?tenant=sunrise&state=strange", None, 422),
        ("GET", "/tickets?tenant=sunrise&limit=0", None, 422),
        ("POST", "/tickets/t9/solve", {}, 404),
        ("POST", "/tickets/t1/assign", {"to": "stranger"}, 409),
        ("POST", "/tickets/t1/assign", {"too": "many"}, 422),
        ("POST", "/callbacks/c1/reschedule", {"due": "2026-11-23T10:30:00"}, 422),
        ("POST", "/callbacks/c9/done", {}, 404),
        ("POST", "/humans/presence", {"presence": "asleep"}, 422),
        ("GET", "/tickets?tenant=olive", None, 403),
        ("GET", "/tickets?tenant=&desk=none", None, 404),
    ],
)
async def test_what_cannot_be_done_is_a_problem_in_words(door, method, path, body, status):
    """Each answer is problem details that say what to do."""
    async with door() as browser:
        path, _, query = path.partition("?")
        params = dict(pair.split("=") for pair in query.split("&")) if query else {"tenant": TENANT}
        answer = await browser.request(method, path, params=params, json=body)

    assert (status, "application/problem+json") == (answer.status_code, answer.headers["content-type"])


async def test_nothing_is_open_without_sign_in_or_from_a_foreign_page(door):
    """Without a session 401; a change without the session's token 403."""
    async with door(csrf=False) as browser:
        foreign = await browser.post("/tickets/t1/solve", json={})
        browser.headers.pop("Cookie")
        stranger = await browser.get("/tickets")

    assert (403, 401) == (foreign.status_code, stranger.status_code)
