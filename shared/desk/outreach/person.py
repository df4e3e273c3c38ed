"""Who is to be reached: the customer, their number, and their conversations with the desk."""

from dataclasses import dataclass

from shared.config.schema import DeskConfig
from shared.desk.calls.may_call import number_of
from shared.desk.commit import read_head
from shared.desk.customers import find
from shared.domain.conversation import Head
from shared.domain.customers import Customer
from shared.domain.errors import NotThere, Permanent
from shared.domain.identity import digest
from shared.domain.outreach import Outreach
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore
from shared.tools.phones import read_phone

_MOST = 30
"""Conversations that are looked at, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to be reached; `customer` is None for one who never wrote and is only a number."""

    customer: Customer | None
    number: str  # E.164, empty where none is known
    heads: tuple[tuple[str, Head], ...]  # their conversations with the desk, the newest first


async def person_of(store: TenantStore, config: DeskConfig, outreach: Outreach) -> Person:
    """Whom an outreach is for. Raises NotThere for a customer nobody knows."""
    customer = await find(store, outreach.customer) if outreach.customer else None
    if outreach.customer and customer is None:
        raise NotThere(f"customer {outreach.customer} is unknown")
    number = outreach.number
    if customer is None:
        customer = await known_by(store, number)
    if not number and customer:
        number = read_phone(number_of(customer), config) or "" if number_of(customer) else ""
    heads: tuple[tuple[str, Head], ...] = ()
    if customer is not None:
        where = (Where("customer", "==", customer.id),)
        page = await store.query("conversations", Query(where, ("-last_at",), _MOST))
        found = ((one.name, read_head(one)) for one in page.documents)
        heads = tuple((name, head) for name, head in found if head and head.desk == config.desk.id)
        number = number or _called_from(config, heads)
    return Person(customer=customer, number=number, heads=heads)


def _called_from(config: DeskConfig, heads: tuple[tuple[str, Head], ...]) -> str:
    """The number by which they last spoke to the desk on the telephone; empty where none is shown."""
    contacts = (head.contact.removeprefix("tel:") for _, head in heads if head.channel == "phone")
    return next(filter(None, (read_phone(one, config) for one in contacts)), "")


async def known_by(store: TenantStore, number: str) -> Customer | None:
    """The customer of whom a channel proved a number, or None."""
    proofs = (f"phone:{number}", f"sms:{number}", f"whatsapp:{number.removeprefix('+')}")
    links = await store.get_many([f"identities/{digest('identity', proof)}" for proof in proofs])
    known = next((str(link.data["customer"]) for link in links if link), "")
    return await find(store, known) if known else None


def number_in(text: str, config: DeskConfig) -> str:
    """A number in E.164. Raises Permanent for what is none."""
    if read := read_phone(text, config):
        return read
    raise Permanent(f"{text!r} is no telephone number; write one with its country code, e.g. +919812345678")


def newest_word(person: Person) -> str:
    """When they last wrote to the desk, a stamp; empty for never."""
    return max((head.last_inbound_at for _, head in person.heads), default="")
