"""Changes one document of a tenant by what it says when it is written, whoever else changes it meanwhile."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from shared import outbox
from shared.desk.commit import as_data
from shared.desk.retention import said_until
from shared.desk.services import Services
from shared.domain.errors import NotThere, PreconditionFailed, Transient
from shared.outbox import Intent
from shared.ports import Put, Write

ATTEMPTS = 10

Record = TypeVar("Record", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Generic[Record]):
    """A record as it becomes, and what goes with it."""

    record: Record
    writes: Sequence[Write] = field(default=())
    intents: Sequence[Intent] = field(default=())
    goes_with: str = ""  # a desk: it goes when what is said there now does; empty = it stays


async def edit_document(
    services: Services,
    tenant: str,
    path: str,
    kind: type[Record],
    edit: Callable[[Record, datetime], Edited[Record] | None],
) -> Record:
    """Carry out `edit`; the record as it then is, also where it wants nothing changed.

    Raises NotThere where there is no such document, and whatever `edit` raises; Transient when
    contention does not end.
    """
    store = services.tenant(tenant)
    for attempt in range(ATTEMPTS):
        document = await store.get(path)
        if document is None:
            raise NotThere(f"{path} is unknown; look at the list")
        before = msgspec.convert(document.data, kind)
        now = services.ports.clock.now()
        wanted = edit(before, now)
        if wanted is None:
            return before
        expires = await said_until(services, wanted.goes_with, now) if wanted.goes_with else None
        put = Put(path, as_data(wanted.record), version=document.version, expires=expires)
        try:
            await outbox.commit(services.ports, store, [put, *wanted.writes], wanted.intents)
        except PreconditionFailed:
            await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))
        else:
            return wanted.record
    raise Transient(f"{path} is contended; nothing was changed", retry_after=1)
