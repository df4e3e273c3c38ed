"""Who writes or calls, across channels: what channels proved apart from what the customer claimed."""

import re
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from shared.domain.content import ChannelName

MAY_CALL = "may_call"
"""The detail that says whether they agreed to be called: yes or no, with when and in which talk."""


class Claim(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a customer said of themselves: useful to reach them, never proof of who they are."""

    value: str
    at: str  # a stamp
    conversation: str = ""


class Customer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A customer of a tenant, on all channels. Its document is `customers/{id}`."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    source: ChannelName | None = None  # the channel of the first contact
    first_contact: str = ""  # a stamp
    last_contact: str = ""  # a stamp
    messages: int = 0  # how many they wrote, on all channels
    conversations: int = 0
    name: str | None = None  # as a channel's profile gives it
    phone: str | None = None  # E.164, proved by a channel
    handle: str | None = None
    external_id: str | None = None  # the tenant's own number for them
    language: str | None = None
    claimed: dict[str, Claim] = {}  # by field: name, phone, email, company...
    preferences: dict[str, str] = {}
    awaiting: tuple[str, ...] = ()  # runs that wait for their next message, in whatever conversation
    merged_into: str | None = None  # the customer this one turned out to be
    terms: tuple[str, ...] = ()  # what a search finds them by; see `terms_of`


def claim(customer: Customer, values: Mapping[str, str], at: str, conversation: str) -> Customer:
    """The customer with these values claimed, newer ones in place of older; what was proved stays."""
    said = {name: Claim(value=value, at=at, conversation=conversation) for name, value in values.items()}
    told = msgspec.structs.replace(customer, claimed={**customer.claimed, **said})
    return msgspec.structs.replace(told, terms=terms_of(told))


def known(customer: Customer) -> dict[str, str]:
    """What may be used in talking to them, by field: their own words first, then their channels'."""
    proved = {"name": customer.name, "phone": customer.phone}
    return {name: value for name, value in proved.items() if value} | {
        name: told.value for name, told in customer.claimed.items()
    }


_BEGINNINGS = 12  # letters of a word that a search may begin with
_DIGITS = 4  # the fewest digits by which a number is found


def terms_of(customer: Customer) -> tuple[str, ...]:
    """What a search finds a customer by: beginnings of the words of name and handle, ends of a number."""
    told = known(customer)
    words = f"{told.get('name', '')} {customer.name or ''} {customer.handle or ''} {told.get('email', '')}"
    terms = {
        word[:length] for word in searched(words) for length in range(2, min(len(word), _BEGINNINGS) + 1)
    }
    for number in (customer.phone, told.get("phone")):
        digits = "".join(filter(str.isdigit, number or ""))
        terms |= {digits[-length:] for length in range(_DIGITS, len(digits) + 1)}
    return tuple(sorted(terms))


def searched(text: str) -> list[str]:
    """The words of a text as a search compares them."""
    return [word for word in re.split(r"[^\w]+", text.casefold()) if word]
