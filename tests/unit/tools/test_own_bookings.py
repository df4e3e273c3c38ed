"""A customer cancels and moves their own bookings, in one commit each; others' stay out of reach."""

import asyncio

import pytest

from shared.ports import Put, Query

ASHA = {"name": "Asha Rao", "phone": "98765 43210"}


async def documents(desk, collection):
    return (await desk.store.query(collection, Query(limit=500))).documents


async def booked(desk, by="asha", at=0, **asked):
    """A booking of the customer's at one of the times offered; its reference."""
    offered = await desk.call("check_slots", by=by, **asked)
    result = await desk.call("book_slot", by=by, slot=offered.choices[at][0], **ASHA)
    return result.data["reference"]


def tables(desk, *, capacity, monday):
    """Tables for ninety minutes that begin every fifteen."""
    settings = {"slot_minutes": 90, "every_minutes": 15, "capacity": capacity, "show": 10}
    desk.written = {
        "tools": {"check_slots": settings | {"hours": {"monday": monday}}, "book_slot": {"needs": []}}
    }


async def places(desk):
    return [
        document.name
        for collection in ("calendars/main/places", "calendars/main/steps")
        for document in await documents(desk, collection)
    ]


async def test_a_customers_only_booking_is_cancelled_and_its_time_is_free_again(desk):
    """Without a reference the one booking ahead is meant; the next customer is offered its time."""
    reference = await booked(desk, date="monday")
    result = await desk.call("cancel_booking")

    assert result.data == {
        "cancelled": True,
        "reference": reference,
        "title": "Appointment",
        "time": "Mon 23 Nov, 09:00 IST",
    }
    assert [effect.event["what"] for effect in result.effects] == ["booking.cancelled"]
    assert await places(desk) == []
    assert (await desk.call("check_slots", by="rohan", date="monday")).choices[0][1] == "Mon 23 Nov, 09:00"


async def test_a_cancelled_time_may_be_booked_again_by_the_same_customer(desk):
    """The offer that became a booking is an offer again once that is cancelled."""
    slot = (await desk.call("check_slots")).choices[0][0]
    first = await desk.call("book_slot", slot=slot, **ASHA)
    await desk.call("cancel_booking")
    second = await desk.call("book_slot", slot=slot, **ASHA)

    assert second.error is None
    assert second.data["reference"] != first.data["reference"]


async def test_of_several_bookings_the_customer_is_asked_which(desk):
    """Two bookings come as choices under opaque ids; the one that is named goes, the other stays."""
    first, second = await booked(desk, date="monday"), await booked(desk, date="tuesday")
    asked = await desk.call("cancel_booking")
    result = await desk.call("cancel_booking", booking=second.lower())

    assert asked.choices == ((first, "Mon 23 Nov, 09:00"), (second, "Tue 24 Nov, 09:00"))
    assert [each["booking"] for each in asked.data["bookings"]] == [first, second]
    assert result.data["reference"] == second
    assert len(await places(desk)) == 1


@pytest.mark.parametrize("tool", ["cancel_booking", "reschedule_booking"])
async def test_somebody_elses_booking_is_out_of_reach(desk, tool):
    """Not even with its reference: what a customer knows proves nothing, their channel does."""
    reference = await booked(desk, by="rohan")
    slot = (await desk.call("check_slots")).choices[1][0]
    more = {"slot": slot} if tool == "reschedule_booking" else {}
    result = await desk.call(tool, booking=reference, **more)

    assert result.data["bookings"] == []
    assert "offer a person" in result.data["note"]
    assert len(await places(desk)) == 1


async def test_bookings_of_customers_found_to_be_one_are_theirs(desk):
    """Who was merged into another by what a channel proved keeps what they booked before."""
    await booked(desk, by="asha-on-sms")
    await desk.store.create("customers/asha", {"id": "asha"})
    path, merged = "customers/asha-on-sms", {"id": "asha-on-sms", "merged_into": "asha"}
    await desk.store.commit([Put(path, merged)])

    assert (await desk.call("cancel_booking")).data["cancelled"]


async def test_a_booking_that_began_is_not_cancelled(desk):
    """Only what lies ahead can be changed."""
    await booked(desk)
    desk.clock.move(hours=2)

    assert (await desk.call("cancel_booking")).data["bookings"] == []


async def test_a_booking_moves_under_its_own_reference(desk):
    """The new time is taken and the old one freed together; the reference stays what it was."""
    reference = await booked(desk, date="monday")
    (before,) = await places(desk)
    slot, label = (await desk.call("check_slots", date="tuesday")).choices[1]
    result = await desk.call("reschedule_booking", slot=slot)
    (booking,) = await documents(desk, "bookings")
    (after,) = await places(desk)

    assert result.data == {
        "moved": True,
        "reference": reference,
        "title": "Appointment",
        "time": f"{label} IST",
    }
    assert (booking.name, booking.data["name"]) == (reference, "Asha Rao")
    assert (before[:8], after[:8]) == ("20261123", "20261124")
    assert [effect.event["what"] for effect in result.effects] == ["booking.moved"]


async def test_a_booking_that_cannot_move_stands_as_it_was(desk):
    """Where the new time was taken meanwhile the old one is kept, and other times are offered."""
    await booked(desk, date="monday")
    wanted = (await desk.call("check_slots", date="tuesday")).choices[0][0]
    await booked(desk, by="rohan", date="tuesday")
    before = await places(desk)
    result = await desk.call("reschedule_booking", slot=wanted)

    assert "is no longer free; the booking stands as it was" in result.error
    assert result.choices
    assert await places(desk) == before


@pytest.mark.parametrize("tool", ["cancel_booking", "reschedule_booking"])
async def test_the_same_call_again_changes_nothing_more(desk, tool):
    """A turn that runs again after a crash tells what its first run did."""
    await booked(desk, date="monday")
    more = {}
    if tool == "reschedule_booking":
        more = {"slot": (await desk.call("check_slots", date="tuesday")).choices[0][0]}
    first = await desk.call(tool, call_id="turn-9", **more)
    again = await desk.call(tool, call_id="turn-9", **more)

    assert first.data == again.data
    assert first.effects[0].event["event_id"] == again.effects[0].event["event_id"]


async def test_racing_moves_to_one_time_let_one_through(desk):
    """Of ten customers who move to the same time one has it, and nobody lost the booking they had."""
    customers = [f"c{number}" for number in range(10)]
    desk.written = {"tools": {"book_slot": {"needs": []}, "check_slots": {"show": 10}}}
    for customer in customers:
        await booked(desk, by=customer, date="monday")
    slots = [(await desk.call("check_slots", by=c, date="tuesday")).choices[0][0] for c in customers]
    results = await asyncio.gather(
        *(
            desk.call("reschedule_booking", by=customer, slot=slot)
            for customer, slot in zip(customers, slots, strict=True)
        )
    )

    assert sum(1 for result in results if not result.error) == 1
    assert len(await places(desk)) == len(customers)


async def test_tables_begin_every_fifteen_minutes_and_never_twice_at_once(desk):
    """Where slots overlap, a table taken at seven is not free at a quarter past, and again when they left."""
    tables(desk, capacity=1, monday="18:00-22:00")
    before = [label[-5:] for _, label in (await desk.call("check_slots", around="19:00")).choices]
    await booked(desk, at=before.index("19:00"), around="19:00")
    left = await desk.call("check_slots", by="rohan", around="19:30")

    assert before[:3] == ["18:00", "18:15", "18:30"]
    assert [label[-5:] for _, label in left.choices] == ["20:30"]
    assert "begins" not in left.data


async def test_overlapping_slots_are_raced_for_safely(desk):
    """Of many who race for overlapping times, as many get one as there are tables, and each its own table."""
    tables(desk, capacity=3, monday="18:00-20:30")
    customers = [f"c{number}" for number in range(25)]
    offers = [(await desk.call("check_slots", by=customer, date="monday")).choices for customer in customers]
    results = await asyncio.gather(
        *(
            desk.call("book_slot", by=customer, slot=offer[number % len(offer)][0])
            for number, (customer, offer) in enumerate(zip(customers, offers, strict=True))
        )
    )

    made = [document.data for document in await documents(desk, "bookings")]
    assert [label[-5:] for _, label in offers[0]] == ["18:00", "18:15", "18:30", "18:45", "19:00"]
    assert len(made) == sum(1 for result in results if not result.error) == 3
    assert sorted(each["place"] for each in made) == [0, 1, 2]


async def test_a_booking_moves_by_a_quarter_of_an_hour_into_its_own_time(desk):
    """Its own table is no obstacle: of one table the party may come a little later."""
    tables(desk, capacity=2, monday="18:00-20:00")
    await booked(desk)
    later = (await desk.call("check_slots")).choices[1][0]
    await booked(desk, by="rohan")
    result = await desk.call("reschedule_booking", slot=later)
    await desk.call("cancel_booking")

    assert result.data["time"] == "Mon 23 Nov, 18:15 IST"
    assert {document.data["booking"] for document in await documents(desk, "calendars/main/places")} == {
        document.name
        for document in await documents(desk, "bookings")
        if document.data.get("state") != "cancelled"
    }


@pytest.mark.parametrize(
    ("phone", "vertical", "expected"),
    [
        ("+919812345678", "clinic", "Mon 23 Nov, 09:00"),  # the desk's own zone
        ("+12125550142", "clinic", "Mon 23 Nov, 09:00 IST"),
        ("+61412345678", "clinic", "Mon 23 Nov, 09:00 IST"),  # a country of several zones
        (None, "clinic", "Mon 23 Nov, 09:00 IST"),
        ("+919812345678", "b2b_saas", "Mon 23 Nov, 09:00 IST"),
    ],
)
async def test_the_zone_is_told_where_the_customers_clock_may_be_another(desk, phone, vertical, expected):
    """A proved number of the same zone needs no zone; anybody else reads it, and so does the calendar."""
    desk.written = {"desk": {"vertical": vertical}}
    await desk.store.create("customers/asha", {"id": "asha", "phone": phone})
    offered = await desk.call("check_slots", date="monday")
    result = await desk.call("book_slot", slot=offered.choices[0][0], **ASHA)
    (booking,) = await documents(desk, "bookings")

    assert result.data["time"] == booking.data["label"] == expected
    assert ("zone" in offered.data) == expected.endswith("IST")


async def test_a_zone_without_letters_is_told_by_its_distance(desk):
    """Where a zone has no short name, its offset is told."""
    desk.written = {"desk": {"timezone": "Asia/Kathmandu"}}

    assert (await desk.call("check_slots")).data["zone"] == "GMT+5:45"
