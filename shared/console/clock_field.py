"""A date and a time as a form's field has them: by the clock of a business, wherever its reader sits."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shared.api.problems import Refused

_FIELD = "%Y-%m-%dT%H:%M"


def in_field(at: datetime, zone: ZoneInfo) -> str:
    """An instant as the field shows it."""
    return at.astimezone(zone).strftime(_FIELD)


def from_field(text: str, zone: ZoneInfo) -> datetime:
    """The instant a field means; of an hour that comes twice, the first. Raises Refused (422)."""
    try:
        written = datetime.strptime(text[: len("2026-11-28T09:00")], _FIELD)  # noqa: DTZ007  the field has no zone
    except ValueError as error:
        raise Refused(422, "Choose a day and a time, such as 24 December 2026, 9:00.") from error
    at = written.replace(tzinfo=zone)
    if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != written:
        raise Refused(422, f"There is no {written:%H:%M} on that day: the clocks go forward over it.")
    return at
