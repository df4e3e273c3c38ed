"""The workers that carry calls while they are measured: ours, and LiveKit's plain agent."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from benchmarks import plain_voice_agent
from benchmarks.servers import ROOT, environment
from tests.calls.answering import answering
from tests.emulators import free_port
from voice_service.libraries import FOR_LIBRARIES
from voice_service.livekit_server import LiveKitServer

Ring = Callable[[], Awaitable[tuple[str, dict[str, str]]]]
"""Begins a call: its room, and what its caller's key needs."""

QUIET_MS = 500
"""Of quiet that end a turn on both sides: the stand-in's own; a desk whose file says nothing has 800."""


@asynccontextmanager
async def ours(livekit: LiveKitServer, led: dict[str, str]) -> AsyncIterator[tuple[int, Ring]]:
    """Our worker's process, and calls as a browser's token begins them."""
    async with answering(livekit, led) as desk:
        await desk.publish(voice={"turn_detection": {"silence_duration_ms": QUIET_MS}})

        async def ring() -> tuple[str, dict[str, str]]:
            return (await desk.call()).room, {}

        yield (await desk.start_worker()).pid, ring


@asynccontextmanager
async def plain(livekit: LiveKitServer, led: dict[str, str]) -> AsyncIterator[tuple[int, Ring]]:
    """The yardstick's worker, told by its environment to load no local inference, as ours is."""

    async def ring() -> tuple[str, dict[str, str]]:
        return f"plain-{uuid4().hex}", {"agent": plain_voice_agent.NAME}

    with tempfile.TemporaryDirectory() as folder:
        worker = await asyncio.to_thread(_started, Path(folder), {**livekit.settings, **led})
        try:
            yield worker.pid, ring
        finally:
            await asyncio.to_thread(_stopped, worker)


def _started(folder: Path, led: dict[str, str]) -> "subprocess.Popen[bytes]":
    port, log = free_port(), folder / "log"
    told = environment(folder, port, **led, GOOGLE_API_KEY=led["GEMINI_API_KEY"], **FOR_LIBRARIES)
    command = [sys.executable, "-m", plain_voice_agent.__name__]
    with log.open("wb") as out:
        worker = subprocess.Popen(command, cwd=ROOT, env=told, stdout=out, stderr=out)
    give_up = time.monotonic() + 60
    while b"registered worker" not in log.read_bytes():
        if worker.poll() is not None or time.monotonic() > give_up:
            _stopped(worker)
            raise RuntimeError(f"the plain agent takes no calls: {log.read_text()[-2000:]}")
        time.sleep(0.1)
    return worker


def _stopped(worker: "subprocess.Popen[bytes]") -> None:
    worker.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        worker.wait(12)
    if worker.poll() is None:
        worker.kill()
        worker.wait()
