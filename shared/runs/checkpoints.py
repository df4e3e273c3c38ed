"""LangGraph's checkpointer on the Store: a run's steps survive its process, on either backend.

A thread's documents stand under `threads/{digest of its id}`: `checkpoints/{digest}` one a step,
`writes/{digest}` what a task wrote before its step was done. They expire; history lives elsewhere.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, cast

import msgspec
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
)

from shared.domain.errors import Permanent
from shared.domain.identity import digest
from shared.ports import Blobs, Clock, Create, Data, Delete, Document, Put, Query, Where
from shared.runs.step_writes import StepWrites
from shared.security.file_ends import file_end
from shared.security.tenancy import TenantStore

KEPT = timedelta(days=7)
LARGE = 700_000
"""Bytes above which a checkpoint, or what a step wrote, is kept as a file: a document holds a million."""
PAGE = 300
NEW_THREAD = "__new_thread"
"""Set in `configurable` by whoever begins a thread: there is no checkpoint to look for."""
JUST_READ = "__just_read"
"""Set in `configurable` by whoever has read a thread's newest checkpoint this moment: it is that tuple."""


def _thread(config: RunnableConfig) -> tuple[str, str]:
    """A config's thread and namespace."""
    configurable = config["configurable"]
    return str(configurable["thread_id"]), str(configurable.get("checkpoint_ns", ""))


def _config(thread: str, ns: str, checkpoint: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": ns, "checkpoint_id": checkpoint}}


@lru_cache(maxsize=1024)
def _root(thread: str) -> str:
    """Where a thread's documents stand; asked at every step."""
    return f"threads/{digest('thread', thread)}"


@lru_cache(maxsize=64)
def _prefix(ns: str) -> str:
    """What the keys of a namespace's checkpoints begin with."""
    return f"{digest('ns', ns)}~"


def _of(ns: str) -> tuple[Where, ...]:
    """The checkpoints of a namespace, by the one field they are ordered by: no index of two is needed."""
    prefix = _prefix(ns)
    return (Where("key", ">", prefix), Where("key", "<", f"{prefix}\x7f"))


_Write = tuple[int, str, str, bytes]
"""One write of a task: its place among them, its channel, and its value as it is kept."""


def _written(kept: Any) -> list[_Write]:
    """What a task wrote; until lately each write was kept as a mapping of its own."""
    if isinstance(kept, bytes):
        return msgspec.msgpack.decode(kept, type=list[_Write])
    return [(one["idx"], one["channel"], one["kind"], one["value"]) for one in kept]


class StoreSaver(BaseCheckpointSaver[int]):
    """Checkpoints of one tenant's runs. Async only, as LangGraph's async graphs use it."""

    def __init__(
        self, store: TenantStore, clock: Clock, *, kept: timedelta = KEPT, blobs: Blobs | None = None
    ) -> None:
        super().__init__()
        self._blobs = blobs
        self._kept = kept
        self._store = store
        self._clock = clock
        self._steps = StepWrites(store)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint a config names, or the thread's newest; None where there is none."""
        thread, ns = _thread(config)
        wanted = get_checkpoint_id(config)
        if config["configurable"].get(NEW_THREAD):
            return None
        if just_read := config["configurable"].get(JUST_READ):
            return cast("CheckpointTuple", just_read)
        await self._steps.flush(thread)
        if wanted:
            document = await self._store.get(self._checkpoint_path(thread, ns, wanted))
        else:
            newest = Query(where=_of(ns), order=("-key",), limit=1)
            page = await self._store.query(self._checkpoints(thread), newest)
            document = page.documents[0] if page.documents else None
        return await self._tuple(document) if document else None

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002  LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """A thread's checkpoints, newest first. Without a thread nothing is listed: threads are apart."""
        if config is None or "thread_id" not in config.get("configurable", {}):
            return
        configurable = config["configurable"]
        bound = get_checkpoint_id(before) if before else None
        wanted = get_checkpoint_id(config)
        where, order = (
            (_of(str(configurable["checkpoint_ns"])), "-key")
            if "checkpoint_ns" in configurable
            else ((), "-id")
        )
        await self._steps.flush(str(configurable["thread_id"]))
        collection = self._checkpoints(str(configurable["thread_id"]))
        query = Query(where=where, order=(order,), limit=PAGE)
        left = limit
        while True:
            page = await self._store.query(collection, query)
            for document in page.documents:
                if left is not None and left <= 0:
                    return
                identity = str(document.data["id"])
                if (wanted and identity != wanted) or (bound and identity >= bound):
                    continue
                found = await self._tuple(document)
                if any(found.metadata.get(key) != value for key, value in (filter or {}).items()):
                    continue
                left = None if left is None else left - 1
                yield found
            if page.cursor is None:
                return
            query = Query(where=query.where, order=query.order, limit=PAGE, cursor=page.cursor)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,  # noqa: ARG002  the whole state is small, so all of it is kept
    ) -> RunnableConfig:
        """Keep a checkpoint; the config that names it."""
        thread, ns = _thread(config)
        kind, raw = self.serde.dumps_typed(checkpoint)
        meta_kind, meta = self.serde.dumps_typed(get_checkpoint_metadata(config, metadata))
        data: Data = {
            "shape": 1,
            "thread": thread,
            "ns": ns,
            "id": checkpoint["id"],
            "key": f"{_prefix(ns)}{checkpoint['id']}",
            "parent": config["configurable"].get("checkpoint_id"),
            "kind": kind,
            "checkpoint": raw,
            "meta_kind": meta_kind,
            "meta": meta,
        }
        path = self._checkpoint_path(thread, ns, checkpoint["id"])
        if len(raw) > LARGE and self._blobs is not None:
            data |= {"checkpoint": b"", "blob": await self._laid_aside(path, raw)}
        put = Put(path, data, expires=self._clock.now() + self._kept)
        keep = self._steps.begin if metadata.get("source") == "input" else self._steps.checkpoint
        await keep(thread, put)
        return _config(thread, ns, checkpoint["id"])

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep what a task wrote. Told twice, ordinary writes stay as they were first; errors and
        interrupts are replaced.
        """
        thread, ns = _thread(config)
        checkpoint = str(config["configurable"]["checkpoint_id"])
        special = all(channel in WRITES_IDX_MAP for channel, _ in writes)
        kept = [
            (WRITES_IDX_MAP.get(channel, idx), channel, *self.serde.dumps_typed(value))
            for idx, (channel, value) in enumerate(writes)
        ]
        raw = msgspec.msgpack.encode(kept)  # one value: a store looks at every value of a document
        channels = "".join(sorted(channel for channel, _ in writes)) if special else ""
        name = digest("writes", ns, checkpoint, task_id, channels)
        path = f"{_root(thread)}/writes/{name}"
        data: Data = {
            "shape": 1,
            "ns": ns,
            "checkpoint": checkpoint,
            "task": task_id,
            "path": task_path,
            "writes": raw,
        }
        if len(raw) > LARGE and self._blobs is not None:
            data |= {"writes": b"", "blob": await self._laid_aside(path, raw)}
        expires = self._clock.now() + self._kept
        if special:
            await self._store.commit([Put(path, data, expires=expires)])
        else:
            await self._steps.create(thread, Create(path, data, expires))

    async def adelete_thread(self, thread_id: str) -> None:
        """Forget a thread."""
        await self._steps.flush(thread_id)
        for part in ("checkpoints", "writes"):
            collection = f"{_root(thread_id)}/{part}"
            while (page := await self._store.query(collection, Query(limit=PAGE))).documents:
                files = [str(one.data["blob"]) for one in page.documents if one.data.get("blob")]
                for file in files:
                    await self._removed(file)
                await self._store.commit([Delete(document.path) for document in page.documents])

    async def _laid_aside(self, path: str, raw: bytes) -> str:
        """The name under which what is too large for a document is kept as a file, until its thread goes."""
        assert self._blobs is not None  # noqa: S101  its callers looked
        name = f"{self._store.tenant}/{path}"
        await self._store.commit([file_end(name, self._clock.now() + self._kept)])
        await self._blobs.put(name, raw, "application/octet-stream")
        return name

    async def _removed(self, name: str) -> None:
        if self._blobs is not None:
            await self._blobs.delete(name)
            await self._store.commit([Delete(file_end(name, self._clock.now()).path)])

    async def _fetched(self, name: str) -> bytes:
        """What was laid aside. Raises Permanent where it is gone."""
        found = await self._blobs.get(name) if self._blobs is not None else None
        if found is None:
            raise Permanent(f"the file {name!r} of a run's checkpoint is gone; begin the run anew")
        return found[0]

    def _checkpoints(self, thread: str) -> str:
        return f"{_root(thread)}/checkpoints"

    def _checkpoint_path(self, thread: str, ns: str, checkpoint: str) -> str:
        return f"{self._checkpoints(thread)}/{digest('checkpoint', ns, checkpoint)}"

    async def _tuple(self, document: Document) -> CheckpointTuple:
        data: dict[str, Any] = document.data
        thread, ns, checkpoint = data["thread"], data["ns"], data["id"]
        raw = await self._fetched(data["blob"]) if data.get("blob") else data["checkpoint"]
        return CheckpointTuple(
            config=_config(thread, ns, checkpoint),
            checkpoint=self.serde.loads_typed((data["kind"], raw)),
            metadata=self.serde.loads_typed((data["meta_kind"], data["meta"])),
            parent_config=_config(thread, ns, data["parent"]) if data["parent"] else None,
            pending_writes=await self._pending(thread, ns, checkpoint),
        )

    async def _pending(self, thread: str, ns: str, checkpoint: str) -> list[tuple[str, str, Any]]:
        query = Query(where=(Where("ns", "==", ns), Where("checkpoint", "==", checkpoint)), limit=PAGE)
        page = await self._store.query(f"{_root(thread)}/writes", query)
        rows: list[tuple[str, str, _Write]] = []
        for document in page.documents:
            data: dict[str, Any] = document.data
            raw = await self._fetched(data["blob"]) if data.get("blob") else data["writes"]
            rows += [(data["path"], data["task"], write) for write in _written(raw)]
        rows.sort(key=lambda row: (*row[:2], row[2][0]))
        return [
            (task, channel, self.serde.loads_typed((kind, value)))
            for _, task, (_, channel, kind, value) in rows
        ]
