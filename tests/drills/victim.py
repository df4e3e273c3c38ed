"""The server as one machine runs it, in a process that kills itself at one chosen point.

A point is `<handler>:<call>:<before|after>:<nth>`: the nth time, within that handler, that this call was
about to be made or had just returned. Checkpoints, the effects ledger and every tool reach the disk by
the store alone, so that their points are the store's. Run by `kill.py` with its orders as JSON.
"""

import asyncio
import json
import logging
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.backends.embedded.clock import EmbeddedClock
from shared.channels import whatsapp
from shared.config.settings import read_settings
from shared.local_server import serve
from shared.telemetry import logs

WATCHED = {
    "store": ("commit", "get", "get_many", "create", "query"),
    "bus": ("publish",),
    "timers": ("set", "cancel"),
    "live": ("notify",),
}

_handler: ContextVar[str] = ContextVar("handler", default="")


@dataclass
class Points:
    """Counts the points passed, writes them down where asked, and dies at the chosen one."""

    fatal: str
    record: Path | None
    passed: Counter[str] = field(default_factory=Counter)

    def reach(self, call: str, when: str) -> None:
        """Pass one point, or not."""
        handler = _handler.get()
        if not handler:
            return
        self.passed[f"{handler}:{call}:{when}"] += 1
        point = f"{handler}:{call}:{when}:{self.passed[f'{handler}:{call}:{when}']}"
        if self.record:
            with self.record.open("a") as file:
                file.write(point + "\n")
        if point == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: str, real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The call with a point on either side."""

        async def watched(*args: Any, **named: Any) -> Any:
            self.reach(call, "before")
            result = await real(*args, **named)
            self.reach(call, "after")
            return result

        return watched


class Door:
    """A port with points around the calls that are watched; everything else passes through."""

    def __init__(self, port: Any, name: str, points: Points) -> None:
        self._port = port
        for verb in WATCHED[name]:
            setattr(self, verb, points.around(f"{name}.{verb}", getattr(port, verb)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)


def handled(name: str, handle: Callable[[Request], Awaitable[Response]]) -> Any:
    """The handler, known by name to every point within it; it dies on its first and last line too."""

    async def named(request: Request) -> Response:
        token = _handler.set(name)
        try:
            return await handle(request)
        finally:
            _handler.reset(token)

    return named


def end_with_parent() -> None:
    """End when the drill does, however it ends: it holds the other end of our standard input."""
    sys.stdin.read()
    os._exit(1)


def main() -> None:
    """Serve until stopped, or dead."""
    orders = json.loads(sys.argv[1])
    threading.Thread(target=end_with_parent, daemon=True).start()
    logs.configure(people=False)
    logging.getLogger("shared").setLevel(logging.INFO)
    ahead = timedelta(seconds=orders["ahead"])
    EmbeddedClock.now = lambda _: datetime.now(UTC) + ahead  # type: ignore[method-assign]
    points = Points(orders["fatal"], Path(orders["record"]) if orders["record"] else None)
    process = bootstrap.Process(read_settings(orders["environment"]), orders["environment"])
    opened = process.opened
    ports = {name: Door(getattr(opened.ports, name), name, points) for name in WATCHED}
    process.__dict__["opened"] = replace(opened, ports=replace(opened.ports, **ports))
    whatsapp.send = points.around("channel.send", whatsapp.send)  # type: ignore[assignment]
    bootstrap.enter(process)
    handles = {
        one.name: handled(one.name, import_module(f"functions.{one.name}").handle) for one in process.handlers
    }
    asyncio.run(serve(process, handles))


if __name__ == "__main__":
    main()
