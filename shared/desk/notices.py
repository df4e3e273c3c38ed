"""Writes down for each colleague what happened that is theirs to look after; their browser shows it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from shared.desk.colleagues import colleagues_of
from shared.desk.commit import as_data, head_path, read_head
from shared.desk.links import conversation_link, ticket_link
from shared.desk.queue import read_handover
from shared.desk.services import Services
from shared.desk.wake import notices_key, wake
from shared.domain.assignment import able
from shared.domain.colleagues import Actor, at_least
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import instant
from shared.domain.notices import Notice, notices_path
from shared.ports import Put, Query, Where
from shared.security.tenancy import TenantStore

KEPT = timedelta(days=14)
MOST = 100


@dataclass(frozen=True, slots=True)
class Telling:
    """How a fact is told: its title, and whose it is."""

    title: str
    named: tuple[str, ...] = ()  # fields of the fact that name a colleague
    assignee: bool = False  # whoever has the conversation
    able: bool = False  # everybody who could take it
    supervisors: bool = False


TELLINGS: dict[str, Telling] = {
    "handover.offered": Telling("A customer waits for you", named=("to",)),
    "handover.waiting": Telling("A customer waits for somebody", able=True),
    "handover.late": Telling("A promise to a customer was broken", named=("assignee",), supervisors=True),
    "handover.unanswered": Telling("Nobody came for a customer", supervisors=True),
    "conversation.assigned": Telling("A conversation is yours", named=("to",)),
    "ticket.assigned": Telling("A ticket is yours", named=("assignee",)),
    "ticket.escalated": Telling("A ticket grew more urgent", named=("assignee",), supervisors=True),
    "ticket.late": Telling("A ticket is late", named=("assignee",), supervisors=True),
    "callback.due": Telling("A customer is to be called now", named=("assignee",)),
    "reply.failed": Telling("A message did not reach its customer", assignee=True),
    "reply.parked": Telling("A message waits for its customer", assignee=True),
    "reply.unconfirmed": Telling("Nobody knows whether a message arrived", assignee=True),
}
"""Facts that people are told; every other one is for whoever counts."""


async def tell_colleagues(services: Services, event: Happened) -> None:
    """Write a notice for everybody a fact concerns, once each, and wake their consoles."""
    telling = TELLINGS.get(event.what)
    if telling is None:
        return
    store = services.tenant(event.tenant)
    notice = _notice(services.public_url, event, telling)
    expires = services.ports.clock.now() + KEPT
    for colleague in await _audience(services, store, event, telling):
        path = f"{notices_path(colleague)}/{notice.id}"
        if await store.create(path, as_data(notice), expires=expires):
            await wake(services.ports, notices_key(event.tenant, colleague))


async def notices(
    store: TenantStore, colleague: str, *, after: str = "", limit: int = 50
) -> tuple[Notice, ...]:
    """What a colleague was told after an instant, a stamp; the newest first."""
    where = (Where("at", ">", after),) if after else ()
    query = Query(where=where, order=("-at",), limit=min(limit, MOST))
    page = await store.query(notices_path(colleague), query)
    return tuple(msgspec.convert(document.data, Notice) for document in page.documents)


async def look_at(services: Services, tenant: str, ids: Sequence[str], *, by: Actor) -> None:
    """Mark somebody's own notices as seen, in all their browsers; what is gone by now is passed over."""
    store, path = services.tenant(tenant), notices_path(by.id)
    asked = [one for one in dict.fromkeys(ids) if one.isalnum()][:MOST]
    found = await asyncio.gather(*(store.get(f"{path}/{one}") for one in asked))
    fresh = [msgspec.convert(document.data, Notice) for document in found if document]
    writes = [
        Put(
            f"{path}/{one.id}",
            as_data(msgspec.structs.replace(one, seen=True)),
            expires=instant(one.at) + KEPT,
        )
        for one in fresh
        if not one.seen
    ]
    if writes:
        await store.commit(writes)
        await wake(services.ports, notices_key(tenant, by.id))


def _notice(public_url: str, event: Happened, telling: Telling) -> Notice:
    ticket, conversation = str(event.data.get("ticket") or ""), event.conversation or ""
    link = ""
    if ticket:
        link = ticket_link(public_url, event.tenant, ticket)
    elif conversation:
        link = conversation_link(public_url, event.tenant, conversation)
    return Notice(
        id=digest("notice", event.event_id),
        at=event.at,
        what=event.what,
        title=telling.title,
        text=str(event.data.get("reason") or ""),
        conversation=conversation,
        link=link,
    )


async def _audience(services: Services, store: TenantStore, event: Happened, telling: Telling) -> list[str]:
    """Whom it concerns, each once; not whoever did it."""
    people = await colleagues_of(store)
    wanted = [str(event.data.get(field) or "") for field in telling.named]
    if telling.assignee and event.conversation:
        head = read_head(await store.get(head_path(event.conversation)))
        wanted.append(head.assignee if head else "")
    if telling.able:
        handover = await read_handover(store, str(event.data.get("handover") or ""))
        now = services.ports.clock.now()
        wanted += [one.id for one in able(handover, people, now)] if handover else []
    if telling.supervisors:
        wanted += [one.id for one in people if at_least(one.role, "supervisor")]
    known = {one.id for one in people}
    return [one for one in dict.fromkeys(wanted) if one in known and one != event.data.get("by")]
