"""Books a time that was offered, once, however many customers want it and however often a turn runs."""

from collections.abc import Mapping, Sequence
from typing import Literal, cast

from pydantic import BaseModel, Field

from shared.config.block import Block, Id
from shared.domain.calendar import Booking, Offer
from shared.domain.errors import PreconditionFailed, Transient
from shared.domain.instants import instant, stamp
from shared.tools import agenda, check_slots
from shared.tools.claims import Unreadable, checked, collected, keep, remembered
from shared.tools.happened import about_booking, happened
from shared.tools.local_time import told_time
from shared.tools.shape import ToolContext, ToolResult

NAME = "book_slot"
DESCRIPTION = (
    "Books one of the times check_slots offered in this conversation, by its slot id. Call it only when the "
    "customer has chosen a time and given what the booking needs. Returns the booking reference to tell them."
)
EXAMPLES: Sequence[str] = (
    "Yes, book that one please",
    "I'll take the 10:30",
    "The first one works for me",
    "Confirm my booking",
    "haan yeh wala book kar do",
    "10:30 wala theek hai",
    "pakka kar dijiye",
    "हाँ, यह वाला बुक कर दीजिए",
    "साढ़े दस बजे वाला ठीक है",
)
TIMEOUT = 8.0

_TRIES = 3

Need = Literal["name", "phone", "email", "party_size", "service"]


class Settings(Block):
    """What a booking needs."""

    calendar: Id | None = Field(None, description="Books in this calendar alone; left out = check_slots's.")
    needs: tuple[Need, ...] = Field(
        ("name", "phone"), description="What the customer must give: name, phone, email, party_size, service."
    )


class Arguments(BaseModel):
    """The chosen time and who it is for."""

    slot: str = Field(max_length=12, description="The slot id as check_slots returned it, e.g. S7K2M.")
    name: str | None = Field(None, max_length=200, description="The customer's name as they gave it.")
    phone: str | None = Field(None, max_length=40, description="The customer's phone number as they gave it.")
    email: str | None = Field(None, max_length=254, description="The customer's e-mail address.")
    party_size: int | None = Field(None, ge=1, le=500, description="How many people come.")
    notes: str | None = Field(
        None, max_length=1000, description="Wishes to pass on, as the customer said them."
    )
    service: str | None = Field(None, max_length=200, description="What the appointment is for.")


async def run(arguments: Arguments, context: ToolContext) -> ToolResult:
    """The booking, or an error that says what is missing or which other times are free."""
    settings = cast("Settings", context.settings)
    for _ in range(_TRIES):
        found = await agenda.offered(context.store, context.conversation, arguments.slot)
        if not found or (settings.calendar and found[0].calendar != settings.calendar):
            error = f"slot: {arguments.slot!r} was not offered in this conversation, or too long ago"
            return await check_slots.others(error, context)
        try:
            return await _book(arguments, *found, context)
        except Unreadable as unreadable:
            return ToolResult(data={}, error=str(unreadable))
        except PreconditionFailed:
            continue  # the same customer's other hand: the offer was renewed or used meanwhile
    raise Transient("the offer keeps changing; try again", retry_after=1)


async def _book(arguments: Arguments, offer: Offer, version: str, context: ToolContext) -> ToolResult:
    """The booking the offer became before, or a new one, or other times. Raises what `agenda.book` does."""
    if offer.booking:
        standing = await agenda.booking(context.store, offer.booking)
        if standing and standing.state == "booked" and standing.start == offer.start:  # not moved since
            return _told(standing, context)
    said = await _said(arguments, offer, context)
    made = None
    if instant(offer.start) > context.clock.now():
        label = await told_time(offer.start, offer.timezone, context)
        wanted = _wanted(arguments, said, offer, label, context)
        made = await agenda.book(context.store, wanted, offer, version)
    if made is None:
        return await check_slots.others(
            f"slot: {offer.label(context.language)} is no longer free", context, offer
        )
    return _told(made, context)


async def _said(arguments: Arguments, offer: Offer, context: ToolContext) -> Mapping[str, str]:
    """Name, phone and e-mail, given now or known before. Raises Unreadable for what is missing or wrong."""
    given = {
        field: checked(field, value, context)
        for field in ("name", "phone", "email")
        if (value := getattr(arguments, field)) is not None
    }
    said = {**await remembered(context), **given}
    has = {**said, "party_size": arguments.party_size, "service": arguments.service or offer.service}
    missing = [field for field in cast("Settings", context.settings).needs if not has.get(field)]
    if missing:
        raise Unreadable(
            f"the booking still needs {', '.join(missing)}: ask the customer, then call book_slot again "
            f"with slot {offer.slot}"
        )
    await keep({field: value for field, value in given.items() if field in collected(context)}, context)
    return said


def _wanted(
    arguments: Arguments, said: Mapping[str, str], offer: Offer, label: str, context: ToolContext
) -> Booking:
    return Booking(
        ref="",
        call=context.call_id,
        desk=context.config.desk.id,
        calendar=offer.calendar,
        start=offer.start,
        end=offer.end,
        timezone=offer.timezone,
        place=0,
        every=offer.every,
        title=offer.title,
        service=arguments.service or offer.service,
        customer=context.customer,
        conversation=context.conversation,
        name=said.get("name", ""),
        phone=said.get("phone", ""),
        email=said.get("email", ""),
        party_size=arguments.party_size or 1,
        notes=arguments.notes or "",
        label=label,
        created_at=stamp(context.clock.now()),
    )


def _told(made: Booking, context: ToolContext) -> ToolResult:
    known: dict[str, object] = {
        "booked": True,
        "reference": made.ref,
        "title": made.title,
        "time": made.label,
        "service": made.service,
        "name": made.name,
        "phone": made.phone,
        "party_size": made.party_size if made.party_size > 1 else None,
    }
    event = about_booking(made)
    return ToolResult(
        data={name: value for name, value in known.items() if value},
        effects=(happened("booking.made", made.ref, event, context),),
        confidence=1.0,
    )
