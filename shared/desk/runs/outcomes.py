"""What the runs of a workflow's versions came to, one version beside the other, as far as it can be told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.proportions import difference, interval
from shared.domain.runs import Run, RunStatus, read_run
from shared.ports import Query, Where
from shared.runs.definitions import Registered
from shared.security.tenancy import TenantStore

MOST, MOST_OF_SIDE = 200, 1000
"""Runs of one version that are looked at, the newest: among many versions, and of a split's side."""
_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the runs of one version came to. A run that people cancelled tells nothing of its version."""

    version: int
    runs: int
    states: dict[RunStatus, int]
    ends: dict[str, int]  # what `finish` said the run came to, of those that say it
    money: float  # USD, of all of them
    more: bool  # whether there are older ones

    @property
    def done(self) -> int:
        """Those that came to their end."""
        return self.states.get("completed", 0)

    @property
    def tried(self) -> int:
        """Those that came to their end, or failed or broke on the way."""
        return self.done + self.states.get("failed", 0) + self.states.get("parked", 0)

    @property
    def range(self) -> tuple[float, float]:
        """Between which shares those that come to their end lie, with 95 % confidence; each 0..1."""
        return interval(self.done, self.tried)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """A split: since when it stands, and what each side came to since then, the first version first."""

    since: str  # a stamp; empty where it was made before that was kept
    shares: dict[int, float]  # of new runs, each 0..1
    sides: tuple[Outcome, ...]

    @property
    def gap(self) -> tuple[float, float] | None:
        """How much more of the last side's runs come to their end than of the first's; None for one side."""
        if len(self.sides) < 2:
            return None
        first, last = self.sides[0], self.sides[-1]
        return difference((first.done, first.tried), (last.done, last.tried))

    @property
    def better(self) -> int | None:
        """The version of which more runs come to their end; None where that cannot be told."""
        if self.gap is None or self.gap[0] <= 0 <= self.gap[1]:
            return None
        return self.sides[-1].version if self.gap[0] > 0 else self.sides[0].version


async def outcomes(
    store: TenantStore,
    desk: str,
    workflow: str,
    versions: Iterable[int],
    *,
    since: str = "",
    most: int = MOST,
) -> tuple[Outcome, ...]:
    """What the newest runs of these versions came to, of those begun `since` a stamp, or of all."""
    asked = ({"desk": desk, "workflow": workflow, "version": one} for one in versions)
    return tuple([await _outcome(store, one, since, most) for one in asked])


async def sides(store: TenantStore, desk: str, workflow: str, registered: Registered) -> Sides | None:
    """How the split of a workflow goes; None where it has none."""
    split = registered.split
    if not split:
        return None
    whole = sum(split.values())
    return Sides(
        since=registered.split_at,
        shares={number: weight / whole for number, weight in sorted(split.items())},
        sides=await outcomes(
            store, desk, workflow, sorted(split), since=registered.split_at, most=MOST_OF_SIDE
        ),
    )


async def _outcome(store: TenantStore, asked: Mapping[str, Any], since: str, most: int) -> Outcome:
    where = tuple(Where(name, "==", value) for name, value in asked.items())
    if since:
        where = (*where, Where("created_at", ">=", since))
    runs: list[Run] = []
    cursor: str | None = None
    while len(runs) < most:
        page = await store.query("runs", Query(where, ("-created_at",), _PAGE, cursor))
        runs += (read_run(document.data) for document in page.documents)
        cursor = page.cursor
        if cursor is None:
            break
    return Outcome(
        version=asked["version"],
        runs=len(runs),
        states=dict(Counter(run.status for run in runs).most_common()),
        ends=_ends(runs),
        money=sum(run.money for run in runs),
        more=cursor is not None,
    )


def _ends(runs: Sequence[Run]) -> dict[str, int]:
    """What the last steps of runs said they came to, the most frequent first."""
    last = [run.outputs.get(step.node) for run in runs for step in run.trace if step.kind == "finish"]
    said = (output.get("status") for output in last if isinstance(output, dict))
    return dict(Counter(one for one in said if isinstance(one, str)).most_common(8))
