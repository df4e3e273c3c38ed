"""Where a call stands is told to its own caller; people hear of a caller who waits on the line."""

from datetime import timedelta

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from shared.api import problems
from shared.api.voice import doors
from shared.channels import webchat
from shared.desk.calls.document import edit_call
from shared.desk.commit import as_data, head_path
from shared.desk.notices import notices, still_ringing, tell_colleagues
from shared.domain.colleagues import Colleague
from shared.domain.events import Happened
from shared.domain.instants import stamp
from shared.ports import Put
from tests.unit.desk.front import DESK

SESSION = "Qm9yZWQgYnkgcmFuZG9tbmVzcz8tX2FiY2RlZmdoaWo"
OTHER = "QW5vdGhlciBzZXNzaW9uIHRoYXQgbm9ib2R5IGtub3dz"


@pytest.fixture
async def called(line):
    """A call under way of the session's visitor, and two colleagues."""
    await line.publish(voice={"enabled": True, "mode": "realtime"}, channels={**DESK["channels"], "room": {}})
    people = [Colleague(id="asha", name="Asha"), Colleague(id="mira", name="Mira", role="supervisor")]
    await line.store.commit([Put(f"colleagues/{one.id}", as_data(one)) for one in people])
    return await line.called(contact=webchat.visitor(SESSION))


async def standing(line, session):
    """What the door tells a session of the call."""
    app = Starlette(routes=doors(line.services, [], local=False).routes, exception_handlers=problems.HANDLERS)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"X-Frontdesk-Session": session} if session else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://d.example", headers=headers) as client:
        answer = await client.get("/voice/front/calls/c1")
    return answer.status_code, answer.json()


async def told(line, what, **data):
    """A fact of the call's conversation reaches people; what each was told of it."""
    call = await line.call()
    fact = Happened(
        event_id=f"{what}-{len(data)}",
        tenant="acme",
        what=what,
        at=stamp(line.clock.now()),
        conversation=call.conversation,
        data=data,
    )
    await tell_colleagues(line.services, fact)
    return {who: await notices(line.store, who) for who in ("asha", "mira")}


async def rings(line, who, notes):
    """How many of them ring now."""
    return len(await still_ringing(line.store, notes, line.clock.now(), me=who))


@pytest.mark.usefixtures("called")
async def test_a_caller_is_told_where_their_call_stands(line):
    """Its state while it goes on, and what became of it; nothing to another session, or to none."""
    before = await standing(line, SESSION)
    await line.over("c1", "callback")

    assert (200, {"state": "waiting", "outcome": None}) == before
    assert (200, {"state": "ended", "outcome": "callback"}) == await standing(line, SESSION)
    assert 404 == (await standing(line, OTHER))[0]
    assert 401 == (await standing(line, ""))[0]


@pytest.mark.usefixtures("called")
async def test_a_caller_on_the_line_is_told_as_one_and_rings(line):
    """The title says that somebody is on the line, and the link opens the call, be there a ticket or not."""
    offered = (await told(line, "handover.offered", to="asha"))["asha"]
    unanswered = (await told(line, "handover.unanswered", ticket="t1"))["mira"]
    call = await line.call()

    assert [("A caller waits for you on the line", True)] == [(one.title, one.rings) for one in offered]
    assert [("Nobody came for a caller on the line", True)] == [(one.title, one.rings) for one in unanswered]
    assert [True] == [one.link.endswith(f"/inbox/{call.conversation}") for one in unanswered]
    assert (1, 1) == (await rings(line, "asha", offered), await rings(line, "mira", unanswered))


@pytest.mark.usefixtures("called")
async def test_it_falls_silent_when_somebody_came_or_the_call_is_over(line):
    """Taken by a colleague it rings for them alone until they speak; over, or old, it rings for nobody."""
    notes = (await told(line, "handover.offered", to="asha"))["asha"]
    call = await line.call()
    document = await line.store.get(head_path(call.conversation))
    taken = {**document.data, "state": "human_active", "assignee": "asha"}
    await line.store.commit([Put(document.path, taken)])
    held = (await rings(line, "asha", notes), await rings(line, "mira", notes))
    await edit_call(
        line.services, "acme", "c1", lambda one, _: msgspec.structs.replace(one, state="with_person")
    )
    speaks = await rings(line, "asha", notes)
    await line.over("c1", "handed_over")

    assert ((1, 0), 0, 0) == (held, speaks, await rings(line, "asha", notes))


@pytest.mark.usefixtures("called")
async def test_an_old_notice_does_not_ring(line):
    """A caller who waits longer than a minute is told of anew."""
    notes = (await told(line, "handover.offered", to="asha"))["asha"]
    line.clock.move(seconds=timedelta(minutes=2).total_seconds())

    assert 0 == await rings(line, "asha", notes)


@pytest.mark.usefixtures("called")
async def test_after_the_call_it_is_told_as_any_conversation(line):
    """Nobody is on the line any more."""
    await line.over("c1", "handed_over")
    notes = (await told(line, "handover.offered", to="asha"))["asha"]

    assert [("A customer waits for you", False)] == [(one.title, one.rings) for one in notes]
