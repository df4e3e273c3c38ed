"""Customers: what their channels prove of them, and, apart from that, what they say of themselves."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from shared.domain.content import ChannelName


class Identity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who somebody is on one channel, as the channel itself proves it."""

    channel: ChannelName
    account: str
    id: str
    name: str | None = None
    phone: str | None = None  # E.164
    handle: str | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a customer said of themselves: useful to reach them, never proof of who they are."""

    value: str
    at: str
    conversation: str = ""


class Customer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person, as far as we know. Its document is `customers/{id}`."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    identities: tuple[Identity, ...] = ()
    claimed: dict[str, Claim] = {}  # by field: name, phone, email...
    created_at: str = ""
    updated_at: str = ""


def claim(customer: Customer, values: Mapping[str, str], at: str, conversation: str) -> Customer:
    """The customer with these values claimed, newer ones in place of older; identities stay as they are."""
    said = {name: Claim(value=value, at=at, conversation=conversation) for name, value in values.items()}
    return msgspec.structs.replace(
        customer, claimed={**customer.claimed, **said}, created_at=customer.created_at or at, updated_at=at
    )


def known(customer: Customer) -> dict[str, str]:
    """What may be used in talking to them, by field: their own words first, then their channels'."""
    proved = {
        name: value
        for identity in reversed(customer.identities)
        for name, value in (("name", identity.name), ("phone", identity.phone))
        if value
    }
    return proved | {name: told.value for name, told in customer.claimed.items()}
