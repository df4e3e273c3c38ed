"""Changes a colleague's own document, one writer at a time."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime

from shared import outbox
from shared.desk.commit import as_data
from shared.desk.services import Services
from shared.domain.colleagues import Colleague
from shared.domain.errors import AlreadyExists, PreconditionFailed, Transient
from shared.outbox import Intent
from shared.ports import Create, Put
from shared.security.staff import colleague_path, read_colleague

ATTEMPTS = 10

Become = Callable[[Colleague | None, datetime], tuple[Colleague, list[Intent]]]
"""Given a colleague as they are, None for nobody, what becomes of them, and what goes with it."""


async def edit_colleague(services: Services, tenant: str, colleague: str, become: Become) -> Colleague:
    """Change a colleague's own document. Raises whatever `become` raises, Transient under contention."""
    store = services.tenant(tenant)
    for attempt in range(ATTEMPTS):
        document = await store.get(colleague_path(colleague))
        after, intents = become(read_colleague(document), services.ports.clock.now())
        path, data = colleague_path(colleague), as_data(after)
        write = Put(path, data, version=document.version) if document else Create(path, data)
        try:
            await outbox.commit(services.ports, store, [write], intents)
        except (AlreadyExists, PreconditionFailed):
            await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))
        else:
            return after
    raise Transient(f"colleague {colleague} is contended; nothing was changed", retry_after=1)
