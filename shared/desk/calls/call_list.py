"""Calls as lists show them: those there were and are, the newest first; those to be made, the next first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from shared.desk.calls.document import find_call
from shared.domain.calls import (
    LIVE,
    AgentTransition,
    Call,
    CallOutcome,
    CallState,
    Direction,
    TierChange,
    call_path,
)
from shared.domain.errors import NotThere
from shared.domain.planned_calls import PlannedCall, PlannedState
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

MOST = 100
"""Calls in one answer, and changes of one call."""

Record = TypeVar("Record", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which calls; what is None is not asked for. `live` wins over `state`."""

    live: bool | None = None
    state: CallState | None = None
    direction: Direction | None = None
    outcome: CallOutcome | None = None
    desk: str | None = None
    customer: str | None = None
    conversation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """One page; `cursor` is None where nothing follows."""

    items: tuple[Call, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCalls:
    """One page of calls to be made; `cursor` is None where nothing follows."""

    items: tuple[PlannedCall, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStory:
    """A call with what changed while it went on."""

    call: Call
    transitions: tuple[AgentTransition, ...]
    tier_changes: tuple[TierChange, ...]


async def calls(store: TenantStore, wanted: Filter, *, cursor: str | None = None, limit: int = 50) -> Calls:
    """A tenant's calls that match, the newest first."""
    asked = {
        "state": None if wanted.live else wanted.state,
        "direction": wanted.direction,
        "outcome": wanted.outcome,
        "desk": wanted.desk,
        "customer": wanted.customer,
        "conversation": wanted.conversation,
    }
    where = _where(asked)
    if wanted.live is not None:
        where += (Where("state", "in", list(LIVE)) if wanted.live else Where("state", "==", "ended"),)
    query = Query(where=where, order=("-started_at",), limit=min(limit, MOST), cursor=cursor)
    page = await store.query("calls", query)
    items = tuple(msgspec.convert(document.data, Call) for document in page.documents)
    return Calls(items=items, cursor=page.cursor)


async def planned_calls(
    store: TenantStore,
    *,
    state: PlannedState | None = None,
    desk: str | None = None,
    customer: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> PlannedCalls:
    """A tenant's planned calls that match, the next first."""
    where = _where({"state": state, "desk": desk, "customer": customer})
    query = Query(where=where, order=("due",), limit=min(limit, MOST), cursor=cursor)
    page = await store.query("planned_calls", query)
    items = tuple(msgspec.convert(document.data, PlannedCall) for document in page.documents)
    return PlannedCalls(items=items, cursor=page.cursor)


async def call_story(store: TenantStore, call: str) -> CallStory:
    """One call with its changes, in their order. Raises NotThere."""
    found = await find_call(store, call)
    if found is None:
        raise NotThere(f"call {call} is unknown; look at the list of calls")
    path = call_path(call)
    return CallStory(
        call=found,
        transitions=await _below(store, f"{path}/agent_transitions", AgentTransition),
        tier_changes=await _below(store, f"{path}/tier_changes", TierChange),
    )


def _where(asked: Mapping[str, str | None]) -> tuple[Where, ...]:
    return tuple(Where(field, "==", value) for field, value in asked.items() if value is not None)


async def _below(store: TenantStore, collection: str, kind: type[Record]) -> tuple[Record, ...]:
    page = await store.query(collection, Query(order=("n",), limit=MOST))
    return tuple(msgspec.convert(document.data, kind) for document in page.documents)
