"""Times as customers are told them: on the desk's clock, with its zone where theirs may be another."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import phonenumbers
from phonenumbers import timezone

from shared.domain.calendar import label
from shared.domain.customers import Customer
from shared.domain.instants import instant
from shared.tools.shape import ToolContext


async def told_time(start: str, zone: str, context: ToolContext) -> str:
    """`Mon 23 Nov, 10:30`, and ` IST` after it where the customer's clock may show another hour."""
    local = instant(start).astimezone(ZoneInfo(zone))
    return f"{label(local, context.language)} {await zone_told(local, context)}".rstrip()


async def zone_told(local: datetime, context: ToolContext) -> str:
    """The zone's short name at that time; empty where the customer's clock surely shows the same.

    That is known of a phone number a channel proved, and never of whoever deals with a business abroad.
    """
    if not (context.config.desk.vertical).startswith("b2b") and await _same_clock(local, context):
        return ""
    name = local.strftime("%Z")
    if name[:1] not in "+-":
        return name
    hours, minutes = name[:3], name[3:]
    return f"GMT{int(hours):+d}{f':{minutes}' if minutes.strip('0') else ''}"


async def _same_clock(local: datetime, context: ToolContext) -> bool:
    found = await context.store.get(f"customers/{context.customer}")
    phone = msgspec.convert(found.data, Customer).phone if found else None
    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(phone)) if phone else ()
        return bool(zones) and {local.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones} == {
            local.utcoffset()
        }
    except (phonenumbers.NumberParseException, KeyError):  # a zone nobody knows
        return False
