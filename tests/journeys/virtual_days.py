"""An installation whose days pass in moments: its clock is moved from one alarm to the next."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from house import LAB, House, opened, said

from shared.backends.embedded import open as embedded
from shared.domain.runs import Run, read_run
from tests.standins.graph_api import GraphApi

LEASE = timedelta(seconds=16)
"""Longer than a claimed job's lease: what is due sooner and was begun is under way."""


@dataclass
class JumpingClock:
    """Goes as any clock does, and forward when told to."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def jump(self, to: datetime) -> None:
        self.ahead = max(self.ahead, to - datetime.now(UTC))


@dataclass
class Days:
    """The installation, the clock, and what the vendor took, each with when."""

    folder: Path
    graph: GraphApi
    graph_url: str
    configs: Path
    clock: JumpingClock
    house: House | None = None
    restarts: int = 0
    at: list[datetime] = field(default_factory=list)
    _open: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    @property
    def running(self) -> House:
        assert self.house is not None
        return self.house

    async def restart(self) -> None:
        """The process ends and another begins on the same folder."""
        numbers = self.house.numbers if self.house else None
        await self.stop()
        self.restarts += 1
        entered = opened(self.folder, self.graph, self.graph_url, FRONTDESK_CONFIGS=str(self.configs))
        self.house = await self._open.enter_async_context(entered)
        self.house.numbers = numbers or self.house.numbers  # a vendor names no two messages alike
        await self.settled()

    async def stop(self) -> None:
        await self._open.aclose()
        self._open = contextlib.AsyncExitStack()

    async def until(self, at: datetime) -> None:
        """Days pass; every alarm rings at its instant."""
        await self.settled()
        while (due := await self._next()) is not None and due <= at:
            self.clock.jump(due)
            await self.settled()
        self.clock.jump(at)
        await self.settled()

    async def settled(self) -> None:
        """Nothing is under way, and nothing is due."""
        give_up = time.monotonic() + 60
        while await self._under_way():
            assert time.monotonic() < give_up, "what is under way does not end"
            await asyncio.sleep(0.01)
        self.at += [self.clock.now()] * (len(self.graph.accepted) - len(self.at))

    async def says(self, body: dict[str, Any]) -> list[str]:
        """The customer writes; what the desk says to it."""
        before = len(self.graph.accepted)
        assert 200 == (await self.running.post_signed("/webhooks/whatsapp", body)).status_code
        await self.until(self.clock.now() + timedelta(seconds=20))
        return [said(one["body"]) for one in self.graph.accepted[before:]]

    def whatsapp(self, text: str, *, account: str = LAB, **more: Any) -> dict[str, Any]:
        """A customer's text, written now."""
        stamp = {"timestamp": str(int(self.clock.now().timestamp()))}
        body = self.running.whatsapp(text, **stamp | more)
        body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = account
        return body

    async def ask(self, text: str, **more: Any) -> list[str]:
        return await self.says(self.whatsapp(text, **more))

    async def tap(self, row: dict[str, str], **more: Any) -> list[str]:
        """The customer taps a row of the last list."""
        reply = {"type": "list_reply", "list_reply": {"id": row["id"], "title": row["title"]}}
        return await self.ask("", type="interactive", interactive=reply, **more)

    def rows(self) -> list[dict[str, str]]:
        """What the last list offered to tap."""
        lists = [one["body"].get("interactive", {}).get("action", {}) for one in self.graph.accepted]
        found = [row for one in lists[-1:] for section in one.get("sections", []) for row in section["rows"]]
        return found or [one["reply"] for one in lists[-1].get("buttons", [])]

    async def runs(self, tenant: str) -> list[Run]:
        """A business's runs, oldest first."""
        found = [read_run(one) for one in await self.running.documents("runs", tenant)]
        return sorted(found, key=lambda run: run.created_at)

    async def _next(self) -> datetime | None:
        """The next instant at which something is due."""
        sql = "SELECT min(due) FROM jobs WHERE state = 'waiting' AND due > ?"
        due = await self._read(sql, self._micros(self.clock.now()))
        return datetime.fromtimestamp(due / 1_000_000, UTC) if due else None

    async def _under_way(self) -> bool:
        sql = "SELECT count(*) FROM jobs WHERE state = 'waiting' AND (due <= ? OR attempt > 0 AND due <= ?)"
        now = self.clock.now()
        return bool(await self._read(sql, self._micros(now), self._micros(now + LEASE)))

    async def _read(self, sql: str, *values: int) -> Any:
        database = self.running.process.opened.databases[0]
        return await database.read(lambda connection: connection.execute(sql, values).fetchone()[0])

    @staticmethod
    def _micros(at: datetime) -> int:
        return int(at.timestamp() * 1_000_000)


@contextlib.asynccontextmanager
async def days_from(
    at: datetime,
    folder: Path,
    graph: GraphApi,
    graph_url: str,
    configs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Days]:
    """An installation that begins at an instant."""
    clock = JumpingClock()
    clock.jump(at)
    monkeypatch.setattr(embedded, "EmbeddedClock", lambda: clock)
    days = Days(folder, graph, graph_url, configs, clock)
    await days.restart()
    try:
        yield days
    finally:
        await days.stop()
