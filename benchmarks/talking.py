"""Callers who talk all the time, each with an agent in a room, and the stand-in for the model."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.servers import ROOT
from tests import speech
from tests.calls.caller import Caller, calling
from voice_service.livekit_server import LiveKitServer

SENTENCE = "I would like to book a blood test for tomorrow morning please"
ANSWER = "Of course. There is nine o'clock, and half past ten. Which of the two suits you better?"
SCRIPT = [{"type": "Heard"}, {"type": "Says", "text": ANSWER}]
FRAME_MS = 50
"""Of what callers say and hear; with frames of 10 ms one took as much of a core as whoever answers it."""

PAUSE = 5.0
"""Seconds after the answer begins until a caller speaks again: by then it has been heard."""


@contextlib.contextmanager
def model(
    script: list[dict[str, object]] | None = None, *, thinking: float = 0.3
) -> Iterator[dict[str, str]]:
    """The stand-in for Gemini Live in a process of its own; the settings that lead a client to it."""
    with tempfile.TemporaryDirectory() as folder:
        scenes = Path(folder) / "scenes.json"
        scenes.write_text(json.dumps(script or SCRIPT))
        command = [sys.executable, "-m", "tests.standins.gemini_live", "--script", str(scenes)]
        process = subprocess.Popen(
            [*command, "--thinking", str(thinking)],
            cwd=ROOT, env={"PATH": os.environ["PATH"], "HOME": folder}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stdout
            told = [process.stdout.readline().strip().partition("=") for _ in range(3)]
            yield {name: value for name, _, value in told}
        finally:
            process.terminate()
            process.wait(15)


@dataclass
class Talker:
    """A caller who asks, hears, and asks again. Times are in milliseconds."""

    caller: Caller
    question: bytes  # samples at the microphone's rate
    waited: list[float] = field(
        default_factory=list
    )  # from the last of a question to the first of its answer
    unanswered: int = 0

    async def talk(self) -> None:
        """Until cancelled."""
        while True:
            await self.ask()
            await asyncio.sleep(PAUSE)

    async def ask(self) -> None:
        """One question and its answer."""
        _, ended = await self.caller.play(self.question)
        try:
            self.waited.append((await self.caller.hears(ended, 10) - ended) * 1000)
        except TimeoutError:
            self.unanswered += 1

    async def traffic(self) -> tuple[float, int, int]:
        """When, and the bytes out and in by then, with the 28 of IP and UDP for each packet."""
        stats = await self.caller.room.get_rtc_stats()
        sent = received = 0
        for one in (*stats.publisher_stats, *stats.subscriber_stats):
            if one.WhichOneof("stats") == "candidate_pair":
                pair = one.candidate_pair.candidate_pair
                sent += pair.bytes_sent + 28 * pair.packets_sent
                received += pair.bytes_received + 28 * pair.packets_received
        return time.monotonic(), sent, received


@asynccontextmanager
async def talking(
    server: LiveKitServer, room: str, *, after: float = 0.0, **key: str
) -> AsyncIterator[Talker]:
    """A caller who was greeted and talks; begins `after` so many seconds, that not all speak at once."""
    async with AsyncExitStack() as stack:
        caller = await stack.enter_async_context(calling(server, room, frame_ms=FRAME_MS, **key))
        talker = Talker(caller, await asyncio.to_thread(speech.pcm, SENTENCE))
        await caller.hears(0, 60)

        async def begin() -> None:
            await asyncio.sleep(after)
            await talker.talk()

        task = asyncio.create_task(begin())
        try:
            yield talker
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
