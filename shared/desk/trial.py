"""A message the operator sends to see that a channel works; its reports are kept, no conversation begins."""

import msgspec

from shared.channels.shape import Dispatch, Outcome
from shared.desk.channels import Line
from shared.desk.commit import as_data
from shared.desk.record import SEEN_FOR
from shared.desk.services import Services
from shared.domain.content import Outgoing
from shared.domain.events import DeliveryReported, DeliveryStatus
from shared.domain.identity import digest, new_id
from shared.security.tenancy import TenantStore

_PREFIX = "trial-"
ORDER: tuple[DeliveryStatus, ...] = ("failed", "read", "delivered", "sent")
"""Statuses by how much they say."""


async def send_trial(services: Services, line: Line, to: str, message: Outgoing) -> tuple[str, Outcome]:
    """Send one message to `to`, the channel's own id of somebody; the key its reports come under.

    Raises Transient where no connection was made.
    """
    key = _PREFIX + new_id()
    outcome = await line.channel.send(services.http, line.account, Dispatch(key=key, to=to, message=message))
    return key, outcome


def is_trial(event: DeliveryReported) -> bool:
    """Whether a report is about such a message, on a channel that carries our key back."""
    return (event.key or "").startswith(_PREFIX)


async def keep_report(services: Services, store: TenantStore, event: DeliveryReported) -> None:
    """Keep what a vendor told of it, once a status."""
    expires = services.ports.clock.now() + SEEN_FOR
    await store.create(_path(str(event.key), event.status), {"shape": 1, **as_data(event)}, expires=expires)


async def newest_report(store: TenantStore, key: str) -> DeliveryReported | None:
    """The report that says most, None while there is none."""
    for document in await store.get_many([_path(key, status) for status in ORDER]):
        if document:
            return msgspec.convert(document.data, DeliveryReported)
    return None


def _path(key: str, status: DeliveryStatus) -> str:
    return f"trial_reports/{digest(key, status)}"
