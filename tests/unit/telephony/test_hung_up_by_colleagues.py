"""A colleague who ends a call of ours ends the calling: whoever did not answer is not rung again."""

import pytest

from shared.desk.calls.hang_up import hang_up
from shared.domain.call_rooms import CALLER
from shared.domain.colleagues import Actor
from shared.domain.errors import Transient
from tests.unit.telephony.test_calling_out import dials
from tests.unit.telephony.test_promised_calls import promise

ASHA = Actor(id="asha", name="Asha")


async def hours_later(line):
    """The planned call once every pause of the file has passed."""
    await line.passes(3 * 3600)
    (planned,) = await line.planned()
    return planned


@pytest.mark.parametrize("job", ["", "AJ_1"])
async def test_hung_up_while_it_rings_nobody_is_called_again(line, job):
    """Whether or not a job waits with it: the call ends at once, as one nobody answered."""
    await dials(line)
    (planned,) = await line.planned()
    await line.taken_up(planned.call, state="dialling", answered_at="", job=job)
    ended = await hang_up(line.services, "acme", planned.call, by=ASHA)
    planned = await hours_later(line)

    assert ("ended", "no_answer", "Asha ended it") == (ended.state, ended.outcome, ended.reason)
    assert ("cancelled", "Asha ended it") == (planned.state, planned.reason)
    assert 1 == len(line.livekit.dialled)


@pytest.mark.parametrize(
    ("outcome", "state"), [("voicemail", "cancelled"), ("failed", "cancelled"), ("completed", "done")]
)
async def test_hung_up_once_it_was_taken_nobody_is_called_again(line, outcome, state):
    """A machine, or a desk that broke, is worth no other attempt then; who was reached, was reached."""
    await dials(line)
    (planned,) = await line.planned()
    await line.taken_up(planned.call)
    await hang_up(line.services, "acme", planned.call, by=ASHA)
    await line.over(planned.call, outcome)

    assert state == (await hours_later(line)).state
    assert 1 == len(line.livekit.dialled)


async def test_hung_up_while_livekit_is_away_it_is_not_dialled_once_it_is_back(line):
    """Whoever hung up is told to try again, and nobody is rung in between."""
    line.livekit.away = True
    await dials(line)
    (planned,) = await line.planned()
    with pytest.raises(Transient):
        await hang_up(line.services, "acme", planned.call, by=ASHA)
    line.livekit.away = False
    await line.passes(5)
    (planned,) = await line.planned()

    assert ("cancelled", "Asha ended it", []) == (planned.state, planned.reason, line.livekit.dialled)
    assert "ended" == (await line.call(planned.call)).state


async def test_a_call_that_ends_while_it_is_to_be_dialled_rings_nobody(line, monkeypatch):
    """Hung up between the making of its room and the dialling."""
    made = line.livekit.create_room

    async def and_hung_up(name, plan):
        await made(name, plan)
        (planned,) = await line.planned()
        await hang_up(line.services, "acme", planned.call, by=ASHA)

    monkeypatch.setattr(line.livekit, "create_room", and_hung_up)
    await dials(line)

    assert ("cancelled", []) == ((await hours_later(line)).state, line.livekit.dialled)
    assert CALLER not in {one for room in line.livekit.inside.values() for one in room}


async def test_a_promised_call_that_is_hung_up_on_is_for_people(line):
    """What was promised to the customer is not forgotten with the calling."""
    await line.rules(callbacks="desk")
    await promise(line)
    (planned,) = await line.planned()
    await hang_up(line.services, "acme", planned.call, by=ASHA)
    await line.passes(5)
    (kept,) = await line.documents("callbacks")

    assert "due" == kept["state"]


async def test_a_call_is_hung_up_whose_plan_is_gone(line):
    """What was planned goes with the desk's days; the call under way is ended all the same."""
    await line.called(direction="outbound", state="dialling", planned="gone")
    ended = await hang_up(line.services, "acme", "c1", by=ASHA)

    assert ("ended", ["room-c1"]) == (ended.state, line.livekit.deleted)
