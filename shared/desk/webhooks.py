"""Tells a business's own systems what happened, signed as standardwebhooks.com describes."""

import base64
import binascii
import hashlib
import hmac
import logging
from datetime import datetime, timedelta

import msgspec

from shared.config.operations import Notification
from shared.config.schema import DeskConfig
from shared.desk.commit import head_path, read_head
from shared.desk.links import conversation_link
from shared.desk.services import Services
from shared.domain.errors import FrontdeskError, NotConnected, Permanent, Transient
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.security.egress import safe_fetch
from shared.security.tenancy import TenantStore
from shared.security.tenant_secrets import not_set, secret_of

log = logging.getLogger(__name__)

REMEMBERED = timedelta(days=7)
"""For so long a call that was taken is not made again, however often its fact is told."""

LARGEST_ANSWER = 65_536
GONE = 410
"""The answer by which an address asks to be called no more."""


async def call_webhooks(services: Services, event: Happened) -> None:
    """Call every address of the desk that wants the fact, each once.

    Raises what went wrong with any of them once all were tried: Transient has the bus tell it again
    later, Permanent lays the letter aside with its reason.
    """
    store = services.tenant(event.tenant)
    config = await _config(services, store, event)
    failed: list[FrontdeskError] = []
    for wanted in config.monitoring.notifications if config else ():
        if not wants(wanted, event.what):
            continue
        try:
            await _call_once(services, store, wanted, event)
        except FrontdeskError as error:
            log.warning("webhook.failed", extra={"tenant": event.tenant, "family": type(error).__name__})
            failed.append(error)
    passing = next((error for error in failed if isinstance(error, Transient)), None)
    if failed:
        raise passing or failed[0]


def wants(notification: Notification, what: str) -> bool:
    """Whether an address wants facts of a name; `ticket.*` stands for all that begin so."""
    return any(
        one == what or (one.endswith(".*") and what.startswith(one[:-1])) or one == "*"
        for one in notification.events
    )


def signed(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that prove a call is ours. A secret `whsec_…` is base64, any other plain."""
    seconds = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), seconds.encode(), body))
    mac = hmac.new(_key(secret), content, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _key(secret: str) -> bytes:
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise Permanent(
            "a webhook's secret begins with whsec_ and is no base64; store a right one"
        ) from error


async def _config(services: Services, store: TenantStore, event: Happened) -> DeskConfig | None:
    """The configuration of the desk it happened at; None for what happened at no desk that runs."""
    desk = str(event.data.get("desk") or "")
    if not desk and event.conversation:
        head = read_head(await store.get(head_path(event.conversation)))
        desk = head.desk if head else ""
    published = await services.versions.published(desk) if desk else None
    return published.config if published and published.tenant == event.tenant else None


async def _call_once(services: Services, store: TenantStore, wanted: Notification, event: Happened) -> None:
    done = f"called/{digest('webhook', wanted.url, event.event_id)}"
    if await store.get(done):
        return
    secret = await secret_of(services.ports.secrets, store.tenant, wanted.secret)
    if secret is None:
        raise NotConnected(
            f"monitoring.notifications: {not_set(store.tenant, wanted.secret)}, or leave the entry out"
        )
    now = services.ports.clock.now()
    body = _body(services.public_url, event)
    answer = await safe_fetch(
        services.http,
        wanted.url,
        method="POST",
        headers={"content-type": "application/json", **signed(secret, event.event_id, now, body)},
        content=body,
        most=LARGEST_ANSWER,
    )
    if not 200 <= answer.status < 300 and answer.status != GONE:
        raise Transient(f"a webhook answered {answer.status}; it is called again later")
    await store.create(done, {"shape": 1, "status": answer.status}, expires=now + REMEMBERED)


def _body(public_url: str, event: Happened) -> bytes:
    data: dict[str, object] = {"tenant": event.tenant, **event.data}
    if event.conversation:
        data["conversation"] = event.conversation
        data["link"] = conversation_link(public_url, event.tenant, event.conversation)
    return msgspec.json.encode({"type": event.what, "timestamp": event.at, "data": data})
