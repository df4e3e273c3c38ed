"""How every desk stands, on one page: what runs, what a file's last save broke, what is not connected."""

from typing import Protocol

import msgspec

BOARD_KEY = "board"
"""The Live key to notify when any of this changes."""


class FileProblem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong in a desk's file, where it stands and what to write instead."""

    file: str
    line: int
    column: int = 1
    path: str = ""  # the key, e.g. channels.webchat.origins
    found: str = ""
    fix: str


class ChannelState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A channel of a desk; `missing` says what connects it, empty where it is connected."""

    name: str
    missing: str = ""


class DeskState(msgspec.Struct, frozen=True, kw_only=True):
    """A desk as its file and the store have it."""

    tenant: str
    desk: str
    name: str
    file: str  # where to edit it
    vertical: str = ""
    languages: tuple[str, ...] = ()
    colour: str = "#1f6feb"
    initials: str = ""
    channels: tuple[ChannelState, ...] = ()
    version: int | None = None  # the published one; None where none ever was
    published_at: str = ""
    problems: tuple[FileProblem, ...] = ()  # of the file as it is now; the published version runs on
    missing_tools: tuple[str, ...] = ()


class ModelState(msgspec.Struct, frozen=True, kw_only=True):
    """Which model answers, said in words for people."""

    label: str  # e.g. "Offline model" or "Gemini 3 Flash"
    offline: bool = False
    trouble: str = ""  # why a key is not used, in its vendor's own words


class DeskBoard(Protocol):
    """Knows how desks stand."""

    async def list(self) -> list[DeskState]:
        """Every desk there is a file or a published version of, in the order of their names."""
        ...

    async def model(self) -> ModelState:
        """The model that answers now."""
        ...
