"""Calls of ours that LiveKit does not dial at once: none rings twice, and none later than it may."""

import pytest

from shared.domain.instants import instant
from tests.unit.telephony.test_calling_out import dials


async def test_a_telephone_that_may_ring_yet_is_not_rung_again(line):
    """LiveKit took the request and did not say so: for a minute nothing is dialled, then once more."""
    line.livekit.telephones = "late"
    await dials(line)
    await line.passes(59)
    before = len(line.livekit.dialled)
    line.livekit.telephones = "ring"
    await line.passes(2)
    (planned,) = await line.planned()

    assert (1, 2) == (before, len(line.livekit.dialled))
    assert "SCL_1" == (await line.call(planned.call)).sip_call


async def test_a_request_that_nothing_took_is_made_again_at_once(line):
    """No telephone rings because of it, so none is waited for."""
    line.livekit.telephones = "refuse"
    await dials(line)
    line.livekit.telephones = "ring"
    await line.passes(1)

    assert 1 == len(line.livekit.dialled)


async def test_livekit_away_for_a_moment_costs_no_attempt(line):
    """The timer comes back and dials the same call."""
    line.livekit.away = True
    await dials(line)
    line.livekit.away = False
    await line.passes(2)
    (planned,) = await line.planned()

    assert (1, 1, "calling") == (len(line.livekit.dialled), planned.attempt, planned.state)


async def test_hours_that_end_while_livekit_is_away_put_it_off(line):
    """They hold for the dialling itself, however long that had to wait; the attempt is not counted."""
    await line.rules(hours={"daily": "09:00-23:55"}, attempts=1)
    line.livekit.away = True
    await dials(line)
    await line.passes(600)
    line.livekit.away = False
    await line.passes(200)
    (planned,) = await line.planned()
    calls = await line.documents("calls")
    before = len(line.livekit.dialled)
    await line.passes((instant(planned.due) - line.clock.now()).total_seconds())
    (ringing,) = await line.planned()

    assert ("waiting", "2026-11-21T03:30:00", 1) == (planned.state, planned.due[:19], planned.undialled)
    assert [("ended", "refused")] == [(one["state"], one["outcome"]) for one in calls]
    assert (0, 1, "calling") == (before, len(line.livekit.dialled), ringing.state)


@pytest.mark.parametrize("over", ["hours", "no"])
async def test_what_ends_calling_while_a_telephone_rings_leaves_it_ringing(line, over):
    """It was dialled in time: nobody takes the telephone from whoever is about to answer it."""
    planned = await dials(line)
    await line.rules(**({"hours": {"daily": "09:00-20:00"}} if over == "hours" else {"enabled": False}))
    line.rung.clear()
    await line.rings()
    (now,) = await line.planned()

    assert ("calling", planned.id) == (now.state, now.id)
    assert "dialling" == (await line.call(now.call)).state
    assert 1 == len(line.livekit.dialled)
