"""One call with all a page shows of it: how long, how fast, how well, who spoke, how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.console.call_words import (
    DIRECTIONS,
    LEVELS,
    MODES,
    NEXT,
    OUTCOMES,
    STAGES,
    STATES,
    TONES,
    clock,
    number_of,
    seconds_of,
    spoken_by,
)
from shared.desk.calls.call_list import CallStory, call_story
from shared.domain.calls import Call, is_live
from shared.security.tenancy import TenantStore

WORDS = {
    "states": STATES,
    "directions": DIRECTIONS,
    "outcomes": OUTCOMES,
    "tones": TONES,
    "modes": MODES,
    "levels": LEVELS,
    "next": NEXT,
    "clock": clock,
    "spoken_by": spoken_by,
    "number_of": number_of,
    "seconds_of": seconds_of,
}
"""What templates of calls are given beside the calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One stage of latency."""

    name: str
    middle: float  # ms, p50
    slow: float  # ms, p95
    of: float  # ms the longest bar of the picture stands for


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call as its page shows it."""

    call: Call
    live: bool
    story: CallStory | None  # what changed while it went on; of one under way it is not read
    bars: Sequence[Bar]
    facts: Sequence[tuple[str, str]]


async def call_view(store: TenantStore, call: Call) -> CallView:
    """The call with what happened in it."""
    live = is_live(call)
    story = None if live else await call_story(store, call.id)
    return CallView(call=call, live=live, story=story, bars=bars(call), facts=facts(call))


def bars(call: Call) -> list[Bar]:
    """The latency by stage, as a picture has it: the stages we know in their order, then the others."""
    found = call.figures.latency_ms
    names = [*(name for name in STAGES if name in found), *sorted(found.keys() - STAGES.keys())]
    longest = max((found[name][1] for name in names), default=0.0) or 1.0
    return [
        Bar(
            name=STAGES.get(name, name.replace("_", " ").capitalize()),
            middle=found[name][0],
            slow=found[name][1],
            of=longest,
        )
        for name in names
    ]


def facts(call: Call) -> list[tuple[str, str]]:
    """What was measured, each with its unit; what nobody measured is left out."""
    told = call.figures
    quality = [
        _share("lost", told.loss),
        _share("made up", told.concealed),
        f"jitter {told.jitter_ms:.0f} ms" if told.jitter_ms is not None else "",
    ]
    pairs = [
        ("Their turns", str(told.turns) if told.turns else ""),
        ("Interrupted us", f"{told.interruptions} times" if told.interruptions else ""),
        ("Taken wrongly for it", f"{told.false_interruptions} times" if told.false_interruptions else ""),
        ("Silences of ours bridged", str(told.silences) if told.silences else ""),
        ("Answered another way", f"{told.fallbacks} times" if told.fallbacks else ""),
        ("Sound", ", ".join(filter(None, quality))),
        ("Bandwidth", f"{told.kbits:.0f} kbit/s" if told.kbits is not None else ""),
        ("Mood", f"{told.sentiment:.0%}" if told.sentiment is not None else ""),
        ("Satisfied, by guess", f"{told.satisfaction:.0%}" if told.satisfaction is not None else ""),
        ("Cost", f"{told.money:.4f} USD" if told.money else ""),
    ]
    return [(name, value) for name, value in pairs if value]


def _share(word: str, share: float | None) -> str:
    return f"{share:.1%} {word}" if share is not None else ""
