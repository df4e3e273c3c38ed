"""Calls the desk makes: to whom it may, when it may, so many at once, and again where nobody answered."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest

from shared.desk.calls.dial import cancel_planned, dial
from shared.desk.calls.enter import enter
from shared.desk.calls.lines import take_line
from shared.desk.calls.may_call import may_ring_from
from shared.desk.calls.report import record_call_report
from shared.domain.customers import Claim
from shared.domain.errors import NotConnected, NotThere, Permanent
from shared.domain.events import CallReported, InRoom
from shared.domain.instants import instant, stamp
from tests.unit.desk.front import DESK
from tests.unit.telephony.conftest import CUSTOMER, NUMBER, OUTBOUND, VOICE

ABOUT = {"purpose": "Their report is ready", "opening": "Good evening, your report is ready."}


async def dials(line, number=CUSTOMER, **more):
    """Ask for a call, and ring what is due at once."""
    planned = await dial(line.services, "acme", "front", number=number, **ABOUT | more)
    await line.rings()
    return planned


def left(call, reason, **attributes):
    """LiveKit's word that the telephone left the room; attributes by their names after `sip.`."""
    attributes = {f"sip.{name}": value for name, value in attributes.items()}
    whose = msgspec.json.encode({"tenant": "acme", "desk": "front", "call": call.id}).decode()
    someone = InRoom(identity="caller", kind="sip", reason=reason, attributes=attributes)
    return CallReported(
        event_id=f"left-{call.id}", what="left", room=call.room, metadata=whose, participant=someone, at=""
    )


async def test_a_call_is_dialled_through_the_desks_trunk_with_its_number_shown(line):
    """The room is there with the agent, the telephone rings in it, and the call knows why."""
    planned = await dials(line)
    (asked,) = line.livekit.dialled
    (now,) = await line.planned()
    call = await line.call(now.call)

    assert ("ST_out", CUSTOMER, NUMBER, "caller") == (asked.trunk, asked.number, asked.shown, asked.identity)
    assert (call.room, 30, 1800) == (asked.room, asked.ring_seconds, asked.most_seconds)
    assert ("outbound", "dialling", 1, planned.id) == (
        call.direction,
        call.state,
        call.attempt,
        call.planned,
    )
    assert (ABOUT["purpose"], ABOUT["opening"]) == (call.purpose, call.opening)
    assert "calling" == now.state


async def test_a_timer_that_rings_twice_dials_once(line):
    """An attempt has one call, and a telephone that rings already is not rung again."""
    planned = await dials(line)
    line.rung.clear()
    await line.rings()

    assert 1 == len(line.livekit.dialled) == len(await line.documents("calls"))
    assert planned.id == (await line.planned())[0].id


async def test_asked_twice_under_one_name_it_is_one_call(line):
    """A repeated request plans nothing new."""
    first, second = await dials(line, once="k1"), await dials(line, once="k1")

    assert first.id == second.id
    assert 1 == len(await line.planned())


async def test_nobody_answers_and_they_are_tried_again_after_the_pauses_of_the_file(line):
    """Three attempts, after 15 minutes and two hours; then it is over, and says why."""
    await dials(line)
    starts = []
    for _ in range(3):
        (planned,) = await line.planned()
        starts.append(line.clock.now())
        await record_call_report(line.services, left(await line.call(planned.call), "USER_UNAVAILABLE"))
        await line.rings()
        (planned,) = await line.planned()
        if planned.state == "waiting":
            await line.passes((instant(planned.due) - line.clock.now()).total_seconds())
    (planned,) = await line.planned()

    assert [15, 120] == [round((b - a).total_seconds() / 60) for a, b in pairwise(starts)]
    assert ("failed", 3, "no_answer") == (planned.state, planned.attempt, planned.outcome)
    assert "USER_UNAVAILABLE" in planned.reason
    assert 3 == len(line.livekit.dialled)


@pytest.mark.parametrize(
    ("left", "outcome", "state"),
    [
        ("", "completed", "done"),
        ("", "handed_over", "done"),
        ("", "busy", "waiting"),
        ("", "voicemail", "waiting"),
        ("2026-11-20T18:20:00.000000Z", "voicemail", "done"),
        ("", "refused", "refused"),
    ],
)
async def test_what_becomes_of_a_call_by_how_it_ended(line, left, outcome, state):
    """Who was reached is not called again; a machine is, unless a message was left there."""
    await dials(line)
    (planned,) = await line.planned()
    await line.taken_up(planned.call, answered_at="", message_left=left)
    await line.over(planned.call, outcome)
    await line.rings()
    (planned,) = await line.planned()

    assert (state, outcome) == (planned.state, planned.outcome)


@pytest.mark.parametrize(("outcome", "state"), [("abandoned", "done"), ("failed", "waiting")])
async def test_who_picked_up_and_hung_up_is_not_called_again(line, outcome, state):
    """They were reached and want no talk; where we broke, another attempt is owed."""
    await dials(line)
    (planned,) = await line.planned()
    await line.taken_up(planned.call)
    await line.over(planned.call, outcome)
    await line.rings()

    assert state == (await line.planned())[0].state


async def test_no_more_calls_at_once_than_lines_however_many_timers_ring_together(line):
    """The third waits for a line and rings when one is free."""
    for number in range(3):
        await dial(line.services, "acme", "front", number=f"+9198123456{number:02d}", **ABOUT)
    await line.rings()
    before = len(line.livekit.dialled)
    ringing = next(one for one in await line.planned() if one.state == "calling")
    await line.over(ringing.call, "completed")
    await line.passes(25)

    assert (2, 3) == (before, len(line.livekit.dialled))


async def test_calls_out_wait_for_one_of_all_the_desks_lines(line):
    """What a caller holds is not dialled on."""
    await line.publish(voice={**VOICE, "integration": {"max_concurrent_calls": 1}})
    published = await line.running()
    entered = await enter(line.services, published, "visitor")
    await line.taken_up(entered.call)
    await dials(line)
    before = len(line.livekit.dialled)
    await line.over(entered.call, "completed")
    await line.passes(25)

    assert (0, 1) == (before, len(line.livekit.dialled))


async def test_lines_are_counted_when_all_are_taken_at_one_moment(line):
    """Of ten that reach for two lines together, two get one."""
    taken = await asyncio.gather(
        *(take_line(line.services, line.store, "front", f"call-{number}", 2) for number in range(10))
    )

    assert 2 == sum(taken)
    line.clock.move(seconds=61)
    assert await take_line(line.services, line.store, "front", "later", 2)


async def test_nobody_is_called_outside_the_hours(line):
    """What is asked for at ten to midnight rings in the morning, by the clock of whom it rings."""
    await line.rules(hours={"daily": "09:00-20:00"})
    planned = await dials(line)
    before = len(line.livekit.dialled)
    await line.passes((instant(planned.due) - line.clock.now()).total_seconds())

    assert "2026-11-21T03:30:00" == planned.due[:19]  # nine o'clock in Kolkata
    assert (0, 1) == (before, len(line.livekit.dialled))


async def test_hours_that_end_while_a_call_waits_put_it_off(line):
    """The hours hold when it is dialled, not only when it was asked for."""
    await line.rules(hours={"daily": "09:00-23:55"})
    due = line.clock.now() + timedelta(minutes=4)
    await dials(line, due=due)
    await line.rules(hours={"daily": "09:00-20:00"})
    await line.passes(300)
    (planned,) = await line.planned()

    assert [] == line.livekit.dialled
    assert ("waiting", "2026-11-21T03:30:00") == (planned.state, planned.due[:19])


@pytest.mark.parametrize(
    ("number", "hours", "at", "expected"),
    [
        ("+919812345678", "09:00-20:00", "2026-11-20T18:20", "2026-11-21T03:30"),  # their own clock
        ("+14155550100", "09:00-20:00", "2026-11-20T18:20", "2026-11-20T18:20"),  # 10:20 in Los Angeles
        ("+61412345678", "09:00-20:00", "2026-11-20T20:00", "2026-11-21T02:30"),  # nine in Cocos, the last
        (
            "+442071234567",
            None,
            "2026-11-20T20:30",
            "2026-11-21T08:00",
        ),  # the desk's, in London
    ],
)
async def test_hours_are_told_by_the_clock_of_whom_is_called(line, number, hours, at, expected):
    """Where a number may be in several zones, all of them must allow it."""
    outbound = {**OUTBOUND, "hours": {"daily": hours}} if hours else {**OUTBOUND, "hours": None}
    await line.publish(voice={**VOICE, "outbound": {k: v for k, v in outbound.items() if v is not None}})
    config = (await line.running()).config

    assert expected == stamp(may_ring_from(config, number, instant(f"{at}:00Z")))[:16]


async def test_a_customer_is_called_on_the_number_a_channel_proved_or_they_told(line):
    """Without a number of any kind there is nothing to call."""
    told = Claim(value="098123 45678", at="")
    await line.customer_is(claimed={"phone": told})
    await dials(line, number="", customer="asha")
    await line.customer_is("ravi", phone="+919899999999", claimed={"phone": told})
    await dials(line, number="", customer="ravi")
    await line.customer_is("nobody")
    with pytest.raises(Permanent, match="no telephone number is known"):
        await dials(line, number="", customer="nobody")
    with pytest.raises(NotThere):
        await dials(line, number="", customer="stranger")

    assert [CUSTOMER, "+919899999999"] == [one.number for one in line.livekit.dialled]
    calls = {one["contact"]: one["customer"] for one in await line.documents("calls")}
    assert {CUSTOMER: "asha", "+919899999999": "ravi"} == calls


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"voice": {**VOICE, "outbound": {**OUTBOUND, "enabled": False}}}, "voice.outbound.enabled: true"),
        ({"voice": {}, "channels": DESK["channels"]}, "has no voice"),
        (
            {
                "voice": {**VOICE, "outbound": {"enabled": False}},
                "channels": {**DESK["channels"], "room": {}},
            },
            "voice.outbound.enabled",
        ),
    ],
)
async def test_a_desk_that_may_not_call_says_which_key_keeps_it(line, changes, words):
    """Whoever asks learns what to write."""
    await line.publish(**changes)
    with pytest.raises(Permanent, match=words):
        await dials(line)


async def test_what_cannot_be_asked_for_is_told(line):
    """A number that is none, no purpose, another business's desk, and a time too far."""
    for wanted, words in (
        ({"number": "12"}, "no telephone number"),
        ({"purpose": " "}, "say why"),
        ({"due": line.clock.now() + timedelta(days=91)}, "90 days"),
    ):
        with pytest.raises(Permanent, match=words):
            await dials(line, **wanted)
    with pytest.raises(NotThere):
        await dial(line.services, "other", "front", number=CUSTOMER, **ABOUT)


async def test_a_trunk_that_is_missing_ends_the_attempt_with_what_to_run(line):
    """What no retry within the minute mends is told; the pauses of the file hold for it too."""
    line.livekit.out.clear()
    await dials(line)
    (planned,) = await line.planned()

    assert ("waiting", "failed") == (planned.state, planned.outcome)
    assert "frontdesk connect phone --desk front" in planned.reason


async def test_a_call_that_waits_can_be_called_off_and_one_under_way_cannot(line):
    """It never rings, and a second cancelling changes nothing."""
    later = await dials(line, due=line.clock.now() + timedelta(hours=1))
    await cancel_planned(line.services, "acme", later.id)
    again = await cancel_planned(line.services, "acme", later.id)
    await line.passes(3700)
    under_way = await dials(line)
    with pytest.raises(Permanent, match="calling"):
        await cancel_planned(line.services, "acme", under_way.id)

    assert "cancelled" == again.state
    assert 1 == len(line.livekit.dialled)


async def test_without_livekit_no_call_is_planned(line):
    """Whoever asks is told the setting, and no promise is made."""

    def missing():
        raise NotConnected("calls are not connected; set LIVEKIT_URL")

    object.__setattr__(line.services, "livekit", missing)
    with pytest.raises(NotConnected, match="LIVEKIT_URL"):
        await dials(line)
    assert [] == await line.planned()
