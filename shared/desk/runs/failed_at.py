"""Why a run failed: at which steps, by which family of error, after how many tries."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.desk.runs.undo import UNDOING
from shared.domain.runs import TraceEntry
from shared.runs.state import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One step for which a run failed."""

    step: str
    passing: bool  # it may go better later, though it went no better in all its tries
    tries: int

    @property
    def family(self) -> str:
        """How it failed, and what that means for another try, as the end of a sentence."""
        tried = "once" if self.tries == 1 else f"{self.tries} times"
        if self.passing:
            return f"with an error that may pass by itself (tried {tried})"
        return "for good: it goes no better before its cause is put right"


def failures(state: RunState | None, trace: Iterable[TraceEntry]) -> tuple[Failure, ...]:
    """The steps for which a run failed; none where its steps are kept no more."""
    newest = {one.node: one for one in trace if not one.success and one.kind != UNDOING}
    return tuple(
        Failure(step=step, passing=newest[step].passing, tries=newest[step].attempts)
        for step in (state["failed"] if state else {})
        if step in newest
    )
