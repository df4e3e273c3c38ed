"""Every handler in one process: the server of a laptop, of a small agency, and of the end-to-end tests.

On the embedded backend it also tells the bus's facts and rings the timers, through the same doors and
in the same words as Pub/Sub and Cloud Tasks use. On the emulators those call the doors over HTTP.
"""

import asyncio
import contextlib
import errno
import gc
import logging
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.backends.embedded.identity import authorization
from shared.bootstrap import Process
from shared.config.publish import FileResult
from shared.domain.deliveries import Delivery, Firing, pushed, rung
from shared.domain.errors import Permanent, Transient

log = logging.getLogger(__name__)

Handle = Callable[[Request], Awaitable[Response]]
WATCH_AGAIN = 5.0
"""Seconds after which the desks' folder is looked at again where looking failed."""

EVERY_MINUTE, DAY = "* * * * *", 24 * 60
SWEEP_EVERY = 60.0
"""Seconds; as Cloud Scheduler's finest grain."""

YOUNG = 5_000
"""Objects made before the garbage collector looks at them; looking at so many takes some milliseconds."""


def app_of(process: Process, handles: Mapping[str, Handle]) -> Starlette:
    """The public paths of the wiring page, and for the emulators a path for every handler."""
    routes = [
        Route(path, handles[handler.name], methods=[one.method for one in handler.paths if one.path == path])
        for handler in process.handlers
        for path in dict.fromkeys(one.path for one in handler.paths)
    ]
    if not process.settings.embedded:
        routes += [Route(f"/handlers/{name}", handle, methods=["POST"]) for name, handle in handles.items()]
    return Starlette(routes=routes)


def ending(app: ASGIApp, stop: asyncio.Event) -> ASGIApp:
    """The app, whose streams end at `stop`: to them it is as if their readers had gone.

    A stream of events ends by nothing else, and the server would cancel it with an error.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        asked = streaming = False

        async def hear() -> Message:
            nonlocal asked
            if asked:  # all that can come is that the reader has gone
                return await _gone(receive, stop)
            message = await receive()
            asked = not message.get("more_body", False)
            return message

        async def tell(message: Message) -> None:
            nonlocal streaming
            streaming = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        await app(scope, hear, tell)
        if streaming and stop.is_set():
            await send({"type": "http.response.body", "body": b""})

    return answer


async def _gone(receive: Receive, stop: asyncio.Event) -> Message:
    told, stopped = asyncio.ensure_future(receive()), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({told, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return told.result() if told.done() else {"type": "http.disconnect"}
    finally:
        told.cancel()
        stopped.cancel()


async def call(handle: Handle, name: str, body: bytes, **headers: str) -> None:
    """Call a door as Pub/Sub or Cloud Tasks would. Raises Permanent or Transient by its answer's status."""
    given = {"authorization": authorization(), "content-type": "application/json", **headers}
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": f"/handlers/{name}",
        "query_string": b"",
        "headers": [(key.encode(), value.encode()) for key, value in given.items()],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    response = await handle(Request(scope, receive))
    if response.status_code < 300:
        return
    why = bytes(response.body).decode(errors="replace").strip()
    if response.status_code == 503:
        wait = response.headers.get("retry-after")
        raise Transient(why, retry_after=float(wait) if wait else None)
    raise Permanent(why)


@contextlib.asynccontextmanager
async def working(process: Process, handles: Mapping[str, Handle]) -> AsyncIterator[None]:
    """While open, facts are told and timers ring (embedded), and the schedule runs."""
    tasks: list[asyncio.Task[None]] = []
    if process.settings.embedded:
        tasks += _embedded_loops(process, handles)
    elif process.settings.pubsub_emulator:
        from shared.backends.google.open import provision_emulator

        await provision_emulator(process.settings, process.handlers)
    tasks.append(asyncio.create_task(_schedule(process, handles)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _embedded_loops(process: Process, handles: Mapping[str, Handle]) -> list[asyncio.Task[None]]:
    async def deliver(delivery: Delivery) -> None:
        await call(handles[delivery.handler], delivery.handler, pushed(delivery))

    async def fire(firing: Firing) -> None:
        headers = {
            "x-cloudtasks-taskname": firing.name,
            "x-cloudtasks-taskretrycount": str(firing.attempt - 1),
        }
        await call(handles[firing.handler], firing.handler, rung(firing), **headers)

    opened = process.opened
    return [
        asyncio.create_task(opened.bus.run(deliver)),
        asyncio.create_task(opened.timers.run(fire)),
    ]


async def _schedule(process: Process, handles: Mapping[str, Handle]) -> None:
    """Call scheduled handlers at start; after that every minute, or every day where they ask for no more."""
    scheduled = [handler for handler in process.handlers if handler.schedule]
    minute = 0
    while True:
        due = [one.name for one in scheduled if one.schedule == EVERY_MINUTE or minute % DAY == 0]
        minute += 1
        for name in due:
            try:
                await call(handles[name], name, pushed(Delivery(name, "schedule", b"", {}, name, 1)))
            except (Permanent, Transient) as error:
                log.warning("schedule.failed", extra={"handler": name, "why": str(error)})
            except Exception:
                log.exception("schedule.broke", extra={"handler": name})
        await asyncio.sleep(SWEEP_EVERY)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises Permanent naming who holds the port and how to choose another."""
    # Named as TCP, so that asyncio turns off Nagle's wait on what it accepts.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise Permanent(_why_not(host, port, error)) from error
    return listening


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} is taken by {_holder(port)}; stop it, or choose another: PORT={port + 1} make run"
        )
    if error.errno == errno.EACCES:
        return f"port {port} is not for everybody to open; choose one from 1024: PORT=8080 make run"
    return f"HOST={host}: {error.strerror}; write an address this machine has, e.g. HOST=127.0.0.1 make run"


def _holder(port: int) -> str:
    """Who listens on a port, as far as this machine tells."""
    asked = {
        r"p(?P<process>\d+)\nc(?P<name>.+)": ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fcp"],
        r'"(?P<name>[^"]+)",pid=(?P<process>\d+)': ["ss", "-ltnpH", f"sport = :{port}"],
    }
    for answer, command in asked.items():
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run(command, capture_output=True, text=True, timeout=3, check=False)  # noqa: S603  fixed words
            if found := re.search(answer, done.stdout):
                return f"{found['name']} (process {found['process']})"
    return "another program"


def spare_the_collector() -> None:
    """Keep garbage collection off what is loaded: it is no garbage, and looking through it stops all.

    Each full collection of the whole server took 60 ms, several times a second under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


async def serve(process: Process, handles: Mapping[str, Handle]) -> None:
    """Serve until SIGINT or SIGTERM, then finish what runs. Raises Permanent where it cannot start."""
    settings = process.settings
    listening, stop = bind(settings.host, int(settings.port)), asyncio.Event()
    config = uvicorn.Config(
        ending(app_of(process, handles), stop),
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)

    def stopping() -> None:
        server.should_exit = True
        stop.set()

    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stopping)
    spare_the_collector()
    async with working(process, handles):
        publishing = asyncio.create_task(publish_and_watch(process, stop))
        address = f"http://{settings.host}:{listening.getsockname()[1]}"
        log.info("frontdesk.ready", extra={"open": address, "data": settings.data})
        await greet_owner(process, settings.public_url.rstrip("/") or address)
        await server._serve(sockets=[listening])  # noqa: SLF001  without its own signal handlers
        stop.set()
        await asyncio.gather(publishing, return_exceptions=True)
    await process.close()


async def greet_owner(process: Process, address: str) -> None:
    """Give whoever started it a link to become the owner, as long as there is none; logs never hold it."""
    from shared.security.invitations import Invitations

    invitations = Invitations((await process.services()).platform, process.ports.clock)
    if await invitations.owner_missing():
        link = f"{address}/console/join/{await invitations.for_owner(first=True)}"
        told = f"\nThe console has no owner yet. To become it, open (once, within a day):\n  {link}\n\n"
        sys.stdout.write(told)
        sys.stdout.flush()


async def publish_and_watch(process: Process, stop: asyncio.Event) -> None:
    """Publish the folder's desks, and every valid save after that, until stopped."""
    from pathlib import Path

    from shared.config.publish import publish_folder, watch

    folder = Path(process.settings.configs)
    if not folder.is_dir():  # noqa: ASYNC240  once, at the start
        log.warning("configs.no_folder", extra={"folder": str(folder)})
        return
    services, board, catalogue = await process.services(), await process.board(), process.catalogue()
    while not stop.is_set():
        try:
            results = await publish_folder(folder, services.versions, catalogue)
            _tell(results)
            await board.saw(results)
            async for results in watch(folder, services.versions, catalogue, stop=stop):
                _tell(results)
                await board.saw(results)
        except Exception:
            log.exception("configs.watch_broke")
            await asyncio.sleep(WATCH_AGAIN)


def _tell(results: Sequence[FileResult]) -> None:
    """Say what changed, and every problem with its place and fix."""
    for result in results:
        if result.outcome == "published":
            log.info("desk.published", extra={"desk": result.desk, "version": result.version})
        if result.outcome == "differs":
            log.warning("desk.file_differs_from_console", extra={"desk": result.desk})
        for problem in result.problems:
            log.error("desk.file_refused %s", problem)
