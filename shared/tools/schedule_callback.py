"""Promises a call back at a time somebody is there to make it, and sets the clock for it."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

import msgspec
from pydantic import BaseModel, Field

from shared.config.block import Block
from shared.config.people_clock import people_hours
from shared.domain.calendar import label
from shared.domain.callbacks import Callback
from shared.domain.effects import SetTimer
from shared.domain.hours import OpeningHours
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.tools import agenda
from shared.tools.claims import Unreadable, checked, collected, keep
from shared.tools.happened import happened
from shared.tools.shape import ToolContext, ToolResult

NAME = "schedule_callback"
DESCRIPTION = (
    "Schedules a phone call from the business to the customer, while its people are there. Call it when the "
    "customer wants to be called, or when nobody is there and a call would settle the matter. Ask for the "
    "phone number and the time first."
)
EXAMPLES: Sequence[str] = (
    "Please call me back",
    "Can someone call me tomorrow at 11?",
    "Call me in 30 minutes",
    "I would rather talk on the phone, ring me later",
    "mujhe call back chahiye",
    "kal 11 baje phone karna",
    "aadhe ghante mein call karo",
    "मुझे वापस कॉल कीजिए",
    "कल 11 बजे फ़ोन कीजिए",
)
TIMEOUT = 5.0

_IN = re.compile(r"in (\d{1,4}) (minutes?|mins?|hours?|days?)")
_FORMS = "write in 30 minutes, in 2 hours, a local time such as 2026-11-23T10:30, or a slot id"


class Settings(Block):
    """How far ahead a callback may be."""

    days_ahead: int = Field(14, ge=1, le=90, description="How many days ahead a callback may be.")


class Arguments(BaseModel):
    """When, where and what about."""

    when: str = Field(
        max_length=40, description="Local time such as 2026-11-23T10:30, `in 30 minutes`, or a slot id."
    )
    phone: str = Field(max_length=40, description="The number to call, as the customer gave it.")
    about: str = Field(max_length=500, description="What the call is about.")


async def run(arguments: Arguments, context: ToolContext) -> ToolResult:
    """The callback, made once however often the call runs; an error for a time nobody is there."""
    hours = people_hours(context.config)
    try:
        phone = checked("phone", arguments.phone, context)
        due = await _due(arguments.when, hours, context)
    except Unreadable as error:
        return ToolResult(data={}, error=str(error))
    if "phone" in collected(context):
        await keep({"phone": phone}, context)
    return await _scheduled(arguments.about, phone, due, hours, context)


async def _due(when: str, hours: OpeningHours, context: ToolContext) -> datetime:
    """The instant meant. Raises Unreadable where it is no time, is past, too far, or nobody is there."""
    now = context.clock.now()
    meant = await _meant(when.strip(), hours, context)
    if meant is None:
        raise Unreadable(f"when: {when!r} is no time; {_FORMS}")
    if meant < now - timedelta(minutes=1):
        raise Unreadable(f"when: {_local(meant, hours)} is past; it is {_local(now, hours)} now")
    limit = cast("Settings", context.settings).days_ahead
    if meant > now + timedelta(days=limit):
        raise Unreadable(f"when: {_local(meant, hours)} is over {limit} days ahead; agree on an earlier time")
    if not hours.is_open(meant):
        following = hours.next_opening(meant)
        instead = f"; from {_local(following, hours)} somebody is" if following else ""
        raise Unreadable(f"when: nobody is there at {_local(meant, hours)}{instead}: offer the customer that")
    return max(meant, now)


async def _meant(when: str, hours: OpeningHours, context: ToolContext) -> datetime | None:
    if spoken := _IN.fullmatch(when.lower()):
        amount, unit = int(spoken[1]), spoken[2][0]
        return (
            context.now
            + {
                "m": timedelta(minutes=amount),
                "h": timedelta(hours=amount),
                "d": timedelta(days=amount),
            }[unit]
        )
    if found := await agenda.offered(context.store, context.conversation, when):
        return instant(found[0].start)
    try:
        written = datetime.fromisoformat(when)
    except ValueError:
        return None
    if "T" not in when.upper() and " " not in when:
        return None  # a day alone is no time
    return written if written.tzinfo else written.replace(tzinfo=hours.zone)


async def _scheduled(
    about: str, phone: str, due: datetime, hours: OpeningHours, context: ToolContext
) -> ToolResult:
    callback = Callback(
        id=digest("callback", context.call_id)[:12],
        desk=context.config.desk.id,
        conversation=context.conversation,
        customer=context.customer,
        phone=phone,
        about=about,
        due=stamp(due),
        created_at=stamp(context.clock.now()),
    )
    path = f"callbacks/{callback.id}"
    if not await context.store.create(path, msgspec.to_builtins(callback)):
        standing = await context.store.get(path)
        callback = msgspec.convert(standing.data, Callback) if standing else callback
    timer = SetTimer(
        name=f"callback-{context.store.tenant}-{callback.id}-{instant(callback.due):%Y%m%dT%H%M%S}",
        due=callback.due,
        handler="ring_callback",
        payload={"tenant": context.store.tenant, "callback": callback.id},
    )
    event: dict[str, object] = {"callback": callback.id, "due": callback.due}
    return ToolResult(
        data={"callback": callback.id, "time": _local(instant(callback.due), hours, context.language)},
        effects=(timer, happened("callback.scheduled", callback.id, event, context)),
        confidence=1.0,
    )


def _local(at: datetime, hours: OpeningHours, language: str = "en") -> str:
    return label(at.astimezone(hours.zone), language)
