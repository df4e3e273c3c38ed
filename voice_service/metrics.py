"""What a scraper reads of this worker's calls, by desk and without words: each is counted when it is over.

Calls have processes of their own, which end with them; what they measured is on the call, and the worker
counts it from there. So nothing is left behind by a call, however many there were.
"""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from shared.domain.calls import Call
from shared.domain.instants import instant

TYPE = CONTENT_TYPE_LATEST
_REGISTRY = CollectorRegistry()
_OF = ("tenant", "desk")
_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_LONG = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)


def _counter(name: str, what: str, *labels: str) -> Counter:
    return Counter(f"frontdesk_voice_{name}", what, (*_OF, *labels), registry=_REGISTRY)


_CALLS = _counter("calls", "Calls that ended.", "mode", "outcome")
_DURATION = Histogram(
    "frontdesk_voice_call_seconds", "How long calls lasted.", _OF, buckets=_LONG, registry=_REGISTRY
)
_STAGES = Histogram(
    "frontdesk_voice_stage_seconds",
    "Stages of a spoken turn: each call's median and 95th percentile.",
    (*_OF, "stage", "part"),
    buckets=_SECONDS,
    registry=_REGISTRY,
)
_COUNTED = {
    "turns": _counter("turns", "Turns of callers."),
    "interruptions": _counter("interruptions", "Times callers spoke into our words."),
    "false_interruptions": _counter("false_interruptions", "Noises taken for that."),
    "silences": _counter("silences", "Times the watchdog had to speak."),
    "fallbacks": _counter("fallbacks", "Answers another way than the mode's own."),
    "breaker_trips": _counter("breaker_trips", "Times a desk's breaker opened."),
    "sync_failures": _counter("state_sync_failures", "Writes of calls' state that failed."),
    "unwritten": _counter("unwritten", "Pieces of what was said that the store never took."),
    "money": _counter("cost_usd", "What models and voices cost."),
}
_ESCALATIONS = _counter("tier_changes", "Changes of the voice's level, done or refused.")
_TRANSITIONS = _counter("agent_transitions", "Changes of who speaks.")


def count(tenant: str, call: Call) -> None:
    """Count a call that is over."""
    of = tenant, call.desk
    _CALLS.labels(*of, call.mode, call.outcome or "").inc()
    if call.answered_at and call.ended_at:
        _DURATION.labels(*of).observe((instant(call.ended_at) - instant(call.answered_at)).total_seconds())
    for stage, both in call.figures.latency_ms.items():
        for part, ms in zip(("p50", "p95"), both, strict=True):
            _STAGES.labels(*of, stage, part).observe(ms / 1000)
    for name, counter in _COUNTED.items():
        counter.labels(*of).inc(getattr(call.figures, name))
    _ESCALATIONS.labels(*of).inc(call.escalations)
    _TRANSITIONS.labels(*of).inc(call.transitions)


def text() -> bytes:
    """All of it, as Prometheus reads it."""
    return generate_latest(_REGISTRY)
