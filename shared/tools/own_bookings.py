"""Which booking a customer means, among those of their own that lie ahead; nobody else's is ever found."""

from datetime import date
from zoneinfo import ZoneInfo

from shared.domain.calendar import Booking, which_day
from shared.domain.instants import instant
from shared.tools import agenda
from shared.tools.shape import ToolContext, ToolResult

Standing = tuple[Booking, str]
"""A booking with the version it was read at."""


async def meant(ref: str | None, context: ToolContext, *, day: str | None = None) -> Standing | ToolResult:
    """The booking of that reference, or their only one (of that day); else what tells the model to ask which.

    The one this very call changed already is found as well, so that a call may run again.
    """
    theirs = await agenda.bookings_of(context.store, context.customer)
    done = next((each for each in theirs if each[0].changed == context.call_id), None)
    ahead = [each for each in theirs if _ahead(each[0], context)]
    of_day = [each for each in ahead if not day or _day(each[0]) == _asked(day, each[0], context)]
    if done or (len(of_day) == 1 and not ref):
        return done or of_day[0]
    if not ahead:
        note = (
            "This customer has no booking ahead that was made from here. One made elsewhere cannot be "
            "changed here: offer a person."
        )
        return ToolResult(data={"bookings": [], "note": note})
    wanted = next((each for each in ahead if ref and each[0].ref == ref.strip().upper()), None)
    return wanted or _which(ref, [booking for booking, _ in ahead])


def _ahead(booking: Booking, context: ToolContext) -> bool:
    return booking.state == "booked" and instant(booking.start) > context.clock.now()


def _day(booking: Booking) -> date:
    return instant(booking.start).astimezone(ZoneInfo(booking.timezone)).date()


def _asked(day: str, booking: Booking, context: ToolContext) -> date | None:
    return which_day(day, context.clock.now().astimezone(ZoneInfo(booking.timezone)).date())


def _which(ref: str | None, ahead: list[Booking]) -> ToolResult:
    bookings = [
        {"booking": one.ref, "time": one.label, "title": one.title, "service": one.service} for one in ahead
    ]
    note = "Ask which booking is meant, then call again with its id."
    return ToolResult(
        data={"bookings": bookings, "note": f"booking: {ref!r} is none of theirs. {note}" if ref else note},
        choices=tuple((one.ref, one.label.rpartition(" ")[0] if _zoned(one) else one.label) for one in ahead),
    )


def _zoned(booking: Booking) -> bool:
    return not booking.label[-1:].isdigit()
