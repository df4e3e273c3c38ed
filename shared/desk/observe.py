"""Keeps what happened under the tenant, once each, and says it in the log without anybody's words."""

import logging

from shared.desk.commit import as_data, head_path, read_head
from shared.desk.retention import said_until
from shared.desk.services import Services
from shared.domain.events import Happened
from shared.domain.identity import digest

log = logging.getLogger(__name__)


async def observe(services: Services, event: Happened) -> None:
    """Keep the fact as long as the messages of its conversation; told twice, it is kept once."""
    store = services.tenant(event.tenant)
    path = f"happenings/{digest(event.event_id)}"
    head = read_head(await store.get(head_path(event.conversation))) if event.conversation else None
    expires = await said_until(services, head.desk if head else None, services.ports.clock.now())
    if await store.create(path, {"shape": 1, **as_data(event)}, expires=expires):
        log.info(event.what, extra={"tenant": event.tenant, "conversation": event.conversation})
