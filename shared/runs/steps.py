"""What carries out the steps of a run that need a desk; whoever advances the run brings it along."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shared.config.workflows import Node
from shared.domain.effects import Effect
from shared.models.budget import Meter


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person has to allow before a step can go on."""

    question: str
    rule: str  # what in the desk's file asks for it
    grants: frozenset[str]  # what it is for, as whoever carries the step out names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A step's own settings and arguments, filled, and how it comes to be carried out."""

    key: str  # names what the step does, however often it is begun
    arguments: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)  # what expressions may name
    purpose: str = ""  # of a call
    attempt: int = 0  # tries in vain before this one
    granted: frozenset[str] = frozenset()  # what people allowed so far
    meter: Meter = field(default_factory=Meter)  # counts what it costs, whoever cuts it short


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a step came to, what it wants done above its floor, and what it cost."""

    output: Any
    effects: tuple[Effect, ...] = ()
    money: float = 0.0
    detail: dict[str, Any] = field(default_factory=dict)  # for the trace
    ask: Ask | None = None  # it is not done: a person has to allow it first


@dataclass(frozen=True, slots=True)
class Carrying:
    """What a graph is advanced with; nothing of it is kept."""

    steps: "Steps"


class Steps(Protocol):
    """Carries out one run's steps. Each is asked again after a crash, and must act once all the same."""

    @property
    def words(self) -> Mapping[str, Any]:
        """What templates may name beside the run's own: desk, customer, language and their like."""
        ...

    @property
    def reaches(self) -> bool:
        """Whether there is somebody to whom what is sent can be said."""
        ...

    def now(self) -> datetime:
        """The time."""
        ...

    async def begins(self, workflow: str, given: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        """Returns where a run of a workflow can be begun with this. Raises Permanent, saying why not."""
        ...

    async def came_to(self, run: str) -> Mapping[str, Any]:
        """The outputs of a run that is over. Raises Permanent where they are kept no more."""
        ...

    async def act(self, node: Node, given: Given) -> Done:
        """Carry out an agent, a crew, a tool or a call with its filled arguments.

        Raises Transient for what may go better later, Permanent for what will not.
        """
        ...
