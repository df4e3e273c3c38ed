"""A call: who speaks with whom, where it stands, who carries it, and what became of it."""

from typing import ClassVar, Literal

import msgspec

Direction = Literal["inbound", "outbound", "browser"]
CallState = Literal[
    "dialling",  # we call, and nobody has answered yet
    "waiting",  # the caller is in the room, nobody of ours yet
    "active",  # the desk speaks with them
    "transferring",  # a person is being brought in
    "with_person",  # a person speaks, the desk listens at most
    "ended",
]
Mode = Literal["realtime", "orchestrated", "direct"]
"""Speech to speech; hear, think, speak; or a model alone, without the desk's tools."""
Level = Literal["full", "partial", "minimal"]
"""Everything; without tiers and analytics; a model alone."""
Stage = Literal["greeting", "talking", "transferring", "closing", "over"]
"""Where the talk stands."""
CallOutcome = Literal[
    "completed",  # talked and ended
    "handed_over",  # a person took it
    "callback",  # talked and ended, with another call promised
    "no_answer",
    "busy",
    "voicemail",
    "refused",  # they declined, we may not call, or the network will not
    "abandoned",  # the caller left before a word of ours
    "failed",  # we broke, and the caller was told or left
]
LIVE: tuple[CallState, ...] = ("dialling", "waiting", "active", "transferring", "with_person")
"""States of a call that is not over."""


class Figures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a call was like, measured; a figure nobody measured is None or 0 calls of it."""

    turns: int = 0  # of the caller
    interruptions: int = 0  # of us, by the caller
    false_interruptions: int = 0  # taken for one, and gone on
    silences: int = 0  # times the watchdog had to speak
    fallbacks: int = 0  # answers another way than the mode's own
    breaker_trips: int = 0
    sync_failures: int = 0
    latency_ms: dict[str, tuple[float, float]] = {}  # by stage: (p50, p95); "whole": speech end to sound
    unwritten: int = 0  # pieces of the talk that the store never took
    sync_ms: tuple[float, float] | None = None  # (p50, p95) of keeping this document in step
    jitter_ms: float | None = None  # of what we hear
    loss: float | None = None  # share of packets lost, 0..1
    concealed: float | None = None  # share of the sound that was made up, 0..1
    kbits: float | None = None  # a second, both ways
    spoken_seconds: float = 0.0  # of ours
    sentiment: float | None = None  # mean over the caller's turns, 0..1
    satisfaction: float | None = None  # inferred at the end, 0..1
    money: float = 0.0  # USD, models and voices
    input_tokens: int = 0
    output_tokens: int = 0


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call. Its document is `calls/{id}`; its words are the messages of its own conversation.

    Defaults are stored too: queries ask for them.
    """

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    desk: str
    conversation: str  # its turns and their graphs run under this id too
    customer: str
    room: str  # LiveKit's room
    direction: Direction
    account: str  # our number, or the desk's id for a browser's room
    contact: str  # their number, or the browser's own session
    state: CallState = "waiting"
    mode: Mode = "realtime"
    level: Level = "full"
    tier: str = ""  # the level of the voice; empty where the call has none
    tier_trigger: str = ""  # why the level changed last, as on the change
    agent: str = "desk"  # who of ours speaks: desk, a specialist's name, or person
    stage: Stage = "greeting"
    qualification: float | None = None
    sip_call: str = ""  # the telephone network's own id
    dialled_at: str = ""  # when LiveKit was last asked to ring them; a stamp
    job: str = ""  # LiveKit's job that carries it
    worker: str = ""  # whose job it is
    generation: int = 0  # rises whenever another job takes it; an older one lets go
    deaths: int = 0  # of jobs that carried it, running, without a word of ours between
    attempt: int = 1  # of calling out
    purpose: str = ""  # why we call, for the desk and for people
    errand: str = ""  # whatever asked for it, e.g. a callback's or a campaign's id
    planned: str = ""  # the planned call it is an attempt of
    opening: str = ""  # what is said first on a call of ours
    context: dict[str, str] = {}  # what was noted during the call, by name
    told_upto: int = 0  # the newest message of others that was said to the caller
    message_left: str = ""  # when words of ours were spoken onto their machine; a stamp
    unsaid: tuple[str, ...] = ()  # lines the caller had to hear, which could not be said
    recording: Literal["", "asked", "running", "refused", "kept"] = ""
    blobs: tuple[str, ...] = ()  # the kept recording's parts, one of each job that carried the call
    started_at: str  # a stamp, as all below
    left: str = ""  # LiveKit's word for the leaving of a telephone nobody answered, until it is told more
    answered_at: str = ""  # when both sides were there
    first_word_at: str = ""  # of ours
    ended_at: str = ""
    outcome: CallOutcome | None = None
    reason: str = ""  # in words, for people
    transitions: int = 0
    escalations: int = 0
    figures: Figures = Figures()
    synced_at: str = ""
    until: str = ""  # when it goes, with its words


class AgentTransition(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else of ours began to speak. Its document is `calls/{id}/agent_transitions/{n}`."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    n: int
    before: str
    after: str
    at: str
    trigger: str
    ms: float = 0.0  # until the call said so


class TierChange(msgspec.Struct, frozen=True, kw_only=True):
    """The voice changed its level, or was to. Its document is `calls/{id}/tier_changes/{n}`."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    n: int
    agent: str  # who spoke
    qualification: float | None
    before: str
    after: str
    at: str
    trigger: str  # e.g. qualification, provider_failure
    cost_impact: float  # USD, for the rest of the call as it is estimated
    budget_passed: bool
    done: bool  # False where the budget or the vendor did not allow it
    ms: float = 0.0  # until the new voice was ready


def is_live(call: Call) -> bool:
    """Whether the call is not over."""
    return call.state in LIVE


def call_path(call: str) -> str:
    """Where a call stands within its tenant."""
    return f"calls/{call}"
