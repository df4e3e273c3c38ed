"""A calendar's documents where they are many, clash by chance, or change under a booking."""

import msgspec

from shared.domain.calendar import Booking, Offer, short_name
from shared.domain.instants import instant, stamp
from shared.ports import Create
from shared.tools import agenda

ASHA = {"name": "Asha Rao", "phone": "98765 43210"}


async def test_a_calendar_of_more_than_a_page_is_read_whole(desk):
    """Six hundred taken places are all seen, and those outside the range are not."""
    day = instant("2026-11-23T00:00:00Z")
    places = [
        Create(
            f"calendars/main/places/{number:04d}",
            {
                "start": stamp(day.replace(hour=number % 20)),
                "end": stamp(day.replace(hour=number % 20, minute=30)),
                "booking": "x",
            },
        )
        for number in range(600)
    ]
    for part in (places[:300], places[300:]):
        await desk.store.commit(part)

    assert len(await agenda.taken(desk.store, "main", day, day.replace(hour=23))) == 600
    assert (
        len(await agenda.taken(desk.store, "main", day.replace(hour=3, minute=15), day.replace(hour=4))) == 30
    )


async def test_a_reference_that_is_somebody_elses_gets_longer(desk):
    """Two calls whose short references are the same by chance keep their bookings apart."""
    slot = (await desk.call("check_slots")).choices[0][0]
    short = short_name("booking", "turn-1", letters=6)
    theirs = Booking(
        ref=short, call="another", desk="front", calendar="main", start="", end="", timezone="UTC",
        place=0, title="", customer="x", conversation="x",
    )  # fmt: skip
    await desk.store.create(f"bookings/{short}", msgspec.to_builtins(theirs))
    reference = (await desk.call("book_slot", slot=slot, call_id="turn-1", **ASHA)).data["reference"]

    assert reference == short_name("booking", "turn-1", letters=12)
    assert (await agenda.booking(desk.store, short)).call == "another"


async def test_an_offer_renewed_while_it_is_booked_is_booked_all_the_same(desk):
    """A check of the same conversation between reading an offer and booking it loses no booking."""
    slot = (await desk.call("check_slots")).choices[0][0]
    real, renewed = agenda.book, []

    async def renewing(*arguments):
        if not renewed:
            renewed.append(await desk.call("check_slots"))
        return await real(*arguments)

    agenda.book = renewing
    try:
        result = await desk.call("book_slot", slot=slot, **ASHA)
    finally:
        agenda.book = real

    assert result.error is None
    assert renewed


async def test_an_offer_says_its_time_on_its_own_calendars_clock():
    """Each offer carries its zone, so that its label needs no desk."""
    offer = Offer(
        slot="S7K2M", calendar="main", start="2026-11-23T05:00:00.000000Z", end="", timezone="Asia/Kolkata",
        capacity=1, title="Visit",
    )  # fmt: skip

    assert offer.label("en-IN") == "Mon 23 Nov, 10:30"
