"""What a desk follows up after calls: who rang off without a booking is silent like anybody else."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from shared.desk.calls.begin import Ringing, begin
from shared.desk.calls.document import edit_call
from shared.desk.calls.end import end
from shared.desk.calls.spoken import heard, said
from shared.desk.commit import as_data, head_path
from shared.desk.outreach.rules import QUIET
from shared.domain.calendar import Booking
from shared.domain.calls import Call, CallOutcome
from shared.domain.conversation import Head
from shared.domain.instants import stamp
from shared.ports import Put
from tests.unit.outreach.conftest import CHANNELS, Speaking

NUMBER = "+919812345678"
SILENT = {"condition": "silent_hours >= `24` && !booked", "message": "Shall I hold a time for you?"}
KEEN = {"condition": "qualification >= `0.7` && !booked", "message": "Shall we go on?", "delay": 3600}


async def called(front: Speaking, rule: dict[str, Any], *, says: str = "Do you have a table?") -> Call:
    """Somebody rings, says something and is answered."""
    hours = {"hours": {"daily": "00:00-24:00"}}
    await front.publish(
        behavior={"follow_ups": {"triggers": [rule]}, "outreach": hours},
        channels={
            **CHANNELS,
            "phone": {"numbers": ["+912200000103"]},
            "sms": {"phone_number": "+15550001111", "opt_in_required": False},
        },
        voice={"enabled": True, "mode": "realtime"},
    )
    published = await front.running()
    ringing = Ringing(id="c1", direction="inbound", account="+912200000103", contact=NUMBER, room="r")
    call = await begin(front.services, published, ringing)
    place = (front.services, front.store, call)
    if says:
        await heard(*place, "i1", says, config=published.config)
        await said(*place, "i2", "We do, at seven.", config=published.config)
    return call


def head_of(call: Call, front: Speaking) -> Head:
    """The conversation in which the caller has just written by SMS."""
    at = stamp(front.clock.now())
    return Head(
        desk="front",
        channel="sms",
        account="+15550001111",
        contact=NUMBER,
        customer=call.customer,
        last_at=at,
        last_inbound_at=at,
    )


async def ended(front: Speaking, outcome: CallOutcome = "completed") -> None:
    """The call is over."""
    await end(front.services, front.store, "c1", outcome=outcome)


async def test_a_day_after_a_call_without_a_booking_its_caller_is_asked(front: Speaking) -> None:
    """Silence counts from their last words, wherever they said them."""
    call = await called(front, SILENT)
    await ended(front)
    await front.passes(hours=23)
    assert [] == await front.standing()

    await front.passes(hours=2)
    (sent,) = await front.standing()
    assert ("sent", "sms", call.customer, "Shall I hold a time for you?") == (
        sent.state,
        sent.channel,
        sent.customer,
        sent.saying.text,
    )
    await front.passes(days=3)
    assert 1 == len(await front.standing())


async def test_who_booked_on_the_call_is_not_asked(front: Speaking) -> None:
    """Their appointment stands: there is nothing to follow up."""
    call = await called(front, SILENT)
    begins = front.clock.now() + timedelta(days=3)
    made = Booking(
        ref="K7P2M",
        call="c",
        desk="front",
        calendar="front",
        start=stamp(begins),
        end=stamp(begins + timedelta(minutes=30)),
        timezone="Asia/Kolkata",
        place=0,
        title="Table",
        customer=call.customer,
        conversation=call.conversation,
        created_at=stamp(front.clock.now()),
    )
    await front.store.commit([Put(f"bookings/{made.ref}", msgspec.to_builtins(made))])
    await ended(front)
    await front.passes(hours=26)

    assert [] == await front.standing()


async def test_high_interest_on_a_call_is_followed_up(front: Speaking) -> None:
    """What the call knows of its caller holds where the receipts of its turns do not tell."""
    call = await called(front, KEEN)
    await edit_call(
        front.services, "acme", call.id, lambda one, _: msgspec.structs.replace(one, qualification=0.9)
    )
    await ended(front)
    front.clock.at += QUIET
    await front.rings()
    (planned,) = await front.standing()

    named = "behavior.follow_ups: qualification >= `0.7` && !booked, send_message"
    assert ("waiting", named) == (planned.state, planned.purpose)


async def test_who_writes_after_the_call_is_not_asked(front: Speaking) -> None:
    """The next word of the same customer overtakes it, on any channel."""
    call = await called(front, SILENT)
    await ended(front)
    front.clock.move(hours=3)
    await front.store.commit([Put(head_path("sms"), as_data(head_of(call, front)))])
    await front.passes(hours=24)

    assert ["cancelled"] == [one.state for one in await front.standing()]


@pytest.mark.parametrize("outcome", ["handed_over", "callback"])
async def test_a_call_that_goes_on_with_people_is_not_weighed(front: Speaking, outcome: CallOutcome) -> None:
    """Whom a colleague spoke to, or will call, is theirs."""
    await called(front, SILENT)
    await ended(front, outcome)
    await front.passes(hours=26)

    assert [] == await front.standing()


async def test_a_call_without_a_word_of_theirs_is_not_weighed(front: Speaking) -> None:
    """Who said nothing asked for nothing."""
    await called(front, SILENT, says="")
    await ended(front, "abandoned")
    await front.passes(hours=26)

    assert [] == await front.standing()
