"""Whether a worker has room for one more call: by the calls it has and by its processor.

LiveKit's own answer takes a worker without calls for full while it takes its first, and a call that every
worker refused is lost: of four callers in one moment one was answered, and the others were sent for again.
"""

import time

from livekit.agents import AgentServer, JobRequest
from livekit.agents.utils.hw.cpu import get_cpu_monitor
from livekit.agents.worker import _DefaultLoadCalc

from shared.config.settings import Settings

A_CALL = 0.25
"""Share of one processor that a call takes."""

UNSEEN_SECONDS = 3.0
"""Until what a call takes of the processor is in the mean of 2.5 seconds."""


class RoomForCalls:
    """What one worker carries, and what it may."""

    def __init__(self, server: AgentServer, settings: Settings) -> None:
        self._server = server
        self._most = int(settings.voice_calls)
        self._share = float(settings.voice_processor)
        self._processors = get_cpu_monitor().cpu_count()
        self._taking: dict[str, float] = {}  # since when, by job; until its process has it

    def load(self) -> float:
        """How full the worker is, 0 to 1: by its calls or by its processor, whichever is more."""
        now = time.time()
        since = {one.job.id: one.accepted_at for one in self._server.active_jobs} | self._taking
        unseen = sum(now - at < UNSEEN_SECONDS for at in since.values()) * A_CALL / self._processors
        processor = (_DefaultLoadCalc.get_load(self._server) + unseen) / self._share
        return min(max(processor, len(since) / self._most), 1.0)

    async def take(self, request: JobRequest) -> None:
        """Take a call that is offered, where there is room; else LiveKit offers it to another worker."""
        if self.load() >= 1.0:
            await request.reject(terminate=False)
            return
        self._taking[request.id] = time.time()
        try:
            await request.accept(name="Front desk", attributes={"frontdesk.agent": "desk"})
        finally:
            del self._taking[request.id]
