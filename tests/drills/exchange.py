"""Calls as in production, for drills: the product, LiveKit, voice workers and a model, each by itself."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import psutil
from livekit import api

from shared.desk.calls.document import find_call
from shared.domain.calls import Call
from shared.ports import Query
from tests.calls.answering import ROOT, Answering, answering
from tests.calls.caller import Caller
from tests.livekit_server import cache
from tests.standins.gemini_live import GeminiLive
from voice_service.livekit_server import free_port, running

STARTS_WITHIN = 60.0
"""Seconds until the product must serve, on a machine that is busy."""


@dataclass
class Exchange:
    """The running parts; `desk` is the installation with its workers, `model` plays its scenes."""

    desk: Answering
    model: GeminiLive
    url: str
    http: httpx.AsyncClient

    async def ask_for_a_room(self) -> tuple[Call, dict[str, str]]:
        """A call as a page makes it, by the product's own door, and what lets its caller in."""
        headers = {"X-Frontdesk-Session": uuid4().hex}
        answer = await self.http.post(f"{self.url}/voice/front/token", headers=headers)
        assert answer.status_code == 201, answer.text
        entrance: dict[str, str] = answer.json()
        call = await find_call(self.desk.store, entrance["call"])
        assert call is not None
        return call, entrance

    async def call(self) -> tuple[Call, Caller]:
        """The same with its caller, who is in the room."""
        call, entrance = await self.ask_for_a_room()
        caller = Caller()
        await caller.join(entrance["url"], entrance["token"])
        return call, caller

    async def left_of(self, call: Call, *, within: float) -> list[str]:
        """What is left of a call after so many seconds: a document not ended, a room; nothing at best."""
        left, give_up = "the call", time.monotonic() + within
        while left and time.monotonic() < give_up:
            await asyncio.sleep(0.25)
            found = await self.desk.now(call)
            rooms = await self.desk.api.room.list_rooms(api.ListRoomsRequest(names=[call.room]))
            left = "the room" if rooms.rooms else ""
            left = f"the call ({found.state})" if found.state != "ended" else left
        return [f"{left} was open {within:.0f} s after the caller had left"] if left else []

    async def made(self, collection: str, call: Call) -> list[dict[str, Any]]:
        """The documents of a collection that belong to a call's conversation."""
        page = await self.desk.store.query(collection, Query(limit=1000))
        rows = [document.data for document in page.documents]
        return [row for row in rows if row.get("conversation") == call.conversation]

    async def staff(self, workers: int) -> None:
        """See to it that so many workers run, each with a process ready for the next call."""
        while sum(worker.poll() is None for worker in self.desk.workers) < workers:
            await self.desk.start_worker()
            log = self.desk.logs[-1]
            await self.desk.until(lambda log=log: b"process initialized" in log.read_bytes(), 60)

    def carrier(self) -> tuple[subprocess.Popen[bytes], psutil.Process]:
        """The worker that carries the one call there is, and its job's process. Raises LookupError."""
        for worker in self.desk.workers:
            if worker.poll() is None:
                for child in psutil.Process(worker.pid).children(recursive=True):
                    with suppress(psutil.NoSuchProcess):
                        if child.net_connections("udp"):  # only who is in a room has any
                            return worker, child
        raise LookupError("no job of any worker is in a room")

    def kill_worker(self, worker: subprocess.Popen[bytes]) -> None:
        """SIGKILL a worker with its jobs, as when its machine is gone."""
        family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        worker.wait()

    def kill_workers(self) -> None:
        """SIGKILL every worker that runs."""
        for worker in self.desk.workers:
            if worker.poll() is None:
                self.kill_worker(worker)


@asynccontextmanager
async def exchange(
    model: GeminiLive,
    *,
    workers: int,
    webhooks: bool = True,
    vendors: Mapping[str, str] | None = None,
    **place: str,
) -> AsyncIterator[Exchange]:
    """The whole on one machine; without `webhooks` LiveKit's tellings all get lost.

    `vendors` are the settings of others than the model; `place` is where LiveKit serves: its `host` and
    `interface`, loopback where they are left out.
    """
    port = free_port()
    hook = f"http://127.0.0.1:{port if webhooks else free_port()}/webhooks/livekit"
    settings = {**model.settings, **(vendors or {}), "PORT": str(port)}
    with running(cache=cache(), webhooks=[hook], **place) as server:
        async with answering(server, settings) as desk, httpx.AsyncClient(trust_env=False) as http:
            product = await _product(desk)
            try:
                one = Exchange(desk, model, f"http://127.0.0.1:{port}", http)
                await _serves(one, product)
                await one.staff(workers)
                yield one
            finally:
                product.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    await asyncio.to_thread(product.wait, 10)
                product.kill()
                product.wait()


async def _product(desk: Answering) -> subprocess.Popen[bytes]:
    log = f"{desk.environment['FRONTDESK_DATA']}/product.log"
    with open(log, "wb") as out:  # noqa: ASYNC230, PTH123  opened once, before anything runs
        return subprocess.Popen(  # noqa: ASYNC220  it is waited for elsewhere
            [sys.executable, "-m", "functions"],
            cwd=ROOT,
            env={**os.environ, **desk.environment},
            stdout=out,
            stderr=out,
        )


async def _serves(one: Exchange, product: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while product.poll() is None and time.monotonic() < give_up:
        with suppress(httpx.TransportError):
            await one.http.get(f"{one.url}/voice/front/calls/none")
            return
        await asyncio.sleep(0.2)
    raise TimeoutError(f"the product does not serve on {one.url}")
