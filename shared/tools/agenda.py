"""A calendar's documents: the places that are taken, what was offered to whom, and the bookings.

One document per place of a slot, created and never overwritten, is what makes a double booking
impossible: of all who race for it the store lets one through.
"""

from datetime import datetime, timedelta

import msgspec

from shared.domain.calendar import Booking, Offer, Slot, place_name, short_name
from shared.domain.errors import AlreadyExists
from shared.domain.instants import instant, stamp
from shared.ports import Create, Put, Query, Where
from shared.security.tenancy import TenantStore

OFFERED_FOR = timedelta(hours=24)
_LONGEST = timedelta(days=1)  # no slot is longer, so one that began earlier cannot reach into a range


async def taken(store: TenantStore, calendar: str, start: datetime, end: datetime) -> list[Slot]:
    """The taken places that overlap the range, one Slot for each."""
    found: list[Slot] = []
    cursor: str | None = None
    while True:
        page = await store.query(
            f"calendars/{calendar}/places",
            Query(
                where=(
                    Where("start", ">=", stamp(start - _LONGEST)),
                    Where("start", "<", stamp(end)),
                ),
                order=("start",),
                limit=500,
                cursor=cursor,
            ),
        )
        places = (
            Slot(instant(str(place.data["start"])), instant(str(place.data["end"])))
            for place in page.documents
        )
        found += [place for place in places if place.end > start]
        if not page.cursor:
            return found
        cursor = page.cursor


async def offer(store: TenantStore, conversation: str, offers: list[Offer], now: datetime) -> None:
    """Remember what is offered to the conversation, for OFFERED_FOR."""
    if offers:
        until = now + OFFERED_FOR
        await store.commit(
            [Put(_path(conversation, each.slot), msgspec.to_builtins(each), expires=until) for each in offers]
        )


async def offered(store: TenantStore, conversation: str, slot: str) -> tuple[Offer, str] | None:
    """The offer of that short name to this conversation and its version; None where there is none."""
    if not slot.isalnum():
        return None
    found = await store.get(_path(conversation, slot.upper()))
    return (msgspec.convert(found.data, Offer), found.version) if found else None


async def booking(store: TenantStore, ref: str) -> Booking | None:
    """The booking of that reference, or None."""
    found = await store.get(f"bookings/{ref}")
    return msgspec.convert(found.data, Booking) if found else None


async def book(store: TenantStore, wanted: Booking, chosen: Offer, version: str) -> Booking | None:
    """Take a place of the offered slot: place, booking and offer change together or not at all.

    None where every place is taken. A booking of the same `call` that stands already is returned as it
    is. Raises PreconditionFailed where the offer changed since `version` was read.
    """
    slot = Slot(instant(chosen.start), instant(chosen.end))
    for ref in (short_name("booking", wanted.call, letters=letters) for letters in (6, 12)):
        standing = await booking(store, ref)
        if standing and standing.call == wanted.call:
            return standing
        if standing:
            continue  # somebody else's by a rare chance: the longer name
        named = msgspec.structs.replace(wanted, ref=ref)
        for place in range(chosen.capacity):
            made = msgspec.structs.replace(named, place=place)
            try:
                await store.commit(_writes(made, slot, chosen, version))
            except AlreadyExists as error:
                if error.path.endswith(f"bookings/{ref}"):
                    return await booking(store, ref)
            else:
                return made
        return None
    return None


def _writes(made: Booking, slot: Slot, chosen: Offer, version: str) -> list[Create | Put]:
    place = {"shape": 1, "start": made.start, "end": made.end, "booking": made.ref}
    used = msgspec.structs.replace(chosen, booking=made.ref)
    return [
        Create(f"calendars/{made.calendar}/places/{place_name(slot, made.place)}", place),
        Create(f"bookings/{made.ref}", msgspec.to_builtins(made)),
        Put(
            _path(made.conversation, chosen.slot),
            msgspec.to_builtins(used),
            version,
            expires=slot.end + OFFERED_FOR,
        ),
    ]


def _path(conversation: str, slot: str) -> str:
    return f"conversations/{conversation}/offers/{slot}"
