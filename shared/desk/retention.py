"""How long what customers say is kept, and what is derived from it; each document carries its end along.

The Store removes documents by themselves. Files have no such end, so that of each stands in a document
of its own, `kept_files/{digest}`, until a daily sweep has removed both.
"""

from datetime import datetime, timedelta

from shared.config.schema import DeskConfig
from shared.desk.services import Services
from shared.domain.instants import stamp
from shared.ports import Delete, Query, Where

UNKNOWN = timedelta(days=90)
"""Where no desk's file says how long."""

_PAGE = 200


def messages_until(config: DeskConfig, at: datetime) -> datetime:
    """When what was said at an instant goes, and what came of it."""
    return at + timedelta(days=config.privacy.retention_days)


def receipts_until(config: DeskConfig, at: datetime) -> datetime:
    """When the record of what a turn cost goes."""
    return at + timedelta(days=config.privacy.receipts_retention_days)


async def said_until(services: Services, desk: str | None, at: datetime) -> datetime:
    """As `messages_until`, by the file that the desk runs on."""
    published = await services.versions.published(desk) if desk else None
    return messages_until(published.config, at) if published else at + UNKNOWN


async def sweep_files(services: Services) -> int:
    """Remove every tenant's files whose time has come; how many."""
    total = 0
    due = Where("until", "<=", stamp(services.ports.clock.now()))
    while True:
        page = await services.platform.across_tenants("kept_files", Query((due,), ("until",), _PAGE))
        for document in page.documents:
            _, tenant, *rest = document.path.split("/")
            await services.ports.blobs.delete(str(document.data["blob"]))
            await services.tenant(tenant).commit([Delete("/".join(rest))])
            total += 1
        if page.cursor is None:
            return total
