"""A conversation's channel as the desk uses it: the module, and the account with its credentials."""

from dataclasses import dataclass

from pydantic import BaseModel

from shared.channels.shape import Account, Channel
from shared.config.schema import DeskConfig
from shared.desk.services import Services
from shared.domain.content import ChannelName
from shared.domain.errors import NotConnected, Permanent
from shared.security.tenant_secrets import not_set, secret_of

VENDORS = {
    ("whatsapp", "meta"): "meta",
    ("whatsapp", "twilio"): "twilio",
    ("instagram", None): "instagram",
    ("sms", "twilio"): "twilio",
}
"""Whose API a channel and provider speak to."""

PLATFORM_NAMES = {
    "access_token": "META_ACCESS_TOKEN",
    "app_secret": "META_APP_SECRET",
    "account_sid": "TWILIO_ACCOUNT_SID",
    "auth_token": "TWILIO_AUTH_TOKEN",
}
"""Which of the platform's own credentials stands in where a desk's file names none."""

NEEDED = {
    "meta": ("access_token",),
    "instagram": ("access_token",),
    "twilio": ("account_sid", "auth_token"),
}
"""The credentials without which nothing goes out by a vendor."""


@dataclass(frozen=True, slots=True)
class Line:
    """A channel module with the desk's account on it."""

    channel: Channel
    account: Account


def _settings(config: DeskConfig, channel: ChannelName) -> BaseModel:
    settings: BaseModel | None = getattr(config.channels, channel, None)
    if settings is None:
        raise Permanent(f"desk {config.desk.id} has no channels.{channel}; add it to its file and publish")
    return settings


def channel_of(services: Services, config: DeskConfig, channel: ChannelName) -> Channel:
    """The channel module a desk's file asks for."""
    return services.channel(channel, getattr(_settings(config, channel), "provider", None))


async def line_of(services: Services, config: DeskConfig, channel: ChannelName, account: str) -> Line:
    """The module and the account. A credential of the desk's own wins over the platform's.

    Raises Permanent where the desk does not have the channel.
    """
    settings = _settings(config, channel)
    provider: str | None = getattr(settings, "provider", None)
    credentials: dict[str, str] = {}
    for field, platform_name in PLATFORM_NAMES.items():
        own = getattr(settings, field, None)
        value = (
            await _own(services, config.tenant.id, f"channels.{channel}.{field}", str(own)) if own else None
        )
        value = value or services.credentials.get(platform_name)
        if value:
            credentials[field] = value
    vendor = VENDORS.get((channel, provider), "")
    address = services.addresses.get(vendor, "")
    return Line(
        services.channel(channel, provider),
        Account(
            id=account,
            settings=settings,
            credentials=credentials,
            api_url=address,
            callback_url=f"{services.public_url}/webhooks/twilio/{channel}" if vendor == "twilio" else None,
        ),
    )


async def not_connected(services: Services, config: DeskConfig, channel: ChannelName) -> str:
    """What a desk's channel lacks to send anything; empty where it is connected."""
    try:
        line = await line_of(services, config, channel, "")
    except NotConnected as missing:
        return str(missing)
    vendor = VENDORS.get((channel, getattr(line.account.settings, "provider", None)), "")
    lacks = [PLATFORM_NAMES[one] for one in NEEDED.get(vendor, ()) if not line.account.credentials.get(one)]
    return f"not connected; set {' and '.join(lacks)}" if lacks else ""


async def _own(services: Services, tenant: str, key: str, written: str) -> str:
    """A desk's own credential. Raises NotConnected for a reference that leads nowhere: the platform's in its
    place would send as somebody else.
    """
    if key.endswith(".account_sid") and not written.startswith(("${", "secret://")):
        return written  # no secret, so it may stand in the file
    value = await secret_of(services.ports.secrets, tenant, written)
    if value is None:
        raise NotConnected(f"{key}: {not_set(tenant, written)}, or leave the key out")
    return value


async def own_webhook_secrets(services: Services, channel: ChannelName, account: str) -> tuple[str, ...]:
    """The secrets with which an account of its own app signs; none for an account that no desk has."""
    route = await services.versions.route(channel, account)
    published = await services.versions.published(route[1]) if route else None
    if published is None:
        return ()
    settings = getattr(published.config.channels, channel, None)
    references = [getattr(settings, name, None) for name in ("app_secret", "auth_token")]
    secrets, tenant = services.ports.secrets, published.tenant
    values = [await secret_of(secrets, tenant, str(reference)) for reference in references if reference]
    return tuple(value for value in values if value)
