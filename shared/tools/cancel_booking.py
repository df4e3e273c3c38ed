"""Cancels a booking of the customer's own and frees its time, in one commit."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from shared.domain.calendar import Booking
from shared.domain.errors import PreconditionFailed, Transient
from shared.tools import agenda
from shared.tools.happened import about_booking, happened
from shared.tools.own_bookings import meant
from shared.tools.shape import ToolContext, ToolResult

NAME = "cancel_booking"
DESCRIPTION = (
    "Cancels a booking this customer made earlier. Call it when they want to cancel an appointment, a table "
    "or a visit. Leave booking out at first: their only booking is cancelled, of several they are asked "
    "which. Never call it to move a booking to another time."
)
EXAMPLES: Sequence[str] = (
    "Cancel my appointment",
    "I want to cancel my booking for Monday",
    "Please cancel our table tonight",
    "I can't make it, cancel the visit",
    "meri booking cancel kar do",
    "mera appointment cancel karna hai",
    "मेरी बुकिंग कैंसिल कर दीजिए",
    "मेरा अपॉइंटमेंट रद्द कर दो",
)
TIMEOUT = 8.0

_TRIES = 3


class Settings(BaseModel, extra="forbid"):
    """Nothing to set."""


class Arguments(BaseModel):
    """Which booking."""

    booking: str | None = Field(
        None, max_length=20, description="The booking's id as this tool returned it, where there are several."
    )
    date: str | None = Field(
        None, max_length=20, description="YYYY-MM-DD, today, tomorrow or a weekday, if they said which day's."
    )


async def run(arguments: Arguments, context: ToolContext) -> ToolResult:
    """The cancelled booking, or which bookings there are to choose from."""
    for _ in range(_TRIES):
        found = await meant(arguments.booking, context, day=arguments.date)
        if isinstance(found, ToolResult):
            return found
        standing, version = found
        if standing.changed == context.call_id:
            return _told(standing, context)
        now = context.clock.now()
        try:
            ended = await agenda.cancel(context.store, standing, version, context.call_id, now)
        except PreconditionFailed:
            continue  # somebody else changed it meanwhile: look again
        return _told(ended, context)
    raise Transient("the booking keeps changing; try again", retry_after=1)


def _told(ended: Booking, context: ToolContext) -> ToolResult:
    event = about_booking(ended)
    return ToolResult(
        data={"cancelled": True, "reference": ended.ref, "title": ended.title, "time": ended.label},
        effects=(happened("booking.cancelled", ended.ref, event, context),),
        confidence=1.0,
    )
