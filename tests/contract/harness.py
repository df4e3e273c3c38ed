"""What the contract needs from a backend: its ports, and handlers that hear what bus and timers tell."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from shared.ports import Data, Ports


@dataclass(frozen=True, slots=True)
class Told:
    """A message as a handler hears it."""

    topic: str
    body: bytes
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fired:
    """A timer as a handler is called by it."""

    name: str
    payload: Data


class Harness(Protocol):
    """One backend, open and empty, with its delivery running. What a callback raises fails the delivery.

    `tests/contract/<backend>_ports.py` gives one as an async context manager, `open_<backend>(folder)`.
    """

    @property
    def ports(self) -> Ports:
        """The ports under contract."""
        ...

    async def another(self) -> Ports:
        """The same store, bus, timers and live as another process sees them."""
        ...

    async def subscribe(
        self, topic: str, handler: str, hear: Callable[[Told], Awaitable[None]], *, attempts: int = 5
    ) -> None:
        """From now on `hear` is told what is published on `topic`; pauses between attempts are the least."""
        ...

    async def on_timer(
        self, handler: str, fire: Callable[[Fired], Awaitable[None]], *, attempts: int = 5
    ) -> None:
        """From now on `fire` is called by the timers that name `handler`; pauses are the least."""
        ...

    async def put_secret(self, name: str, value: str) -> None:
        """Add a secret, or a newer value of one."""
        ...


async def until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait for something that must become true; the limit is there to end a broken run, not to measure."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "what must happen did not"
        await asyncio.sleep(0.005)
