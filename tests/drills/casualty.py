"""One server process on a folder of its own: started, killed, started again, always ended."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.house import ROOT, SECRET
from tests.standins.graph_api import as_meta_writes, sign

UNANSWERED = 120.0
"""Seconds until a webhook that is never answered 200 is given up."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Casualty:
    """A server that dies at `fatal` and is started again without its killer by `attend`."""

    folder: Path
    graph_url: str
    fatal: str = ""
    ahead: float = 0.0  # seconds its clock runs ahead once it has died
    died_at: float = 0.0
    port: int = field(default_factory=_free_port)
    _child: asyncio.subprocess.Process | None = None

    @property
    def passed(self) -> Path:
        """The file of the points it passed before its death."""
        return self.folder / "points.txt"

    @property
    def url(self) -> str:
        """Where it serves, before and after."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, *, ahead: float = 0.0, fatal: str = "") -> None:
        """Start the process; it serves a little later."""
        environment = {
            "PORT": str(self.port),
            "FRONTDESK_DATA": str(self.folder / "data"),
            "FRONTDESK_CONFIGS": str(ROOT / "configs"),
            "FRONTDESK_PUBLIC_URL": "http://127.0.0.1:1",
            "FRONTDESK_TURN_SECONDS": "3",
            "META_APP_SECRET": SECRET,
            "META_ACCESS_TOKEN": "t-graph",
            "META_GRAPH_URL": self.graph_url,
        }
        orders = {
            "environment": environment,
            "fatal": fatal,
            "record": str(self.passed if self.died_at == 0 else ""),
            "ahead": ahead,
        }
        with (self.folder / "log.txt").open("a") as log:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.drills.victim",
                json.dumps(orders),
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    async def attend(self) -> None:
        """Start it with its killer, and again after it has killed itself, until it ends otherwise."""
        await self.start(fatal=self.fatal)
        while await self.ended() == -signal.SIGKILL:
            self.died_at = time.monotonic()
            await self.start(ahead=self.ahead)

    async def ended(self) -> int:
        """Wait until the process is over; its exit status."""
        assert self._child is not None
        return await self._child.wait()

    async def stop(self) -> int:
        """End it as an operator does; its exit status."""
        assert self._child is not None
        if self._child.returncode is None:
            self._child.terminate()
            try:
                async with asyncio.timeout(20):
                    await self._child.wait()
            except TimeoutError:
                self._child.kill()
                await self._child.wait()
        assert self._child.returncode is not None
        return self._child.returncode

    async def restart(self, *, ahead: float) -> None:
        """End it and start it again with its clock so many seconds ahead."""
        await self.stop()
        await self.start(ahead=ahead)

    async def tell(self, http: httpx.AsyncClient, body: dict[str, Any]) -> None:
        """POST a WhatsApp webhook until it is answered 200, as Meta does. Raises TimeoutError."""
        raw = as_meta_writes(body)
        headers = {"content-type": "application/json", **sign(raw, SECRET)}
        give_up = time.monotonic() + UNANSWERED
        while time.monotonic() < give_up:
            with contextlib.suppress(httpx.TransportError):
                answer = await http.post(f"{self.url}/webhooks/whatsapp", content=raw, headers=headers)
                if answer.status_code == 200:
                    return
            await asyncio.sleep(0.1)
        raise TimeoutError("waited in vain for a webhook to be taken")

    async def has_desks(self, http: httpx.AsyncClient) -> bool:
        """Whether its desks are published."""
        with contextlib.suppress(httpx.TransportError):
            answer = await http.get(f"{self.url}/chat/krishna/settings")
            return answer.status_code == 200
        return False
