"""A voice worker as the others see it: alive, and with which calls."""

from typing import ClassVar

import msgspec


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """A call that one of its jobs carries."""

    tenant: str
    desk: str
    call: str
    room: str
    job: str


class Beat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A worker's sign of life. Its document is `workers/{id}` of the platform."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    at: str  # a stamp
    calls: tuple[Carried, ...] = ()


def beat_path(worker: str) -> str:
    """Where a worker's sign of life stands among the platform's documents."""
    return f"workers/{worker}"
