"""What a turn did and cost: the record a person reads beside the conversation."""

from typing import ClassVar, Literal

import msgspec

from shared.domain.signals import Signals

Outcome = Literal["answered", "handed_over", "apologised"]


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a turn did, in order."""

    kind: Literal["model", "signals", "tool", "guard", "summary", "run"]
    name: str  # the model's, tool's or workflow's name
    ms: float
    input: int = 0  # tokens
    output: int = 0  # tokens
    money: float = 0.0  # in the receipt's currency
    detail: dict[str, object] = {}  # a tool's arguments and result, a model's stop
    sources: tuple[str, ...] = ()
    error: str | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A turn from its first message to its last word."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    turn: str  # {conversation}:{first pending sequence}
    conversation: str
    covers: tuple[int, int]  # first and last customer message answered
    config_version: int
    outcome: Outcome
    started_at: str
    ended_at: str
    ms: float  # from lease to commit
    steps: tuple[Step, ...] = ()
    signals: Signals = Signals()
    answered_by: str = ""  # the member of the desk's team whose answer it is
    model: str = ""
    input: int = 0
    output: int = 0
    money: float = 0.0
    currency: str = "USD"
    restarts: int = 0
    rev: int = 0  # the head's rev that its answer was committed in
