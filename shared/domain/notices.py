"""What a colleague is told while they look elsewhere: their browser shows it, a click opens the place."""

from typing import ClassVar

import msgspec


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a colleague is told. Its document is `colleagues/{colleague}/notices/{id}`."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    at: str  # a stamp
    what: str  # the fact it tells, a dotted name
    title: str
    text: str = ""  # why, for people; no words of the customer
    conversation: str = ""
    link: str = ""  # opens the conversation, the ticket or the run
    rings: bool = False  # whether somebody is on the line meanwhile: it is told with a sound
    seen: bool = False  # whether they looked at it


def notices_path(colleague: str) -> str:
    """Where a colleague's notices stand within their tenant."""
    return f"colleagues/{colleague}/notices"
