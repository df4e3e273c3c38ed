"""What every receiver does: verify the vendor's signature, publish the facts, answer 200; nothing else.

It looks nothing up and dedupes nothing: one that dedupes and dies before publishing would turn the
vendor's retry into a loss. Kept light, because vendors wait for it while it starts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from shared.channels.shape import Channel, Groups, Webhook
from shared.domain.errors import Forged, FrontdeskError, Malformed, Transient
from shared.domain.events import Event
from shared.ports import Bus

log = logging.getLogger(__name__)

MOST = 3_200_000
"""Bytes of the largest webhook; Meta sends up to 3 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What a receiver works with."""

    bus: Bus
    public_url: str  # as vendors call us; signatures cover it
    platform_secrets: Sequence[str]  # tried first: no look-up for the agency's own apps
    own_secrets: Callable[[str], Awaitable[Sequence[str]]]  # of an account with an app of its own


async def webhook_of(request: Request, public_url: str) -> Webhook:
    """The request as it came. Raises Malformed where it is too large or breaks off."""
    body, more = bytearray(), True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Malformed("the sender hung up before the body's end")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST:
            raise Malformed(f"the body is larger than {MOST} bytes")
    path = request.scope["path"]
    query = request.scope["query_string"].decode("latin-1")
    return Webhook(
        method=request.method,
        url=f"{public_url.rstrip('/')}{path}{f'?{query}' if query else ''}",
        query=dict(request.query_params) if query else {},
        headers=[(k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in request.scope["headers"]],
        body=bytes(body),
    )


async def receive(request: Request, channel: Channel, reception: Reception, *, answer: str = "") -> Response:
    """200 with `answer` once every fact in the webhook is published.

    401 for a bad signature, 400 for a body that is not the vendor's, 503 where the bus is out of reach,
    so that the vendor tells it again.
    """
    try:
        webhook = await webhook_of(request, reception.public_url)
        vouched = await _verify(channel, webhook, reception)
        events = [own for one in channel.parse(webhook) if (own := _within(one, vouched))]
    except Forged:
        return PlainTextResponse("signature refused\n", 401)
    except Malformed as error:
        log.info("webhook.malformed", extra={"channel": channel.NAME})
        return PlainTextResponse(f"{error}\n", 400)
    except Transient:  # whose secret it is could not be looked up
        return PlainTextResponse("try again\n", 503, headers={"Retry-After": "2"})
    except FrontdeskError as error:
        log.warning("webhook.secret_out_of_reach", extra={"channel": channel.NAME, "why": str(error)})
        return PlainTextResponse("signature refused\n", 401)
    try:
        if len(events) == 1:
            await _publish(reception.bus, events[0])
        else:
            await asyncio.gather(*(_publish(reception.bus, event) for event in events))
    except FrontdeskError as error:  # whatever is wrong with our bus, the vendor is to tell it again
        if not isinstance(error, Transient):
            log.exception("webhook.not_published", extra={"channel": channel.NAME})
        return PlainTextResponse("try again\n", 503, headers={"Retry-After": "2"})
    return Response(answer, media_type="text/xml" if answer else "text/plain")


async def _verify(channel: Channel, webhook: Webhook, reception: Reception) -> str | None:
    """The one account the signature vouches for, None for any: the platform's secret signs for all of them.

    The platform's first; where that fails, the account's own, which says nothing about anybody else's.
    """
    try:
        channel.verify(webhook, reception.platform_secrets)
    except Forged:
        service = channel.service(webhook) if isinstance(channel, Groups) else None
        for account in filter(None, (channel.account(webhook), service)):
            if own := await reception.own_secrets(account):
                channel.verify(webhook, own)
                return account
        raise
    return None


def _within(event: Event, vouched: str | None) -> Event | None:
    """The event as far as its signature goes: told for the one account vouched for, or not at all."""
    if vouched is None:
        return event
    service = getattr(event, "service", None)
    if vouched not in (getattr(event, "account", None), service):
        return None
    return replace(event, account=vouched, service=None) if service else event


async def _publish(bus: Bus, event: Event) -> None:
    await bus.publish(type(event).topic(), event.encode())
