"""Colleagues in calls: listening unheard, speaking, ending, typing; and the same over REST."""

from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette

from shared.api import calls, planned_calls, problems
from shared.api.signed_in import signed_in
from shared.desk.calls.document import transition_write
from shared.desk.calls.hang_up import hang_up
from shared.desk.calls.tokens import join, listen
from shared.desk.deliver import send_reply
from shared.desk.speak import speak
from shared.domain.call_rooms import CALLER
from shared.domain.calls import AgentTransition
from shared.domain.colleagues import Actor
from shared.domain.errors import Contested, NotThere, Permanent
from shared.domain.events import ReplyReady
from shared.domain.identity import new_id
from shared.security.access import COOKIE, CSRF_HEADER
from shared.security.invitations import Invitations
from shared.security.sessions import Sessions, csrf_of
from tests.unit.telephony.conftest import CUSTOMER

ASHA, RAVI = Actor(id="asha", name="Asha"), Actor(id="ravi", name="Ravi")


async def test_who_listens_is_hidden_and_mute(line):
    """The pass says so, each window has a name of its own, and the conversation stays the desk's."""
    await line.called()
    line.livekit.comes("room-c1", CALLER)
    first = await listen(line.services, "acme", "c1", by=ASHA)
    await listen(line.services, "acme", "c1", by=ASHA)
    one, two = line.livekit.passes
    (head,) = await line.documents("conversations")

    assert ("wss://livekit.example", "token-1", "room-c1", "c1") == (
        first.url,
        first.token,
        first.room,
        first.call,
    )
    assert (True, False, True, False) == (one.hidden, one.speaks, two.hidden, two.speaks)
    assert one.identity != two.identity
    assert one.identity.startswith("listener-asha-")
    assert "new" == head["state"]


async def test_who_joins_has_the_conversation_and_the_desk_is_silent(line):
    """Joining takes it, by the verb of every chat; another colleague is told who has it."""
    await line.called()
    line.livekit.comes("room-c1", CALLER)
    await join(line.services, "acme", "c1", by=ASHA)
    (head,) = await line.documents("conversations")
    with pytest.raises(Contested, match="this conversation"):
        await join(line.services, "acme", "c1", by=RAVI)

    assert ("human_active", "asha") == (head["state"], head["assignee"])
    assert ("person-asha", "Asha", True, False) == (
        line.livekit.passes[0].identity,
        line.livekit.passes[0].name,
        line.livekit.passes[0].speaks,
        line.livekit.passes[0].hidden,
    )
    assert 1 == len(line.livekit.passes)


@pytest.mark.parametrize("verb", [listen, join])
@pytest.mark.parametrize("state", ["waiting", "dialling"])
async def test_nobody_enters_before_whoever_calls_or_is_called(line, verb, state):
    """Their room would have no agent; the conversation stays the desk's until the other side is there."""
    await line.called(state=state)
    with pytest.raises(Permanent, match="nobody is in this call yet"):
        await verb(line.services, "acme", "c1", by=ASHA)
    (head,) = await line.documents("conversations")
    line.livekit.comes("room-c1", CALLER)
    await verb(line.services, "acme", "c1", by=ASHA)

    assert ("new", 1) == (head["state"], len(line.livekit.passes))


async def test_a_call_that_is_over_or_unknown_lets_nobody_in(line):
    """Each is told with where to look."""
    await line.called()
    await line.over("c1", "completed")
    for verb in (listen, join, hang_up):
        with pytest.raises(Permanent, match="over"):
            await verb(line.services, "acme", "c1", by=ASHA)
        with pytest.raises(NotThere):
            await verb(line.services, "acme", "c2", by=ASHA)


async def test_hanging_up_ends_what_nobody_carries_at_once(line):
    """Everybody is put out, and who did it stands with the call."""
    await line.called()
    ended = await hang_up(line.services, "acme", "c1", by=ASHA)

    assert ("ended", "abandoned", "Asha ended it") == (ended.state, ended.outcome, ended.reason)
    assert ["room-c1"] == line.livekit.deleted


async def test_hanging_up_leaves_a_job_the_time_to_end_it_with_its_figures(line):
    """Where it does not, the watch ends the call."""
    await line.called()
    await line.taken_up()
    still = await hang_up(line.services, "acme", "c1", by=ASHA)
    await line.passes(7)

    assert "active" == still.state
    assert ("ended", "completed") == ((await line.call()).state, (await line.call()).outcome)


@pytest.mark.parametrize("direction", ["browser", "inbound"])
async def test_what_a_colleague_types_is_stored_as_sent_for_whoever_carries_the_call(line, direction):
    """On both spoken channels sending is storing; nothing waits for a vendor."""
    call = await line.called(direction=direction)
    await speak(line.services, "acme", call.conversation, client_id="1", by=ASHA, text="One moment.")
    event = ReplyReady(event_id="e", tenant="acme", conversation=call.conversation, seqs=(1,))
    await send_reply(line.services, event)
    (message,) = await line.documents(f"conversations/{call.conversation}/messages")

    assert ("sent", "human", "One moment.") == (
        message["status"],
        message["author"],
        message["content"]["text"],
    )


@pytest.fixture
async def browser(line):
    """A function that opens a browser in which a colleague is signed in."""
    platform, clock = line.services.platform, line.clock
    sessions, invitations = Sessions(platform, clock), Invitations(platform, clock)
    enter = signed_in(sessions, line.services.versions)
    routes = [*planned_calls.routes(line.services, enter), *calls.routes(line.services, enter)]
    app = Starlette(routes=routes, exception_handlers=problems.HANDLERS)

    @asynccontextmanager
    async def opened(*, known=True, csrf=True):
        token = await invitations.for_colleague(
            "acme", f"{new_id()}@acme.example", role="human_agent", skills=(), capacity=3, by="M"
        )
        person = await invitations.accept(token, name="Asha", email="", password="a phrase to keep")
        session = await sessions.begin(person.id, "a browser")
        headers = {"Cookie": f"{COOKIE}={session}"} if known else {}
        headers |= {CSRF_HEADER: csrf_of(session)} if csrf else {}
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://here/api/v1", headers=headers, params={"tenant": "acme"}
        ) as client:
            yield client

    return opened


async def test_calls_are_listed_and_read_over_rest(line, browser):
    """Filters, pages, and one call with its transcript's address and its changes."""
    for number in range(3):
        await line.called(f"c{number}")
        line.clock.move(seconds=1)
    await line.over("c0", "completed")
    call = await line.call("c1")
    change = AgentTransition(n=1, before="desk", after="person", at="x", trigger="taken")
    await line.store.commit([transition_write(call, change)])
    async with browser() as client:
        live = (await client.get("/calls", params={"tenant": "acme", "live": "true"})).json()
        first = (await client.get("/calls", params={"tenant": "acme", "limit": "2"})).json()
        rest = (await client.get("/calls", params={"tenant": "acme", "cursor": first["cursor"]})).json()
        ended = (await client.get("/calls", params={"tenant": "acme", "outcome": "completed"})).json()
        one = (await client.get("/calls/c1")).json()
        unknown = await client.get("/calls/c9")
        wrong = await client.get("/calls", params={"tenant": "acme", "outcome": "nonsense"})

    assert ["c2", "c1"] == [item["id"] for item in live["items"]] == [item["id"] for item in first["items"]]
    assert ["c0"] == [item["id"] for item in rest["items"]] == [item["id"] for item in ended["items"]]
    assert f"/api/v1/conversations/{call.conversation}/timeline" == one["transcript"]
    assert (["person"], []) == ([item["after"] for item in one["transitions"]], one["tier_changes"])
    assert (404, 422) == (unknown.status_code, wrong.status_code)


async def test_a_call_is_planned_and_called_off_over_rest(line, browser):
    """A repeated request is the same call; what may not be called is a conflict that says why."""
    body = {"desk": "front", "number": CUSTOMER, "purpose": "news", "due": "2026-11-21T10:00:00+05:30"}
    async with browser() as client:
        made = await client.post("/calls", json=body, headers={"Idempotency-Key": "k"})
        again = await client.post("/calls", json=body, headers={"Idempotency-Key": "k"})
        listed = (await client.get("/calls/planned", params={"tenant": "acme", "state": "waiting"})).json()
        gone = await client.delete(f"/calls/planned/{made.json()['id']}")
        one = (await client.get(f"/calls/planned/{made.json()['id']}")).json()
        refused = await client.post("/calls", json={**body, "number": "12"})
        zoneless = await client.post("/calls", json={**body, "due": "2026-11-21T10:00:00"})
        unknown = await client.delete("/calls/planned/nothing")

    assert made.json()["id"] == again.json()["id"] == listed["items"][0]["id"]
    assert ("cancelled", "cancelled") == (gone.json()["state"], one["state"])
    assert (409, 422, 404) == (refused.status_code, zoneless.status_code, unknown.status_code)
    assert "no telephone number" in refused.json()["detail"]


async def test_a_call_is_listened_to_joined_and_ended_over_rest(line, browser):
    """Each answers with what the page needs next."""
    await line.called()
    line.livekit.comes("room-c1", CALLER)
    async with browser() as client:
        heard = (await client.post("/calls/c1/listen", json={})).json()
        joined = (await client.post("/calls/c1/join", json={})).json()
        ended = (await client.post("/calls/c1/end", json={})).json()
        late = await client.post("/calls/c1/join", json={})

    assert {"url", "token", "room", "call"} == set(heard) == set(joined)
    assert "ended" == ended["state"]
    assert (409, "this call is over; its words are in its conversation") == (
        late.status_code,
        late.json()["detail"],
    )


async def test_nobody_gets_to_calls_without_signing_in_or_from_another_page(line, browser):
    """Reading needs a session, and changing the page's own mark as well."""
    await line.called()
    async with browser(known=False) as stranger:
        read = await stranger.get("/calls")
    async with browser(csrf=False) as page:
        ended = await page.post("/calls/c1/end", json={})
        deleted = await page.delete("/calls/planned/x")

    assert (401, 403, 403) == (read.status_code, ended.status_code, deleted.status_code)
    assert "waiting" == (await line.call()).state
