"""Moves a booking of the customer's own to an offered time: the old one is freed as the new is taken."""

from collections.abc import Sequence

from msgspec.structs import replace
from pydantic import BaseModel, Field

from shared.domain.calendar import Booking, Offer
from shared.domain.errors import PreconditionFailed, Transient
from shared.domain.instants import instant, stamp
from shared.tools import agenda, check_slots
from shared.tools.happened import about_booking, happened
from shared.tools.local_time import told_time
from shared.tools.own_bookings import Standing, meant
from shared.tools.shape import ToolContext, ToolResult

NAME = "reschedule_booking"
DESCRIPTION = (
    "Moves a booking this customer made earlier to another time, by a slot id check_slots offered in this "
    "conversation. Call it when they want to move, change or postpone an appointment, a table or a visit and "
    "have chosen the new time. Leave booking out at first: of several they are asked which."
)
EXAMPLES: Sequence[str] = (
    "Move my booking to Monday",
    "Can I reschedule my appointment?",
    "I need to change my appointment to tomorrow",
    "Can we reschedule to another day?",
    "Please postpone my visit",
    "meri booking Monday ko shift kar do",
    "mera appointment badalna hai",
    "मेरी बुकिंग सोमवार को कर दीजिए, बदलना है",
    "अपॉइंटमेंट का समय बदलना है",
)
TIMEOUT = 8.0

_TRIES = 3


class Settings(BaseModel, extra="forbid"):
    """Nothing to set."""


class Arguments(BaseModel):
    """The new time, and which booking."""

    slot: str = Field(max_length=12, description="The slot id as check_slots returned it, e.g. S7K2M.")
    booking: str | None = Field(
        None, max_length=20, description="The booking's id as this tool returned it, where there are several."
    )


async def run(arguments: Arguments, context: ToolContext) -> ToolResult:
    """The booking at its new time, which bookings there are, or which other times are free."""
    for _ in range(_TRIES):
        found = await meant(arguments.booking, context)
        if isinstance(found, ToolResult):
            return found
        if found[0].changed == context.call_id:
            return _told(found[0], context)
        chosen = await agenda.offered(context.store, context.conversation, arguments.slot)
        if not chosen or chosen[0].calendar != found[0].calendar:
            error = f"slot: {arguments.slot!r} was not offered in this conversation, or too long ago"
            return await check_slots.others(error, context)
        try:
            return await _moved(found, chosen, context)
        except PreconditionFailed:
            continue  # the booking or the offer changed meanwhile: look again
    raise Transient("the booking keeps changing; try again", retry_after=1)


async def _moved(standing: Standing, chosen: tuple[Offer, str], context: ToolContext) -> ToolResult:
    """The booking at the offered time, or other times. Raises what `agenda.move` does."""
    offer, now = chosen[0], context.clock.now()
    wanted = replace(
        standing[0],
        start=offer.start,
        end=offer.end,
        every=offer.every,
        conversation=context.conversation,
        label=await told_time(offer.start, offer.timezone, context),
        changed=context.call_id,
        changed_at=stamp(now),
    )
    made = None
    if instant(offer.start) > now:
        made = await agenda.move(context.store, standing, wanted, chosen)
    if made is None:
        error = f"slot: {offer.label(context.language)} is no longer free; the booking stands as it was"
        return await check_slots.others(error, context, offer)
    return _told(made, context)


def _told(made: Booking, context: ToolContext) -> ToolResult:
    event = about_booking(made)
    return ToolResult(
        data={"moved": True, "reference": made.ref, "title": made.title, "time": made.label},
        effects=(happened("booking.moved", f"{made.ref} {made.changed}", event, context),),
        confidence=1.0,
    )
