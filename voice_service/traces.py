"""Tells the operator's collector how spoken turns went: times and ways, never a word; without one, nobody."""

import asyncio
from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NoOpTracer, Tracer

from shared.config.settings import Settings
from shared.domain.calls import Call

PATIENCE = 2
"""Seconds a collector has to take what it is sent."""

SOON_MS = 2000
"""Milliseconds that a finished turn waits for others before it is sent."""


class Traces:
    """This process's. LiveKit's own spans, which hold what was said, go elsewhere: nowhere."""

    def __init__(self) -> None:
        self.tracer: Tracer = NoOpTracer()
        self._provider: TracerProvider | None = None

    def connect(self, settings: Settings) -> None:
        """Send to the collector that the operator names, from now on."""
        if not settings.otlp_endpoint:
            return
        exporter = OTLPSpanExporter(f"{settings.otlp_endpoint.rstrip('/')}/v1/traces", timeout=PATIENCE)
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "frontdesk-voice"}), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=SOON_MS))
        self.tracer = self._provider.get_tracer("frontdesk.voice")

    def turn(self, call: Call, times: Mapping[str, object], *, interrupted: bool) -> None:
        """Tell of words of ours that were played: from the end of the caller's, where it is known.

        `times` are LiveKit's, in seconds.
        """
        first, last, waited = (
            float(value) if isinstance(value := times.get(name), int | float) else None
            for name in ("started_speaking_at", "stopped_speaking_at", "e2e_latency")
        )
        if first is None or last is None:
            return
        span = self.tracer.start_span("turn", start_time=_ns(first - (waited or 0.0)))
        span.set_attribute("frontdesk.call_id", call.id)
        span.set_attribute("frontdesk.mode", call.mode)
        span.set_attribute("frontdesk.interrupted", interrupted)
        span.add_event("first sound", timestamp=_ns(first))
        span.end(end_time=_ns(last))

    async def close(self) -> None:
        """Send what waits; nothing is sent after it."""
        if self._provider is not None:
            self.tracer = NoOpTracer()
            await asyncio.to_thread(self._provider.shutdown)
            self._provider = None


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)


TRACES = Traces()
"""Those of the process, which is one call's."""
