"""How long a handler's first caller waits: a fresh process of the Functions Framework to its first answer.

Google's settings on the official emulators, one worker, compiled files as a build leaves them, pages in
the file cache. Receivers get a signed webhook and answer 200 when it is published; take_turn answers a
conversation with the stand-in for Gemini; the others are told of what they do not find. The yardstick is
the same for a handler that does nothing, started in turn with it: what is shown is the difference.
"""

import asyncio
import http.client
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from emulated import google_environment

from benchmarks.figures import Figure, median, percentile
from benchmarks.first_calls import PUBLIC, SECRET, TOKEN, Call, first_call, message
from benchmarks.servers import ROOT, environment, framework
from shared import bootstrap
from shared.backends.google.pubsub import PubSub
from shared.config.publish import publish_folder
from shared.config.settings import read_settings
from shared.desk.record import record_message
from shared.domain.identity import conversation_id
from tests.emulators import free_port

RECEIVER_MS = 350
GIVE_UP = 60.0


def measure(*, quick: bool) -> list[Figure]:
    """Every handler of the manifest, each start in turn with a bare one."""
    return asyncio.run(_measure(2 if quick else 10))


async def _measure(count: int) -> list[Figure]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        google = await stack.enter_async_context(google_environment())
        more = {"META_APP_SECRET": SECRET, "TWILIO_AUTH_TOKEN": TOKEN, "FRONTDESK_PUBLIC_URL": PUBLIC}
        # Nobody listens there: what handlers publish and set is taken and goes no further.
        more["FRONTDESK_HANDLERS_URL"] = "http://127.0.0.1:9/{handler}"
        told = {**environment(folder, 0), **google, **more}
        process = bootstrap.Process(read_settings(told), told)
        await _prepared(process)
        figures = []
        for handler in process.handlers:
            ours, bare = [], []
            for number in range(count + 1):
                call = await _asked(process, handler.name)
                mine = await asyncio.to_thread(
                    _start, str(ROOT / "functions" / f"{handler.name}.py"), told, call
                )
                theirs = await asyncio.to_thread(
                    _start, str(ROOT / "benchmarks" / "bare_function.py"), told, call
                )
                if number:  # the first fills the file cache
                    ours.append(mine)
                    bare.append(theirs)
            figures.append(_figure(handler.name, ours, bare))
            print(
                f"{handler.name}: {figures[-1].ours:.0f} ms more than a bare handler's {median(bare):.0f}",
                flush=True,
            )
        await process.close()
        return figures


async def _prepared(process: bootstrap.Process) -> None:
    """Topics without subscribers, and the sample desks published."""
    pubsub = PubSub(process.settings.project, emulator=process.settings.pubsub_emulator)
    for topic in sorted({topic for one in process.handlers for topic in one.publishes}):
        await pubsub.call("PUT", f"topics/{topic}", {})
    await pubsub.close()
    services = await process.services()
    await publish_folder(ROOT / "configs", services.versions, process.catalogue())


async def _asked(process: bootstrap.Process, handler: str) -> Call:
    if handler != "take_turn":
        return first_call(handler)
    said = message()
    await record_message(await process.services(), said)
    conversation = conversation_id("krishna", said.channel, said.account, said.sender.id)
    return first_call(handler, conversation=conversation)


def _start(source: str, told: Mapping[str, str], call: Call) -> float:
    """Milliseconds from the start of a process to its first answer. Raises where that is a refusal."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        framework(source, port),
        env={**told, "PORT": str(port), "WORKERS": "1"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        status = _answer(process, port, call)
        ms = (time.perf_counter() - began) * 1000
    finally:
        os.killpg(process.pid, 15)
        process.wait()
    if status >= 300 and status != 503:  # 503: a change of a message not recorded yet is asked for again
        raise RuntimeError(f"{source} answered {status}")
    return ms


def _answer(process: subprocess.Popen[bytes], port: int, call: Call) -> int:
    give_up = time.monotonic() + GIVE_UP
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP)
        try:
            connection.request(call.method, call.path, call.body or None, call.headers)
            return connection.getresponse().status
        except OSError:
            if process.poll() is not None or time.monotonic() > give_up:
                raise
            time.sleep(0.002)
        finally:
            connection.close()


def _figure(handler: str, ours: list[float], bare: list[float]) -> Figure:
    over = median(ours) - median(bare)
    judged = handler.startswith("receive_")
    whole = f"whole: {median(ours):.0f}, p90 {percentile(ours, 0.9):.0f}"
    return Figure(
        what=f"cold start of {handler} above a bare handler ({whole})",
        ours=over,
        of=f"bare: {median(bare):.0f} ms",
        unit="ms",
        n=len(ours),
        target=f"at most {RECEIVER_MS} ms" if judged else "",
        holds=over <= RECEIVER_MS if judged else None,
    )
