"""A calendar's documents: the places that are taken, what was offered to whom, and the bookings.

One document per place of a slot, created and never overwritten, is what makes a double booking
impossible: of all who race for it the store lets one through. Where slots overlap, a booking creates one
more for each beginning within it, so that two that clash meet in one of them.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from shared.domain.calendar import Booking, Offer, Place, Slot, busy, place_name, short_name, steps
from shared.domain.errors import AlreadyExists
from shared.domain.instants import instant, stamp
from shared.ports import Create, Delete, Document, Put, Query, Where, Write
from shared.security.tenancy import TenantStore

OFFERED_FOR = timedelta(hours=24)
_LONGEST = timedelta(days=1)  # no slot is longer, so one that began earlier cannot reach into a range
_MOST_MERGED = 30  # customers found to be one and the same


async def taken(store: TenantStore, calendar: str, start: datetime, end: datetime) -> list[Place]:
    """The taken places that overlap the range."""
    where = (Where("start", ">=", stamp(start - _LONGEST)), Where("start", "<", stamp(end)))
    found = await _all(store, f"calendars/{calendar}/places", Query(where=where, order=("start",), limit=500))
    places = (
        Place(
            instant(str(each.data["start"])),
            instant(str(each.data["end"])),
            int(each.name.rpartition("-")[2]),
            str(each.data["booking"]),
        )
        for each in found
    )
    return [place for place in places if place.end > start]


async def _all(store: TenantStore, collection: str, query: Query) -> list[Document]:
    found: list[Document] = []
    while True:
        page = await store.query(collection, query)
        found += page.documents
        if not page.cursor:
            return found
        query = replace(query, cursor=page.cursor)


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


async def bookings_of(store: TenantStore, customer: str) -> list[tuple[Booking, str]]:
    """All bookings of a customer, whoever they were before they were known to be one, each with its version.

    The earliest first.
    """
    found = await store.get(f"customers/{customer}")
    kept = str(found.data.get("merged_into") or customer) if found else customer
    merged = await _all(store, "customers", Query(where=(Where("merged_into", "==", kept),)))
    ids = list(dict.fromkeys([customer, kept, *(each.name for each in merged)]))[:_MOST_MERGED]
    documents = await _all(store, "bookings", Query(where=(Where("customer", "in", ids),)))
    theirs = [(msgspec.convert(each.data, Booking), each.version) for each in documents]
    return sorted(theirs, key=lambda pair: (pair[0].start, pair[0].ref))


async def book(store: TenantStore, wanted: Booking, chosen: Offer, version: str) -> Booking | None:
    """Take a place of the offered slot: place, booking and offer change together or not at all.

    None where every place is taken. A booking of the same `call` that stands already is returned as it
    is. Raises PreconditionFailed where the offer changed since `version` was read.
    """
    for ref in (short_name("booking", wanted.call, letters=letters) for letters in (6, 12)):
        standing = await booking(store, ref)
        if standing and standing.call == wanted.call:
            return standing
        if standing:
            continue  # somebody else's by a rare chance: the longer name
        named = msgspec.structs.replace(wanted, ref=ref)
        for place in await _places(store, chosen):
            made = msgspec.structs.replace(named, place=place)
            record = Create(f"bookings/{ref}", msgspec.to_builtins(made))
            try:
                await store.commit([*_take(made), record, _used(made, chosen, version)])
            except AlreadyExists as error:
                if error.path.endswith(f"bookings/{ref}"):
                    return await booking(store, ref)
            else:
                return made
        meanwhile = await booking(store, ref)
        return meanwhile if meanwhile and meanwhile.call == wanted.call else None
    return None


async def cancel(store: TenantStore, standing: Booking, version: str, call: str, now: datetime) -> Booking:
    """Give a booking's place back, in the commit that cancels it.

    Raises PreconditionFailed where the booking changed since `version` was read.
    """
    ended = msgspec.structs.replace(standing, state="cancelled", changed=call, changed_at=stamp(now))
    record = Put(f"bookings/{ended.ref}", msgspec.to_builtins(ended), version)
    await store.commit([*map(Delete, _held(standing)), record])
    return ended


async def move(
    store: TenantStore,
    standing: tuple[Booking, str],
    wanted: Booking,
    chosen: tuple[Offer, str],
) -> Booking | None:
    """Give a booking's place back and take one of the offered slot, together or not at all.

    Booking and offer come each with its version. None where every place is taken; the booking then stands
    as it was. Raises PreconditionFailed where one of the two changed since it was read.
    """
    before, version = standing
    held = _held(before)
    for place in await _places(store, chosen[0], but=before.ref):
        made = msgspec.structs.replace(wanted, place=place)
        taking = _take(made)
        kept = {write.path for write in taking} & set(held)  # of a slot that overlaps its own old one
        writes: list[Write] = [Put(one.path, one.data) if one.path in kept else one for one in taking]
        writes += [Delete(path) for path in held if path not in kept]
        record = Put(f"bookings/{made.ref}", msgspec.to_builtins(made), version)
        try:
            await store.commit([*writes, record, _used(made, *chosen)])
        except AlreadyExists:
            continue
        return made
    return None


async def _places(store: TenantStore, chosen: Offer, but: str = "") -> Iterable[int]:
    """The numbers of places that seem free; creating them decides. `but`: a booking that makes room."""
    slot = Slot(instant(chosen.start), instant(chosen.end))
    found = await taken(store, chosen.calendar, slot.start, slot.end)
    full = busy(slot, (place for place in found if place.booking != but))
    if len(full) >= chosen.capacity:
        return ()
    return (number for number in range(chosen.capacity) if number not in full)


def _take(made: Booking) -> list[Create]:
    """What holds the booking's place."""
    data: dict[str, object] = {"shape": 1, "start": made.start, "end": made.end, "booking": made.ref}
    return [Create(path, data) for path in _held(made)]


def _held(made: Booking) -> list[str]:
    """Where a booking's place stands: once for what is read, and once for each beginning within it."""
    calendar = f"calendars/{made.calendar}"
    within = [f"{calendar}/steps/{place_name(at, made.place)}" for at in steps(made.slot, made.every)]
    return [f"{calendar}/places/{place_name(made.slot.start, made.place)}", *within]


def _used(made: Booking, chosen: Offer, version: str) -> Put:
    used = msgspec.structs.replace(chosen, booking=made.ref)
    until = instant(made.end) + OFFERED_FOR
    return Put(_path(made.conversation, chosen.slot), msgspec.to_builtins(used), version, expires=until)


def _path(conversation: str, slot: str) -> str:
    return f"conversations/{conversation}/offers/{slot}"
