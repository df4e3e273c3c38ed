"""Calls of ours that nobody takes, or that are hung up at once: the network's word decides what follows."""

import pytest

from shared.desk.calls.report import record_call_report
from tests.unit.telephony.test_calling_out import dials, left


@pytest.mark.parametrize(
    ("status", "outcome", "state"),
    [
        (486, "busy", "waiting"),
        (600, "busy", "waiting"),
        (603, "refused", "refused"),  # they declined
        (607, "refused", "refused"),  # they want no such calls
        (480, "no_answer", "waiting"),
        (404, "failed", "waiting"),
    ],
)
async def test_the_network_says_why_nobody_took_a_call(line, status, outcome, state):
    """Who declined is let be; a line that is busy, or a telephone that is off, is tried again."""
    line.livekit.status = status
    await dials(line)
    (planned,) = await line.planned()
    call = (await line.documents("calls"))[0]

    assert (state, outcome, outcome) == (planned.state, planned.outcome, call["outcome"])
    assert str(status) in planned.reason


async def test_a_telephone_that_turned_a_call_away_is_busy_where_nobody_says_more(line):
    """LiveKit has one word for a busy line and for a refusal; whoever dialled has a moment to say which."""
    await dials(line)
    (planned,) = await line.planned()
    await record_call_report(line.services, left(await line.call(planned.call), "USER_REJECTED"))
    before = (await line.call(planned.call)).state
    line.livekit.leaves((await line.call(planned.call)).room, "caller")
    await line.passes(4)

    assert ("dialling", "busy") == (before, (await line.call(planned.call)).outcome)


@pytest.mark.parametrize("told", [{"callStatus": "hangup"}, {"callStatus": "active"}, {}])
async def test_who_hung_up_before_anybody_noted_that_they_answered_is_not_called_again(line, told):
    """The telephone's own word, or that it left by itself, says that they had picked up."""
    await dials(line)
    (planned,) = await line.planned()
    await record_call_report(line.services, left(await line.call(planned.call), "CLIENT_INITIATED", **told))
    await line.rings()
    call = await line.call(planned.call)

    assert "done" == (await line.planned())[0].state
    assert ("abandoned", True) == (call.outcome, bool(call.answered_at))
