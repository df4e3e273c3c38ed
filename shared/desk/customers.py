"""Recognises who wrote, across channels, by what channels and the business's site prove and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared.desk.consent import Wish, following, wish_of
from shared.domain.customers import Customer, terms_of
from shared.domain.events import MessageReceived, Sender
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.ports import Create, Document, Put, Write
from shared.security.tenancy import TenantStore


@dataclass(frozen=True, slots=True)
class Recognised:
    """The customer as they were, and the writes that keep what this message told of them."""

    before: Customer
    wish: Wish | None  # whether they asked to be left alone, or to be written to again
    writes: tuple[Write, ...]

    @property
    def id(self) -> str:
        """The customer's id with us."""
        return self.before.id


def _identities(event: MessageReceived) -> list[str]:
    """What is proved of the sender, strongest first; a phone number and the business's own id are one on
    every channel and desk.
    """
    sender: Sender = event.sender
    proofs = [f"external:{sender.external_id}"] if sender.external_id else []
    proofs.append(f"{event.channel}:{sender.id}")
    if sender.former_id:
        proofs.append(f"{event.channel}:{sender.former_id}")
    if sender.phone:
        proofs.append(f"phone:{sender.phone}")
    return [f"identities/{digest('identity', proof)}" for proof in proofs]


def read_customer(document: Document) -> Customer:
    """The customer in a document."""
    return msgspec.convert(document.data, Customer)


async def find(store: TenantStore, customer: str) -> Customer | None:
    """A customer by id, following a merge."""
    document = await store.get(f"customers/{customer}")
    found = read_customer(document) if document else None
    if found and found.merged_into:
        return await find(store, found.merged_into)
    return found


async def recognise(
    store: TenantStore, event: MessageReceived, now: datetime, conversation: str
) -> tuple[Recognised, Document | None]:
    """Who wrote `event`, and what to write with it; and the head at the path `conversation`, if it began.

    Identities that lead to two customers make them one: the older stays, the other points to it. Two whom
    the business itself tells apart stay two, and the identity is from now on of the one who wrote.
    """
    paths = _identities(event)
    begun, *known = await store.get_many([conversation, *paths])
    found = await _customers(store, [str(link.data["customer"]) for link in known if link])
    documents = _of_one(found, event.sender.external_id)
    writes: list[Write] = []
    if documents:
        kept = _folded([read_customer(document) for document in documents])
        wish = wish_of(event, kept)
        told = _told(kept, event, now, wish, begins=begun is None)
        writes.append(Put(documents[0].path, told, version=documents[0].version))
        for other in documents[1:]:
            merged = msgspec.structs.replace(read_customer(other), merged_into=kept.id)
            writes.append(Put(other.path, msgspec.to_builtins(merged), version=other.version))
    else:
        kept = Customer(id=digest("customer", paths[0]), source=event.channel, first_contact=stamp(now))
        wish = wish_of(event, kept)
        writes.append(Create(f"customers/{kept.id}", _told(kept, event, now, wish, begins=True)))
    link = {"shape": 1, "customer": kept.id}
    for path, document in zip(paths, known, strict=True):
        if document is None:
            writes.append(Create(path, link))
        elif document.data["customer"] != kept.id:
            writes.append(Put(path, link, version=document.version))
    return Recognised(kept, wish, tuple(writes)), begun


def _of_one(documents: list[Document], external: str | None) -> list[Document]:
    """Those that may be one person: no two with different ids of the business's own."""
    ids = [str(one.data["external_id"]) for one in documents if one.data.get("external_id")]
    own = external or next(iter(ids), None)
    return [one for one in documents if one.data.get("external_id") in (None, own)]


def _folded(customers: list[Customer]) -> Customer:
    """One customer of several: the oldest, with what only the others knew, and all they wrote."""
    kept = customers[0]
    for other in customers[1:]:
        kept = msgspec.structs.replace(
            kept,
            messages=kept.messages + other.messages,
            conversations=kept.conversations + other.conversations,
            name=kept.name or other.name,
            phone=kept.phone or other.phone,
            handle=kept.handle or other.handle,
            external_id=kept.external_id or other.external_id,
            preferences={**other.preferences, **kept.preferences},
            claimed={**other.claimed, **kept.claimed},
            language=kept.language or other.language,
            awaiting=tuple(dict.fromkeys((*other.awaiting, *kept.awaiting))),
        )
    return kept


async def _customers(store: TenantStore, ids: Sequence[str]) -> list[Document]:
    """The customers of these ids, oldest first, each once; one that was merged stands for the other."""
    found: dict[str, Document] = {}
    wanted = list(dict.fromkeys(ids))
    while wanted:
        documents = [one for one in await store.get_many([f"customers/{id_}" for id_ in wanted]) if one]
        found |= {one.name: one for one in documents if not one.data.get("merged_into")}
        merged = [str(one.data["merged_into"]) for one in documents if one.data.get("merged_into")]
        wanted = [id_ for id_ in dict.fromkeys(merged) if id_ not in found]
    return sorted(found.values(), key=lambda one: str(one.data.get("first_contact", "")))


def _told(
    customer: Customer, event: MessageReceived, now: datetime, wish: Wish | None, *, begins: bool
) -> dict[str, object]:
    """The customer as this message shows them; `begins` where it is the first of its conversation."""
    sender = event.sender
    told = msgspec.structs.replace(
        customer,
        last_contact=stamp(now),
        messages=customer.messages + 1,
        conversations=customer.conversations + begins,
        name=sender.name or customer.name,
        phone=sender.phone or customer.phone,
        handle=sender.handle or customer.handle,
        external_id=sender.external_id or customer.external_id,
        preferences=following(customer.preferences, wish, event.at or stamp(now)),
        language=customer.language or event.language,
    )
    data: dict[str, object] = msgspec.to_builtins(msgspec.structs.replace(told, terms=terms_of(told)))
    return data
