"""A call whose jobs die is sent others, but not for ever."""

from dataclasses import replace

import msgspec
import pytest

from shared.desk.calls.arrive import arrived
from shared.desk.calls.document import edit_call
from shared.domain.calls import Call
from shared.domain.workers import Carried
from tests.standins.livekit_project import LiveKitProject
from tests.unit.calls.line import VOICE, Line
from tests.unit.desk.front import DESK
from voice_service.call_state import CallState
from voice_service.rescue import DEATHS, rescue

NUMBER = "+912200000103"


@pytest.fixture
def livekit(line: Line) -> LiveKitProject:
    """The line's LiveKit, with its caller in the room."""
    project = LiveKitProject(line.front.services.ports.clock.now)
    line.front.services = replace(line.front.services, livekit=lambda: project)
    project.comes(line.call.room, "caller")
    return project


async def dies(line: Line, job: str) -> bool:
    """A job takes the call and dies; whether another was sent."""
    await CallState.claim(line.front.services, "acme", line.call, job=job, worker="w1")
    dead = Carried(tenant="acme", desk="front", call=line.call.id, room=line.call.room, job=job)
    return await rescue(line.front.services, dead)


async def test_when_job_after_job_dies_the_caller_is_told_and_called_back(
    line: Line, livekit: LiveKitProject
) -> None:
    """After the fourth death without a word the call ends, its page hears so, and an urgent ticket stands."""
    sent = [await dies(line, f"j{number}") for number in range(DEATHS)]
    (ticket,) = await line.front.documents("tickets")
    now = await line.now()

    assert [True, True, True, False] == sent
    assert 3 == len(livekit.dispatched)
    assert ("ended", "failed", "every job that took the call died") == (now.state, now.outcome, now.reason)
    assert [("frontdesk.call", {"event": "ended", "outcome": "failed", "called_back": True})] == livekit.told
    assert ("urgent", [line.call.room]) == (ticket["priority"], livekit.deleted)


async def test_a_call_by_a_rule_that_names_another_desk_is_found_by_its_number(
    line: Line, livekit: LiveKitProject
) -> None:
    """What the worker knows of it is the rule's word; the job that is sent is the call's own."""
    await line.front.publish(voice=VOICE, channels={**DESK["channels"], "phone": {"numbers": [NUMBER]}})
    room = "call-back-_+919812345678_x"
    livekit.comes(room, "sip_1", "sip", trunkPhoneNumber=NUMBER, phoneNumber="+919812345678")
    telephone = livekit.inside[room]["sip_1"].attributes
    _, call = await arrived(line.front.services, room, telephone)
    await CallState.claim(line.front.services, "acme", call, job="j1", worker="w1")
    told = Carried(tenant="other", desk="back", call=call.id, room=room, job="j1")

    assert await rescue(line.front.services, told)
    assert [(room, {"tenant": "acme", "desk": "front", "call": call.id, "why": "died"})] == livekit.dispatched


@pytest.mark.parametrize(
    ("between", "dispatched"), [({"deaths": 0}, 4), ({"state": "with_person"}, 3)], ids=["word", "person"]
)
async def test_a_word_of_ours_begins_the_count_anew_and_a_person_is_let_be(
    line: Line, livekit: LiveKitProject, between: dict[str, object], dispatched: int
) -> None:
    """A desk that speaks again is worth another job; a caller with a person needs none."""

    def changed(call: Call, _: object) -> Call:
        return msgspec.structs.replace(call, **between)

    for number in range(DEATHS - 1):
        await dies(line, f"j{number}")
    await edit_call(line.front.services, "acme", line.call.id, changed)

    await dies(line, "last")

    assert dispatched == len(livekit.dispatched)
    assert "ended" != (await line.now()).state
    assert [] == livekit.deleted
