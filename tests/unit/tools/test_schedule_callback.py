"""Calls are promised only for times somebody is there, and the clock for them is set once."""

import pytest

from shared.ports import Query

ASK = {"phone": "98765 43210", "about": "price of the family package"}


@pytest.mark.parametrize(
    ("when", "due", "told"),
    [
        ("in 30 minutes", "2026-11-20T05:00:00", "Fri 20 Nov, 10:30"),
        ("in 1 hour", "2026-11-20T05:30:00", "Fri 20 Nov, 11:00"),
        ("In 3 days", "2026-11-23T04:30:00", "Mon 23 Nov, 10:00"),
        ("2026-11-23T15:00", "2026-11-23T09:30:00", "Mon 23 Nov, 15:00"),
        ("2026-11-23 15:00", "2026-11-23T09:30:00", "Mon 23 Nov, 15:00"),
        ("2026-11-23T09:30:00Z", "2026-11-23T09:30:00", "Mon 23 Nov, 15:00"),
    ],
)
async def test_a_time_within_hours_is_promised(desk, when, due, told):
    """Spans from now and local times are understood; timer and record carry the same instant."""
    result = await desk.call("schedule_callback", when=when, **ASK)
    timer, event = result.effects
    ((document,),) = [(await desk.store.query("callbacks", Query())).documents]

    assert result.data == {"callback": document.name, "time": told}
    assert document.data["due"] == timer.due == f"{due}.000000Z"
    assert (document.data["phone"], document.data["about"]) == ("+919876543210", ASK["about"])
    assert timer.handler == "ring_callback"
    assert timer.payload == {"tenant": "acme", "callback": document.name}
    assert event.event["what"] == "callback.scheduled"
    assert "98765" not in str(event)


async def test_an_offered_slot_is_a_time(desk):
    """A slot id of this conversation serves as the time to call."""
    slot, label = (await desk.call("check_slots", date="monday")).choices[1]

    assert (await desk.call("schedule_callback", when=slot, **ASK)).data["time"] == label


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("later", "when: 'later' is no time; write in 30 minutes"),
        ("in half an hour", "when: 'in half an hour' is no time"),
        ("2026-11-23", "when: '2026-11-23' is no time"),
        ("in 99999 minutes", "when: 'in 99999 minutes' is no time"),
        ("2026-11-20T09:00", "when: Fri 20 Nov, 09:00 is past; it is Fri 20 Nov, 10:00 now"),
        ("in 30 days", "when: Sun 20 Dec, 10:00 is over 14 days ahead"),
        (
            "2026-11-22T11:00",
            "when: nobody is there at Sun 22 Nov, 11:00; from Mon 23 Nov, 09:00 somebody is",
        ),
        ("2026-11-20T13:30", "when: nobody is there at Fri 20 Nov, 13:30; from Fri 20 Nov, 14:00"),
    ],
)
async def test_any_other_time_is_told_with_the_way_out(desk, when, told):
    """What is no time, past, too far or closed is an error that names the next opening or the forms."""
    result = await desk.call("schedule_callback", when=when, **ASK)

    assert result.error.startswith(told)
    assert result.effects == ()
    assert (await desk.store.query("callbacks", Query())).documents == ()


async def test_a_wrong_number_is_told_before_anything_is_promised(desk):
    """Nobody is promised a call to a number that is none."""
    result = await desk.call("schedule_callback", when="in 1 hour", phone="1", about="x")

    assert result.error.startswith("phone: '1' is no phone number")


async def test_the_same_call_again_promises_one_call(desk):
    """A turn that runs again sets the same timer for the same call."""
    first = await desk.call("schedule_callback", when="in 1 hour", call_id="turn-1", **ASK)
    desk.clock.move(minutes=3)
    again = await desk.call("schedule_callback", when="in 1 hour", call_id="turn-1", **ASK)

    assert first.data == again.data
    assert first.effects[0] == again.effects[0]


async def test_a_call_is_promised_by_the_hours_of_people_where_they_have_their_own(desk):
    """A desk that is open when nobody is there to call promises no call then, and says when somebody is."""
    desk.written["behavior"] = {"escalation": {"hours": {"monday-saturday": "10:00-12:00"}}}

    late = await desk.call("schedule_callback", when="2026-11-20T15:00", **ASK)
    assert "nobody is there at Fri 20 Nov, 15:00; from Sat 21 Nov, 10:00 somebody is" in late.error

    assert "Fri 20 Nov, 11:00" == (await desk.call("schedule_callback", when="in 1 hour", **ASK)).data["time"]
