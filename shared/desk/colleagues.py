"""A tenant's people as documents: read, found, and changed by one writer at a time."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime

import msgspec

from shared import outbox
from shared.desk.commit import as_data
from shared.desk.services import Services
from shared.domain.colleagues import Colleague
from shared.domain.errors import AlreadyExists, PreconditionFailed, Transient
from shared.outbox import Intent
from shared.ports import Create, Document, Put, Query
from shared.security.tenancy import TenantStore

MOST = 500
"""More people than one tenant's desks can have."""

ATTEMPTS = 10

Become = Callable[[Colleague | None, datetime], tuple[Colleague, list[Intent]]]
"""Given a colleague as they are, None for nobody, what becomes of them, and what goes with it."""


def colleague_path(colleague: str) -> str:
    """Where a colleague stands within their tenant."""
    return f"colleagues/{colleague}"


def read_colleague(document: Document) -> Colleague:
    """The colleague in a document."""
    return msgspec.convert(document.data, Colleague)


async def colleagues_of(store: TenantStore) -> tuple[Colleague, ...]:
    """Everybody who works for the tenant; who was removed is not among them."""
    page = await store.query("colleagues", Query(limit=MOST))
    found = (read_colleague(document) for document in page.documents)
    return tuple(one for one in found if not one.removed)


async def find_colleague(store: TenantStore, colleague: str) -> tuple[Colleague, Document] | None:
    """A colleague and the document, also one who was removed; None for nobody."""
    document = await store.get(colleague_path(colleague))
    return (read_colleague(document), document) if document else None


async def edit_colleague(services: Services, tenant: str, colleague: str, become: Become) -> Colleague:
    """Change a colleague's own document. Raises whatever `become` raises, Transient under contention."""
    store = services.tenant(tenant)
    for attempt in range(ATTEMPTS):
        found = await find_colleague(store, colleague)
        after, intents = become(found[0] if found else None, services.ports.clock.now())
        path, data = colleague_path(colleague), as_data(after)
        write = Put(path, data, version=found[1].version) if found else Create(path, data)
        try:
            await outbox.commit(services.ports, store, [write], intents)
        except (AlreadyExists, PreconditionFailed):
            await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))
        else:
            return after
    raise Transient(f"colleague {colleague} is contended; nothing was changed", retry_after=1)
