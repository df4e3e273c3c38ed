"""Keeps what happened under the tenant, once each, and says it in the log without anybody's words."""

import logging
from datetime import timedelta

from shared.desk.commit import as_data
from shared.desk.services import Services
from shared.domain.events import Happened
from shared.domain.identity import digest

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)


async def observe(services: Services, event: Happened) -> None:
    """Keep the fact; told twice, it is kept once."""
    store = services.tenant(event.tenant)
    path = f"happenings/{digest(event.event_id)}"
    expires = services.ports.clock.now() + KEPT
    if await store.create(path, {"shape": 1, **as_data(event)}, expires=expires):
        log.info(event.what, extra={"tenant": event.tenant, "conversation": event.conversation})
