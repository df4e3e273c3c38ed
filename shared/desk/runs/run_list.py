"""A tenant's runs, the newest first, by what people look for."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from shared.domain.runs import LISTED, OVER, Run, RunStatus, read_run
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

UNDER_WAY: tuple[RunStatus, ...] = tuple(one for one in get_args(RunStatus) if one not in OVER)


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some runs, and where the next ones begin; None where none follow."""

    runs: tuple[Run, ...]
    cursor: str | None


async def runs_of(
    store: TenantStore,
    *,
    limit: int = 50,
    cursor: str | None = None,
    customers: Sequence[str] | None = None,
    **wanted: str | bool | None,
) -> RunPage:
    """The runs whose fields are as `wanted`: status, desk, workflow, conversation, customer, asking.

    They are without what they were given and came to, however much that is; `find_run` has it.

    `customers` are at most 30, any of whom it may be for.
    """
    where = tuple(Where(name, "==", value) for name, value in wanted.items() if value is not None)
    if customers is not None:
        where = (*where, Where("customer", "in", list(customers)))
    page = await store.query("runs", Query(where, ("-created_at",), limit, cursor, LISTED))
    return RunPage(tuple(read_run(document.data) for document in page.documents), page.cursor)


async def under_way(store: TenantStore, desk: str, workflow: str, *, most: int) -> list[Run]:
    """The runs of a workflow that are not over, the newest first; no more than `most` of each state."""
    pages = await _under_way(store, desk, workflow, most=most)
    return sorted((run for page in pages for run in page.runs), key=lambda run: run.created_at, reverse=True)


async def count_under_way(
    store: TenantStore, desk: str, workflow: str, *, most: int
) -> tuple[Counter[int], bool]:
    """How many runs of a workflow are not over, by version, and whether there are more than were counted.

    No more than `most` of each state are.
    """
    pages = await _under_way(store, desk, workflow, most=most)
    counted = Counter(run.version for page in pages for run in page.runs)
    return counted, any(page.cursor for page in pages)


async def _under_way(store: TenantStore, desk: str, workflow: str, *, most: int) -> list[RunPage]:
    return await asyncio.gather(
        *(runs_of(store, limit=most, status=one, desk=desk, workflow=workflow) for one in UNDER_WAY)
    )
