"""What thinking about a conversation came to, before anything of it is committed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.content import Choice
from shared.domain.effects import Effect, HandOver
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.models.chat_model import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """An answer with everything it decided."""

    turn: str  # {conversation}:{first pending sequence}
    covers: tuple[int, int]  # first and last customer message answered
    version: int  # of the desk's configuration
    began: datetime
    customer: Mapping[str, str] = field(default_factory=dict)  # what was known of them
    text: str = ""
    language: str = ""
    choices: tuple[Choice, ...] = ()
    effects: tuple[Effect, ...] = ()
    turns: tuple[Turn, ...] = ()  # this turn's own entries, for the record
    steps: tuple[Step, ...] = ()
    signals: Signals = field(default_factory=Signals)
    model: str = ""
    answered_by: str = ""  # the member of the desk's team who thought it
    handover: HandOver | None = None
    answering: str | None = None  # the run that goes on with the next message; None = whichever did before
    acted: bool = False  # a tool has run
    shown: bool = False  # a customer has read part of it
