"""The rules of calls: silence, what is heard to its end, recordings, calling out, bringing a person in."""

from typing import Literal

from pydantic import Field

from shared.config.block import Block, Line, Phone, Template
from shared.config.hours import Hours


class Watchdog(Block):
    """What is done, one thing after the other, while our side owes the caller a word and says none."""

    filler_after_ms: int = Field(1200, ge=300, le=2500, description="A word that we are at it.")
    retry_after_ms: int = Field(3500, ge=500, le=20_000, description="The model is asked once more.")
    fallback_after_ms: int = Field(7000, ge=1000, le=30_000, description="Another way of answering.")
    person_after_ms: int = Field(14_000, ge=2000, le=60_000, description="A person is asked for.")
    fillers: tuple[Line, ...] = Field((), description="What is said meanwhile; our own words if left out.")


class Silence(Block):
    """What is done about a caller who says nothing."""

    ask_after_seconds: int = Field(12, ge=3, le=300, description="Ask whether they are still there.")
    hang_up_after_seconds: int = Field(30, ge=5, le=900, description="Say goodbye and end the call.")
    question: Template | None = Field(None, description="What is asked.")
    goodbye: Template | None = Field(None, description="What is said before hanging up.")


class Uninterruptible(Block):
    """What a caller cannot talk over."""

    legal: tuple[Template, ...] = Field((), description="Lines said at the beginning, whole.")
    prices: bool = Field(True, description="Sentences that tell a price are said to their end.")


class Recording(Block):
    """Whether the sound of calls is kept, and how callers agree to it."""

    enabled: bool = Field(False, description="Whether calls are recorded.")
    consent: Literal["announce", "ask"] = Field(
        "ask", description="announce: they are told and may hang up; ask: kept only after a yes."
    )
    words: Template | None = Field(None, description="What they are told or asked.")


class Outbound(Block):
    """Calls the desk makes by itself."""

    enabled: bool = Field(False, description="Whether it calls out.")
    at_once: int = Field(3, ge=1, le=1000, description="Calls under way at the same time.")
    attempts: int = Field(3, ge=1, le=10, description="Tries until nobody is called any more.")
    retry_minutes: tuple[int, ...] = Field((15, 120), description="Pauses between tries; the last repeats.")
    ring_seconds: int = Field(30, ge=5, le=60, description="How long it rings; LiveKit waits 80 at most.")
    hours: Hours | None = Field(
        None, description="When people may be called, by their own clock; the desk's hours if left out."
    )
    needs_consent: bool = Field(
        False,
        description="Call only who agreed (may_call: yes) or asked for it; who refused never is.",
    )
    callbacks: Literal["people", "desk"] = Field(
        "people", description="Who makes promised calls; where the desk reaches nobody, people do."
    )
    voicemail: Literal["hang_up", "leave_message"] = Field(
        "hang_up", description="On a machine: it is hung up on, or hears the message."
    )
    voicemail_message: Template | None = Field(None, description="What is left there.")


class Transfer(Block):
    """How a person comes into a call."""

    ring_seconds: int = Field(25, ge=5, le=60, description="How long one person is rung.")
    briefing: bool = Field(True, description="Tell the person in a sentence what it is about first.")
    numbers: dict[Line, Phone] = Field(
        {}, description="Telephones of people beside the console, by department; rung where nobody is there."
    )
    hold_words: Template | None = Field(None, description="What the caller is told meanwhile.")
