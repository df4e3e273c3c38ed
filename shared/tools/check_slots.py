"""Finds free times and offers them by short names, so that only a time that exists can be booked."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import cast

from pydantic import BaseModel, Field

from shared.config.block import Block, Id, Line
from shared.config.hours import Hours
from shared.domain.calendar import (
    PERIODS,
    Offer,
    Period,
    Slot,
    free,
    short_name,
    slots,
    spread,
    which_day,
)
from shared.domain.hours import OpeningHours
from shared.domain.instants import stamp
from shared.tools import agenda
from shared.tools.local_time import zone_told
from shared.tools.shape import ToolContext, ToolResult

NAME = "check_slots"
DESCRIPTION = (
    "Finds free appointment times and offers them. Returns short slot ids such as S7K2M with the local time; "
    "only these ids can be booked with book_slot, or moved to with reschedule_booking. Call it whenever a "
    "customer asks for an appointment, a table, a visit or a free time, also when they name a time."
)
EXAMPLES: Sequence[str] = (
    "I want to book an appointment",
    "When are you free tomorrow?",
    "Do you have any slots on Monday morning?",
    "Can I come in this evening?",
    "I need a table for tonight",
    "Is there an earlier time available?",
    "appointment book karna hai",
    "kal subah ka time milega?",
    "kya shaam ko koi slot khali hai",
    "doctor se kab mil sakte hain",
    "मुझे अपॉइंटमेंट चाहिए",
    "कल सुबह का समय मिलेगा?",
    "क्या शाम को कोई स्लॉट खाली है?",
)
TIMEOUT = 5.0
REACH = "looks"

_PER_DAY = 3
_NEAREST = 4  # of the times at which slots begin


class Settings(Block):
    """Which calendar, and what a slot of it is."""

    calendar: Id = Field("main", description="The calendar's name; desks that share it share its places.")
    title: Line = Field("Appointment", description="What is booked, as customers say it.")
    slot_minutes: int = Field(30, ge=5, le=480, description="Length of a slot.")
    every_minutes: int | None = Field(
        None, ge=5, le=480, description="A slot begins every so many minutes; left out = back to back."
    )
    capacity: int = Field(1, ge=1, le=50, description="Bookings a slot holds.")
    days_ahead: int = Field(7, ge=1, le=90, description="How many days, today included, are offered.")
    lead_minutes: int = Field(60, ge=0, le=20_160, description="Least time from now to a slot's beginning.")
    hours: Hours | None = Field(None, description="When slots are; the desk's opening hours if left out.")
    show: int = Field(6, ge=1, le=10, description="How many times are offered at once.")

    def slots(self, hours: OpeningHours, days: Sequence[date]) -> Iterator[Slot]:
        """The slots of those days, taken or free."""
        return slots(hours, days, self.slot_minutes, self.every_minutes or 0)


class Arguments(BaseModel):
    """What the customer said of when."""

    date: str | None = Field(
        None, max_length=20, description="YYYY-MM-DD, today, tomorrow or a weekday. Left out = the next days."
    )
    period: Period | None = Field(None, description="Part of the day, if the customer named one.")
    around: time | None = Field(None, description="HH:MM, if the customer named a time of day.")
    service: str | None = Field(None, max_length=200, description="What the appointment is for.")


async def run(arguments: Arguments, context: ToolContext) -> ToolResult:
    """The free times nearest to what was asked; where that day has none, the next ones and a note."""
    return await find(arguments, cast("Settings", context.settings), context)


async def find(arguments: Arguments, settings: Settings, context: ToolContext) -> ToolResult:
    """What `run` does, for `settings` handed in."""
    hours = opening(settings, context)
    today = context.clock.now().astimezone(hours.zone).date()
    horizon = [today + timedelta(days=ahead) for ahead in range(settings.days_ahead)]
    day = which_day(arguments.date, context.now.astimezone(hours.zone).date()) if arguments.date else None
    if arguments.date and day is None:
        return _mend(f"date: {arguments.date!r} is no day; write YYYY-MM-DD, today, tomorrow or a weekday")
    if day and day not in horizon:
        return _mend(f"date: {day} cannot be booked; days from {horizon[0]} to {horizon[-1]} can")
    open_slots = await _open(hours, horizon, settings, context)
    fitting = [slot for slot in open_slots if _fits(slot, hours, day, arguments.period)]
    note = ""
    if not fitting and open_slots:
        note = "Nothing is free at the time asked for; these are the next free times."
    one_day = bool(day and fitting)
    picked = _pick(fitting or open_slots, hours, settings.show, arguments.around, one_day=one_day)
    offers = [_offer(slot, arguments.service or "", settings, hours, context) for slot in picked]
    await agenda.offer(context.store, context.conversation, offers, context.clock.now())
    if not offers:
        note = f"Nothing is free in the next {settings.days_ahead} days; offer a callback or a person."
    begins = _begins(hours, [day] if day else horizon, settings, arguments.around)
    if begins and not note:
        note = "The time asked for is none of this calendar's; say that times begin as in begins."
    zone = await zone_told(offers[0].local, context) if offers else ""
    beside: dict[str, object] = {"note": note, "begins": begins, "zone": zone}
    return _told(offers, beside, settings, context)


async def others(error: str, context: ToolContext, wanted: Offer | None = None) -> ToolResult:
    """The error with times that are free now, nearest to the wanted one, offered in its place."""
    entry = context.config.tools.get(NAME)
    settings = Settings.model_validate(entry.settings if entry else {})
    near = wanted.local if wanted else None
    asked = Arguments(
        date=f"{near:%Y-%m-%d}" if near else None,
        around=near.time() if near else None,
        service=(wanted.service or None) if wanted else None,
    )
    fresh = await find(asked, settings, context)
    if fresh.error:  # the wanted day has passed
        fresh = await find(Arguments(), settings, context)
    return ToolResult(
        data=fresh.data, choices=fresh.choices, error=f"{error}; the times in slots are free, offer them"
    )


def opening(settings: Settings, context: ToolContext) -> OpeningHours:
    """The hours in which this calendar has slots."""
    desk = context.config.desk
    return settings.hours.opening(desk.timezone) if settings.hours else desk.opening


async def _open(
    hours: OpeningHours, horizon: list[date], settings: Settings, context: ToolContext
) -> list[Slot]:
    earliest = context.clock.now() + timedelta(minutes=settings.lead_minutes)
    candidates = [slot for slot in settings.slots(hours, horizon) if slot.start >= earliest]
    if not candidates:
        return []
    taken = await agenda.taken(context.store, settings.calendar, candidates[0].start, candidates[-1].end)
    return free(candidates, taken, settings.capacity)


def _fits(slot: Slot, hours: OpeningHours, day: date | None, period: Period | None) -> bool:
    local = slot.start.astimezone(hours.zone)
    return (day is None or local.date() == day) and (period is None or local.hour in PERIODS[period])


def _pick(
    found: list[Slot], hours: OpeningHours, show: int, around: time | None, *, one_day: bool
) -> list[Slot]:
    if around is None:
        return spread(found, hours.zone, show, show if one_day else _PER_DAY)

    def distance(slot: Slot) -> tuple[float, datetime]:
        local = slot.start.astimezone(hours.zone)
        return abs((local.hour - around.hour) * 60 + local.minute - around.minute), slot.start

    return sorted(sorted(found, key=distance)[:show])


def _begins(hours: OpeningHours, days: list[date], settings: Settings, around: time | None) -> list[str]:
    """Where the asked time is none at which slots begin, taken or free: the nearest that are, as HH:MM."""
    if around is None:
        return []
    grid = {slot.start.astimezone(hours.zone).time() for slot in settings.slots(hours, days)}
    if around.replace(second=0, tzinfo=None) in grid:
        return []

    def distance(begin: time) -> int:
        return abs((begin.hour - around.hour) * 60 + begin.minute - around.minute)

    return [f"{begin:%H:%M}" for begin in sorted(sorted(grid, key=distance)[:_NEAREST])]


def _offer(slot: Slot, service: str, settings: Settings, hours: OpeningHours, context: ToolContext) -> Offer:
    start, every = stamp(slot.start), settings.every_minutes or 0
    return Offer(
        slot=short_name("offer", context.conversation, settings.calendar, start, letters=5),
        calendar=settings.calendar,
        start=start,
        end=stamp(slot.end),
        timezone=hours.timezone,
        capacity=settings.capacity,
        title=settings.title,
        every=every if every < settings.slot_minutes else 0,
        service=service,
    )


def _told(
    offers: list[Offer], beside: dict[str, object], settings: Settings, context: ToolContext
) -> ToolResult:
    choices = tuple((offer.slot, offer.label(context.language)) for offer in offers)
    data: dict[str, object] = {
        "title": settings.title,
        "slots": [
            {"slot": offer.slot, "time": time_told, "date": f"{offer.local:%Y-%m-%d}"}
            for offer, (_, time_told) in zip(offers, choices, strict=True)
        ],
    }
    data |= {name: value for name, value in beside.items() if value}
    return ToolResult(data=data, choices=choices, confidence=1.0)


def _mend(error: str) -> ToolResult:
    return ToolResult(data={}, error=error)
