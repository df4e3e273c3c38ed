"""Which workflows there are and each one's versions: what a desk publishes is kept, for runs begun on it.

`workflows/{desk}~{name}` names the newest version, `workflows/{desk}~{name}/versions/{number}` holds each.
"""

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from shared.config.versions import Published
from shared.config.workflow_graph import Shape, shape_of
from shared.config.workflows import Workflow
from shared.domain.errors import AlreadyExists, NotThere, Permanent, PreconditionFailed, Transient
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.ports import Clock, Create, Data, Document, Put, Query, Write
from shared.security.tenancy import PlatformStore, TenantStore

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
FRESH = timedelta(seconds=2)
"""How long a process goes without asking how new runs are split."""
_KEPT = 256
_TRIES = 6


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One version of a workflow."""

    tenant: str
    desk: str
    name: str
    version: int
    workflow: Workflow

    @property
    def id(self) -> str:
        """Its name in the registry."""
        return definition_id(self.desk, self.name)

    @cached_property
    def shape(self) -> Shape:
        """Its graph."""
        return shape_of(self.workflow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What the registry knows of a workflow."""

    latest: int
    numbers: dict[str, int]  # digest of what a version does -> its number
    split: dict[int, float]  # version -> weight; empty gives every run to the desk's own
    split_at: str = ""  # since when; a stamp


def definition_id(desk: str, name: str) -> str:
    """The name of a desk's workflow in the registry."""
    return f"{desk}~{name}"


def digest_of(workflow: Workflow) -> str:
    """What a workflow does, the same for files that differ in comments and spelling alone."""
    whole = json.dumps(workflow.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


class Definitions:
    """The registry of every tenant's workflows."""

    def __init__(self, platform: PlatformStore, clock: Clock) -> None:
        self._platform = platform
        self._clock = clock
        self._parsed: OrderedDict[tuple[str, str, int], Definition] = OrderedDict()
        self._registered: OrderedDict[tuple[str, int, str], int] = OrderedDict()
        self._heads: OrderedDict[tuple[str, str], tuple[datetime, Registered]] = OrderedDict()

    async def chosen(self, published: Published, name: str, sticky: str) -> Definition:
        """The version a new run begins with: the desk's own, or the one its split gives to `sticky`.

        The same `sticky`, a customer's id or a run's, is given the same version for as long as the split
        stays. Raises NotThere.
        """
        current = await self.current(published, name)
        split = (await self.registered(published.tenant, published.desk, name)).split
        if not split:
            return current
        point = int(digest("split", current.id, sticky)[:8], 16) / 2**32 * sum(split.values())
        for number, weight in sorted(split.items()):
            point -= weight
            if point < 0:
                return await self.version(published.tenant, published.desk, name, number)
        return current

    async def current(self, published: Published, name: str) -> Definition:
        """The version that a desk's published file holds, registered where it was not. Raises NotThere."""
        workflow = published.config.workflows.get(name)
        if workflow is None:
            has = ", ".join(published.config.workflows) or "none"
            raise NotThere(f"the desk {published.desk!r} has no workflow {name!r}; it has: {has}")
        key = (published.desk, published.version, name)
        number = self._registered.get(key)
        if number is None:
            number = await self.register(
                published.tenant, published.desk, name, workflow, origin=published.origin, by=published.by
            )
            _keep(self._registered, key, number)
        return await self.version(published.tenant, published.desk, name, number)

    async def version(self, tenant: str, desk: str, name: str, number: int) -> Definition:
        """A version, however old. Raises NotThere."""
        id_ = definition_id(desk, name)
        found = self._parsed.get((tenant, id_, number))
        if found is None:
            document = await self._platform.tenant(tenant).get(version_path(id_, number))
            if document is None:
                raise NotThere(f"the workflow {id_!r} has no version {number}")
            workflow = Workflow.model_validate_json(str(document.data["workflow"]))
            found = Definition(tenant=tenant, desk=desk, name=name, version=number, workflow=workflow)
            _keep(self._parsed, (tenant, id_, number), found)
        return found

    async def versions(self, tenant: str, desk: str, name: str, *, limit: int = 50) -> list[Data]:
        """The newest versions, with who made them; without what they do."""
        order = Query(order=("-number",), limit=limit)
        collection = f"workflows/{definition_id(desk, name)}/versions"
        page = await self._platform.tenant(tenant).query(collection, order)
        return [
            {key: document.data[key] for key in ("number", "origin", "by", "at")}
            for document in page.documents
        ]

    async def registered(self, tenant: str, desk: str, name: str) -> Registered:
        """What the registry knows of a workflow, at most two seconds old."""
        key = (tenant, definition_id(desk, name))
        known = self._heads.get(key)
        if known is None or known[0] <= self._clock.now():
            document = await self._platform.tenant(tenant).get(f"workflows/{key[1]}")
            known = (self._clock.now() + FRESH, _registered(document))
            _keep(self._heads, key, known)
        return known[1]

    async def register(
        self, tenant: str, desk: str, name: str, workflow: Workflow, *, origin: str, by: str = ""
    ) -> int:
        """The number of the version that is this workflow, made where none is."""
        store, what = self._platform.tenant(tenant), digest_of(workflow)
        id_ = definition_id(desk, name)
        for _ in range(_TRIES):
            head = await store.get(f"workflows/{id_}")
            before = _registered(head)
            if what in before.numbers:
                return before.numbers[what]
            number = before.latest + 1
            after = replace(before, latest=number, numbers={**before.numbers, what: number})
            new: Data = {
                "shape": 1,
                "number": number,
                "digest": what,
                "origin": origin,
                "by": by,
                "at": stamp(self._clock.now()),
                "workflow": workflow.model_dump_json(exclude_unset=True),
            }
            if await self._changed(store, id_, head, after, Create(version_path(id_, number), new)):
                return number
        raise _busy(id_)

    async def split(self, tenant: str, desk: str, name: str, weights: dict[int, float]) -> Registered:
        """Give new runs to several versions by their weights; none gives all to the desk's own.

        Raises NotThere for a version there is not, Permanent for weights that are none.
        """
        store, id_ = self._platform.tenant(tenant), definition_id(desk, name)
        for number in weights:
            await self.version(tenant, desk, name, number)
        if weights and (min(weights.values()) < 0 or sum(weights.values()) <= 0):
            raise Permanent("weights are numbers of 0 or more, and not all 0")
        for _ in range(_TRIES):
            head = await store.get(f"workflows/{id_}")
            after = replace(_registered(head), split=weights, split_at=stamp(self._clock.now()))
            if await self._changed(store, id_, head, after):
                return after
        raise _busy(id_)

    async def _changed(
        self, store: TenantStore, id_: str, head: Document | None, after: Registered, *more: Write
    ) -> bool:
        """Whether the registry's entry is as wanted now; False where somebody was first."""
        desk, _, name = id_.partition("~")
        data: Data = {
            "shape": 1,
            "desk": desk,
            "name": name,
            "latest": after.latest,
            "numbers": dict(after.numbers),
            "split": {str(number): weight for number, weight in after.split.items()},
            "split_at": after.split_at,
            "at": stamp(self._clock.now()),
        }
        path = f"workflows/{id_}"
        try:
            await store.commit([Put(path, data, version=head.version) if head else Create(path, data), *more])
        except (AlreadyExists, PreconditionFailed):
            return False
        self._heads.pop((store.tenant, id_), None)
        return True


def _registered(head: Document | None) -> Registered:
    data: Any = head.data if head else {"latest": 0, "numbers": {}, "split": {}}
    split = {int(number): float(weight) for number, weight in data["split"].items()}
    return Registered(
        latest=data["latest"],
        numbers=dict(data["numbers"]),
        split=split,
        split_at=str(data.get("split_at", "")),
    )


def _busy(id_: str) -> Transient:
    return Transient(f"the workflow {id_!r} is being changed by others; try again", retry_after=1)


def version_path(id_: str, number: int) -> str:
    """Where a version stands within its tenant."""
    return f"workflows/{id_}/versions/{number:06d}"


def _keep(cache: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    cache[key] = value
    while len(cache) > _KEPT:
        cache.popitem(last=False)
