"""How far one stretch took a run, before anything of it is committed."""

from dataclasses import dataclass, field

import msgspec

from shared.config.versions import Published
from shared.domain.content import Outgoing
from shared.domain.effects import Effect, StartRun
from shared.domain.outreach import Outreach
from shared.domain.runs import OpenWait, Run, TraceEntry
from shared.runs.definitions import Definition
from shared.runs.state import RunState, open_waits


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A run as it was taken, the state its steps came to, and what that leaves to do."""

    run: Run
    state: RunState
    begun: bool  # whether that is kept as a checkpoint of its thread
    definition: Definition
    published: Published
    more: bool = False  # steps are due at once
    delivered: frozenset[str] = frozenset()  # ids of the firings its steps have taken
    undoing: tuple[Effect, ...] = ()  # what compensations want done
    undone_trace: tuple[TraceEntry, ...] = ()  # compensations as they went, before this stretch and in it
    children: tuple[Run, ...] = field(default=())
    answer: tuple[Effect, ...] | None = None  # what its turn is to commit; None where no turn waits for it
    words: tuple[Outgoing, ...] = ()  # what it says in its conversation
    outreaches: tuple[Outreach, ...] = ()  # what it says to somebody who is to be reached first

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What its steps want done that is not committed yet."""
        kept = msgspec.convert(self.state["effects"][self.run.carried :], list[Effect])
        return (*kept, *self.undoing)

    @property
    def starts(self) -> tuple[StartRun, ...]:
        """The runs its steps begin."""
        return tuple(effect for effect in self.effects if isinstance(effect, StartRun))

    @property
    def waits(self) -> tuple[OpenWait, ...]:
        """What it waits for."""
        return msgspec.convert(open_waits(self.state), tuple[OpenWait, ...])

    @property
    def trace(self) -> tuple[TraceEntry, ...]:
        """Its steps as they went, oldest first."""
        return (*msgspec.convert(self.state["trace"], list[TraceEntry]), *self.undone_trace)

    @property
    def money(self) -> float:
        """USD its steps cost, with those that are to be tried again."""
        asleep = sum(wait.get("money", 0.0) for wait in open_waits(self.state))
        return sum((entry.money for entry in self.trace), asleep)

    @property
    def completes(self) -> bool:
        """Whether this is its end, and a good one."""
        going = self.more or self.waits or self.state["failed"]
        return not (going or self.run.asked or self.run.ends_as)

    @property
    def error(self) -> str:
        """Why it failed; empty where it did not."""
        return next((f"{step}: {why}" for step, why in self.state["failed"].items()), "")
