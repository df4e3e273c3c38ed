"""How every desk stands, on one page: what runs, what a file's last save broke, what is not connected."""

from typing import Protocol

import msgspec

from shared.config.availability import Missing
from shared.config.problems import Notice, Problem

BOARD_KEY = "board"
"""The Live key that is notified when any of this changes."""


class ChannelState(msgspec.Struct, frozen=True, kw_only=True):
    """A channel of a desk; `missing` says what would connect it, empty where it is connected."""

    name: str
    missing: str = ""


class DeskState(msgspec.Struct, frozen=True, kw_only=True):
    """A desk as its file and the store have it."""

    tenant: str
    desk: str
    name: str
    file: str = ""  # where to edit it; empty for a desk that was never a file
    vertical: str = ""
    languages: tuple[str, ...] = ()
    colour: str = "#1f6feb"
    initials: str = ""
    channels: tuple[ChannelState, ...] = ()
    version: int | None = None  # the published one; None where there is none yet
    published_at: str = ""
    problems: tuple[Problem, ...] = ()  # of the file as it is now; the published version runs on
    notices: tuple[Notice, ...] = ()
    missing: tuple[Missing, ...] = ()
    differs: bool = False  # what runs was made elsewhere, and the file changed since


class ModelState(msgspec.Struct, frozen=True, kw_only=True):
    """Which model answers, said in words for people."""

    label: str  # e.g. "Offline model" or "Gemini 3 Flash"
    offline: bool = False
    trouble: str = ""  # why a key is not used, in its vendor's own words


class DeskBoard(Protocol):
    """Knows how desks stand."""

    async def list(self) -> list[DeskState]:
        """Every desk there is a file or a published version of, by name."""
        ...

    async def model(self) -> ModelState:
        """The model that answers now."""
        ...
