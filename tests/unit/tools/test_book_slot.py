"""A time is booked once: under races, under reruns, and only where it was offered."""

import asyncio

import pytest

from shared.ports import Delete, Put, Query

ASHA = {"name": "Asha Rao", "phone": "98765 43210"}


async def documents(desk, collection):
    return (await desk.store.query(collection, Query(limit=500))).documents


async def test_a_booking_has_a_reference_a_place_and_its_customer(desk):
    """The result carries what the customer is told; the booking names customer, phone and time."""
    slot, label = (await desk.call("check_slots", service="Check-up")).choices[0]
    result = await desk.call("book_slot", slot=slot, party_size=2, notes="window seat", **ASHA)
    reference = result.data["reference"]

    assert result.error is None
    assert result.data == {
        "booked": True,
        "reference": reference,
        "title": "Appointment",
        "time": f"{label} IST",
        "service": "Check-up",
        "name": "Asha Rao",
        "phone": "+919876543210",
        "party_size": 2,
    }
    (stored,) = await documents(desk, "bookings")
    assert stored.name == reference
    assert (stored.data["customer"], stored.data["start"]) == ("asha", "2026-11-20T05:30:00.000000Z")
    assert [place.data["booking"] for place in await documents(desk, "calendars/main/places")] == [reference]


async def test_a_booking_is_told_once(desk):
    """The event of a booking has one id, however often its result is told."""
    slot = (await desk.call("check_slots")).choices[0][0]
    first = await desk.call("book_slot", slot=slot, **ASHA)
    again = await desk.call("book_slot", slot=slot, **ASHA)

    assert [effect.topic for effect in first.effects] == ["happened"]
    assert first.effects[0].event["what"] == "booking.made"
    assert first.effects[0].event["event_id"] == again.effects[0].event["event_id"]
    assert "Asha" not in str(first.effects)


async def test_two_hundred_customers_race_for_twenty_slots(desk):
    """Every slot is booked exactly once; whoever comes too late is offered what is free."""
    desk.written = {
        "tools": {
            "check_slots": {"slot_minutes": 30, "hours": {"monday": "08:00-18:00"}, "show": 10},
            "book_slot": {"needs": ["name"]},
        }
    }
    customers = [f"c{number}" for number in range(200)]
    offers = [
        await desk.call("check_slots", by=customer, date="monday", around=f"{8 + number % 10:02d}:00")
        for number, customer in enumerate(customers)
    ]
    chosen = [offer.choices[number // 10 % 10][0] for number, offer in enumerate(offers)]
    results = await asyncio.gather(
        *(
            desk.call("book_slot", by=customer, slot=slot, name=customer)
            for customer, slot in zip(customers, chosen, strict=True)
        )
    )
    booked = [result for result in results if not result.error]
    starts = [booking.data["start"] for booking in await documents(desk, "bookings")]

    assert {name for offer in offers for _, name in offer.choices} == {
        f"Mon 23 Nov, {hour:02d}:{minute}" for hour in range(8, 18) for minute in ("00", "30")
    }
    assert len(results) == 200
    assert len(booked) == len(starts) == len(set(starts)) == 20
    assert all("no longer free" in result.error for result in results if result.error)


async def test_a_race_fills_every_place_of_a_slot_and_none_twice(desk):
    """A slot of five places takes five of thirty customers."""
    desk.written = {"tools": {"check_slots": {"capacity": 5}, "book_slot": {"needs": []}}}
    offers = [await desk.call("check_slots", by=f"c{number}") for number in range(30)]
    await asyncio.gather(
        *(desk.call("book_slot", by=f"c{n}", slot=offers[n].choices[0][0]) for n in range(30))
    )

    assert sorted(b.data["place"] for b in await documents(desk, "bookings")) == [0, 1, 2, 3, 4]


async def test_the_same_call_again_is_the_same_booking(desk):
    """A turn that runs again after a crash, even at the same time, books nothing more."""
    desk.written = {"tools": {"check_slots": {"capacity": 10}}}
    slot = (await desk.call("check_slots")).choices[0][0]
    results = await asyncio.gather(
        *(desk.call("book_slot", slot=slot, call_id="turn-7", **ASHA) for _ in range(8))
    )

    assert len({result.data["reference"] for result in results}) == 1
    assert len(await documents(desk, "bookings")) == 1


async def test_saying_yes_twice_books_once(desk):
    """A second call for the slot this conversation booked tells the booking that stands."""
    desk.written = {"tools": {"check_slots": {"capacity": 10}}}
    slot = (await desk.call("check_slots")).choices[0][0]
    first = await desk.call("book_slot", slot=slot, **ASHA)
    second = await desk.call("book_slot", slot=slot.lower(), **ASHA)

    assert first.data == second.data
    assert len(await documents(desk, "bookings")) == 1


@pytest.mark.parametrize("slot", ["ZZZZZ", "../x", "", "Mon 10:30", "S7/K2"])
async def test_a_name_nobody_offered_books_nothing(desk, slot):
    """A made-up time or id is refused, and the times that are free are offered."""
    result = await desk.call("book_slot", slot=slot, **ASHA)

    assert "was not offered in this conversation" in result.error
    assert len(result.choices) == 6
    assert await documents(desk, "bookings") == ()


async def test_another_conversations_offer_books_nothing(desk):
    """A slot id works only where it was offered."""
    slot = (await desk.call("check_slots", by="asha")).choices[0][0]
    result = await desk.call("book_slot", by="rohan", slot=slot, **ASHA)

    assert "was not offered in this conversation" in result.error


async def test_an_old_offer_is_gone(desk):
    """An offer holds for a day; after it the customer is offered anew."""
    slot = (await desk.call("check_slots", date="monday")).choices[0][0]
    desk.clock.move(hours=25)
    result = await desk.call("book_slot", slot=slot, **ASHA)

    assert "too long ago" in result.error


async def test_a_time_that_has_passed_is_not_booked(desk):
    """A slot that began meanwhile is refused with times still to come."""
    slot = (await desk.call("check_slots")).choices[0][0]
    desk.clock.move(hours=2)
    result = await desk.call("book_slot", slot=slot, **ASHA)

    assert "Fri 20 Nov, 11:00 is no longer free" in result.error
    assert result.choices[0][1] > "Fri 20 Nov, 13:00"


async def test_a_taken_slot_comes_with_the_nearest_free_ones(desk):
    """Who is too late gets the times around the one they wanted, bookable at once."""
    desk.written = {"tools": {"check_slots": {"show": 3}}}
    mine = (await desk.call("check_slots", by="asha", date="monday", around="10:30")).choices[1][0]
    theirs = (await desk.call("check_slots", by="rohan", date="monday", around="10:30")).choices[1][0]
    await desk.call("book_slot", by="rohan", slot=theirs, **ASHA)
    late = await desk.call("book_slot", by="asha", slot=mine, **ASHA)

    assert [label for _, label in late.choices] == [
        "Mon 23 Nov, 09:30",
        "Mon 23 Nov, 10:00",
        "Mon 23 Nov, 11:00",
    ]
    assert (await desk.call("book_slot", by="asha", slot=late.choices[2][0], **ASHA)).error is None


async def test_what_a_booking_needs_is_asked_for(desk):
    """A missing name or phone is an error that names it and keeps the slot."""
    slot = (await desk.call("check_slots")).choices[0][0]
    result = await desk.call("book_slot", slot=slot, name="Asha Rao")

    assert result.error == (
        f"the booking still needs phone: ask the customer, then call book_slot again with slot {slot}"
    )


async def test_what_is_known_of_the_customer_need_not_be_asked(desk):
    """Name and phone given earlier in the conversation serve the booking."""
    await desk.call("record_details", **ASHA)
    slot = (await desk.call("check_slots")).choices[0][0]
    result = await desk.call("book_slot", slot=slot)

    assert (result.data["name"], result.data["phone"]) == ("Asha Rao", "+919876543210")


async def test_a_wrong_phone_number_is_told(desk):
    """A number nobody can call is the model's to ask again; nothing is booked."""
    slot = (await desk.call("check_slots")).choices[0][0]
    result = await desk.call("book_slot", slot=slot, name="Asha", phone="12345")

    assert result.error.startswith("phone: '12345' is no phone number")
    assert await documents(desk, "bookings") == ()


async def test_a_cancelled_booking_frees_its_offer(desk):
    """Who cancelled may book the same time again."""
    slot = (await desk.call("check_slots")).choices[0][0]
    first = await desk.call("book_slot", slot=slot, **ASHA)
    (booking,) = await documents(desk, "bookings")
    (place,) = await documents(desk, "calendars/main/places")
    await desk.store.commit([Put(booking.path, {**booking.data, "state": "cancelled"}), Delete(place.path)])
    second = await desk.call("book_slot", slot=slot, **ASHA)

    assert second.error is None
    assert second.data["reference"] != first.data["reference"]


async def test_a_desk_may_book_in_one_calendar_alone(desk):
    """An offer of another calendar is none for this desk's bookings."""
    desk.written = {"tools": {"book_slot": {"calendar": "terrace"}}}
    slot = (await desk.call("check_slots")).choices[0][0]

    assert "was not offered" in (await desk.call("book_slot", slot=slot, **ASHA)).error
