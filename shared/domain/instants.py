"""Instants as documents hold them: RFC 3339, UTC, microseconds, so that text order is time order."""

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """`2026-11-20T16:03:00.000000Z` for an aware datetime. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"  # without its +00:00


def instant(text: str) -> datetime:
    """The aware UTC datetime of a stamp. Raises ValueError where the text is none."""
    return datetime.fromisoformat(text).astimezone(UTC)
