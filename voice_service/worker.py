"""The process that waits for calls: one worker of LiveKit's, whose jobs each carry one call in a process."""

import asyncio
import contextlib
import logging
import math
import signal

from livekit.agents import AgentServer, JobProcess
from livekit.agents.ipc.job_executor import JobExecutor
from livekit.agents.job import RunningJobInfo

from shared import bootstrap
from shared.config.settings import Settings, read_settings
from shared.desk.calls.document import find_call
from shared.desk.services import Services
from shared.domain.call_rooms import call_in, read_metadata
from shared.domain.errors import NotConnected
from shared.domain.identity import new_id
from shared.domain.workers import Carried
from voice_service import metrics
from voice_service.beats import Beats
from voice_service.health import Health
from voice_service.job import answer
from voice_service.rescue import rescued
from voice_service.room_for_calls import RoomForCalls
from voice_service.tasks import Tasks
from voice_service.traces import TRACES

log = logging.getLogger(__name__)

DRAIN_SECONDS = 8
"""Of the ten that Cloud Run gives: by then its calls are other workers'."""

WARN_MB, MOST_MB = 350, 700


def prewarm(_: JobProcess) -> None:
    """What a job's process does before it has a call."""
    found = bootstrap.environment()
    settings = read_settings(found)
    bootstrap.enter(bootstrap.Process(settings, found))
    TRACES.connect(settings)


def worker(settings: Settings) -> AgentServer:
    """The worker, not running yet. Raises NotConnected without LiveKit."""
    if not settings.livekit_url or not settings.livekit_pairs:
        raise NotConnected("LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are not set; run make voice")
    key, secret = settings.livekit_pairs[0]
    server = AgentServer(
        ws_url=settings.livekit_url,
        api_key=key,
        api_secret=secret,
        host="127.0.0.1",
        port=0,  # its own word on its health; ours says more
        setup_fnc=prewarm,
        load_threshold=math.inf,  # there is room or not when a call is offered
        drain_timeout=DRAIN_SECONDS,
        shutdown_process_timeout=2.0,
        initialize_process_timeout=30.0,  # a busy machine takes its time
        num_idle_processes=int(settings.voice_idle),
        job_memory_warn_mb=WARN_MB,
        job_memory_limit_mb=MOST_MB,
        preload_modules=["voice_service.preloaded", f"shared.backends.{settings.backend}.open"],
    )
    room = RoomForCalls(server, settings)
    server.load_fnc = room.load
    server.rtc_session(answer, agent_name=settings.livekit_agent, on_request=room.take)
    return server


class Running:
    """A worker that takes calls."""

    def __init__(self, process: bootstrap.Process, services: Services) -> None:
        self._services = services
        self._server = worker(process.settings)
        self._name = new_id()
        self._registered = False
        self._beats = Beats(services, self._name, self._carries)
        self._health = Health(process.settings, services, lambda: self._registered)
        self._tasks = Tasks()
        self._server.on("worker_registered", self._on_registered)
        self._server.on("worker_started", self._watch_jobs)

    async def run(self) -> None:
        """Take calls until told to stop, then send them on to others."""
        stop = asyncio.Event()
        for told in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(told, stop.set)
        await self._health.open()
        serving = asyncio.ensure_future(self._server.run())
        stopping = asyncio.ensure_future(stop.wait())
        self._tasks.begin(self._beats.run())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not serving.done():
            await self._drain()
        self._tasks.stop()
        await self._beats.end()
        await self._server.aclose()
        await self._health.close()
        await serving

    async def _drain(self) -> None:
        draining = asyncio.ensure_future(self._server.drain(DRAIN_SECONDS))
        await asyncio.sleep(0)  # no job comes back to this worker
        await self._beats.hand_on()
        with contextlib.suppress(TimeoutError):
            await draining

    def _on_registered(self, *_: object) -> None:
        self._registered = True
        log.info("voice.ready", extra={"worker": self._name})

    def _watch_jobs(self) -> None:
        pool = self._server._proc_pool  # noqa: SLF001  nothing public tells of a job that died
        pool.on("process_closed", self._job_ended)

    def _job_ended(self, executor: JobExecutor) -> None:
        if executor.running_job and (carried := carried_by(executor.running_job)):
            self._tasks.begin(self._rescue(carried))

    async def _rescue(self, carried: Carried) -> None:
        await rescued(self._services, carried)
        call = await find_call(self._services.tenant(carried.tenant), carried.call)
        if call is not None and call.state == "ended":
            metrics.count(carried.tenant, call)

    def _carries(self) -> list[Carried]:
        found = [carried_by(job) for job in self._server.active_jobs] if self._registered else []
        return [one for one in found if one]


def carried_by(job: RunningJobInfo) -> Carried | None:
    """The call a job was sent for; None where it is none of ours."""
    whose, room = read_metadata(job.job.metadata), job.job.room.name
    if whose is None:
        return None
    return Carried(tenant=whose.tenant, desk=whose.desk, call=call_in(room, whose), room=room, job=job.job.id)


async def run(process: bootstrap.Process) -> None:
    """Run a worker until it is told to stop. Raises NotConnected."""
    try:
        await Running(process, await process.services()).run()
    finally:
        await process.close()
