"""Recognises who wrote, across channels, by what the channels themselves prove and nothing else."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared.domain.customers import Customer
from shared.domain.events import MessageReceived, Sender
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.ports import Create, Document, Put, Write
from shared.security.tenancy import TenantStore


@dataclass(frozen=True, slots=True)
class Recognised:
    """The customer, and the writes that keep what this message told of them."""

    id: str
    writes: tuple[Write, ...]


def _identities(event: MessageReceived) -> list[str]:
    """What the channel proves of the sender, strongest first; a phone number is one on every channel."""
    sender: Sender = event.sender
    proofs = [f"{event.channel}:{sender.id}"]
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


async def recognise(store: TenantStore, event: MessageReceived, now: datetime) -> Recognised:
    """Who wrote `event`, and what to write with it.

    Identities that lead to two customers make them one: the older stays, the other points to it.
    """
    paths = _identities(event)
    known = await store.get_many(paths)
    ids = list(dict.fromkeys(str(document.data["customer"]) for document in known if document))
    documents = [doc for doc in await store.get_many([f"customers/{id_}" for id_ in ids]) if doc]
    documents.sort(key=lambda document: str(document.data["first_contact"]))
    writes: list[Write] = []
    if documents:
        kept = read_customer(documents[0])
        writes.append(Put(documents[0].path, _told(kept, event, now), version=documents[0].version))
        for other in documents[1:]:
            merged = msgspec.structs.replace(read_customer(other), merged_into=kept.id)
            writes.append(Put(other.path, msgspec.to_builtins(merged), version=other.version))
    else:
        kept = Customer(
            id=digest("customer", paths[0]),
            source=event.channel,
            first_contact=stamp(now),
            last_contact=stamp(now),
            conversations=1,
        )
        writes.append(Create(f"customers/{kept.id}", _told(kept, event, now)))
    link = {"shape": 1, "customer": kept.id}
    for path, document in zip(paths, known, strict=True):
        if document is None:
            writes.append(Create(path, link))
        elif document.data["customer"] != kept.id:
            writes.append(Put(path, link, version=document.version))
    return Recognised(kept.id, tuple(writes))


def _told(customer: Customer, event: MessageReceived, now: datetime) -> dict[str, object]:
    sender = event.sender
    data: dict[str, object] = msgspec.to_builtins(
        msgspec.structs.replace(
            customer,
            last_contact=stamp(now),
            messages=customer.messages + 1,
            name=sender.name or customer.name,
            phone=sender.phone or customer.phone,
            handle=sender.handle or customer.handle,
        )
    )
    return data
