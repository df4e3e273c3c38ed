"""Writes down for each colleague what happened that is theirs to look after; their browser shows it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import msgspec

from shared.desk.calls.document import find_call
from shared.desk.commit import as_data, head_path, read_head
from shared.desk.links import conversation_link, run_link, ticket_link
from shared.desk.queue import read_handover
from shared.desk.services import Services
from shared.desk.wake import notices_key, wake
from shared.domain.assignment import able
from shared.domain.calls import Call, is_live
from shared.domain.colleagues import Actor, Role, at_least
from shared.domain.conversation import Head
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import instant
from shared.domain.notices import Notice, notices_path
from shared.ports import Put, Query, Where
from shared.security.staff import everyone
from shared.security.tenancy import TenantStore

KEPT = timedelta(days=14)
MOST = 100
RINGS_FOR = timedelta(minutes=1)
"""A caller who waits longer is told of anew."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How a fact is told: its title, and whose it is."""

    title: str
    on_the_line: str = ""  # its title where the customer is on a call meanwhile; it rings then
    named: tuple[str, ...] = ()  # fields of the fact that name a colleague
    assignee: bool = False  # whoever has the conversation
    able: bool = False  # everybody who could take it
    supervisors: bool = False
    deciders: bool = False  # everybody whose role reaches to the fact's `role`
    unless: str = ""  # a field with which another fact tells of it already


TELLINGS: dict[str, Telling] = {
    "handover.offered": Telling(
        "A customer waits for you", "A caller waits for you on the line", named=("to",)
    ),
    "handover.waiting": Telling("A customer waits for somebody", "A caller waits on the line", able=True),
    "handover.late": Telling("A promise to a customer was broken", named=("assignee",), supervisors=True),
    "handover.unanswered": Telling(
        "Nobody came for a customer", "Nobody came for a caller on the line", supervisors=True
    ),
    "conversation.assigned": Telling(
        "A conversation is yours", "A caller on the line is yours", named=("to",)
    ),
    "conversation.requeued": Telling("A conversation of yours waits for somebody else", named=("from",)),
    "conversation.came_back": Telling("A conversation that was put off is back", named=("to",)),
    "customer.wrote": Telling("Your customer wrote", named=("assignee",)),
    "ticket.created": Telling("A ticket was written", supervisors=True, unless="handover"),
    "ticket.assigned": Telling("A ticket is yours", named=("assignee",)),
    "ticket.given_up": Telling("A ticket is nobody's any more", supervisors=True),
    "ticket.escalated": Telling("A ticket grew more urgent", named=("assignee",), supervisors=True),
    "ticket.late": Telling("A ticket is late", named=("assignee",), supervisors=True),
    "callback.due": Telling("A customer is to be called now", named=("assignee",)),
    "run.asks": Telling("A decision waits for you", deciders=True),
    "reply.failed": Telling("A message did not reach its customer", assignee=True),
    "reply.parked": Telling("A message waits for its customer", assignee=True),
    "reply.unconfirmed": Telling("Nobody knows whether a message arrived", assignee=True),
}
"""Facts that people are told; every other one is for whoever counts."""


async def tell_colleagues(services: Services, event: Happened) -> None:
    """Write a notice for everybody a fact concerns, once each, and wake their consoles."""
    telling = TELLINGS.get(event.what)
    if telling is None or event.data.get(telling.unless):
        return
    store = services.tenant(event.tenant)
    on_call = await _live_call(store, event.conversation or "") if telling.on_the_line else None
    notice = _notice(services.public_url, event, telling, rings=on_call is not None)
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


async def still_ringing(store: TenantStore, told: Sequence[Notice], now: datetime, *, me: str) -> set[str]:
    """The ids of a colleague's notices for whose caller somebody is still to come."""
    fresh = [one for one in told if one.rings and not one.seen and now - instant(one.at) < RINGS_FOR]
    conversations = list(dict.fromkeys(one.conversation for one in fresh))
    waits = await asyncio.gather(*(_waits_for(store, one, me) for one in conversations))
    still = {name for name, waiting in zip(conversations, waits, strict=True) if waiting}
    return {one.id for one in fresh if one.conversation in still}


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


async def _live_call(store: TenantStore, conversation: str) -> tuple[Head, Call] | None:
    """The head of a conversation that is a call under way, and the call."""
    head = read_head(await store.get(head_path(conversation))) if conversation else None
    call = await find_call(store, head.call) if head and head.call else None
    return (head, call) if head and call and is_live(call) else None


async def _waits_for(store: TenantStore, conversation: str, me: str) -> bool:
    """Whether a caller waits for somebody, and it may be this colleague."""
    found = await _live_call(store, conversation)
    if found is None or found[1].state == "with_person":
        return False
    return found[0].state != "human_active" or found[0].assignee == me


def _notice(public_url: str, event: Happened, telling: Telling, *, rings: bool) -> Notice:
    ticket, conversation = str(event.data.get("ticket") or ""), event.conversation or ""
    run = str(event.data.get("run") or "")
    link = ""
    if run:
        link = run_link(public_url, event.tenant, run)
    elif ticket and not rings:
        link = ticket_link(public_url, event.tenant, ticket)
    elif conversation:
        link = conversation_link(public_url, event.tenant, conversation)
    return Notice(
        id=digest("notice", event.event_id),
        at=event.at,
        what=event.what,
        title=telling.on_the_line if rings else telling.title,
        rings=rings,
        text=str(event.data.get("reason") or ""),
        conversation=conversation,
        link=link,
    )


async def _audience(services: Services, store: TenantStore, event: Happened, telling: Telling) -> list[str]:
    """Whom it concerns, each once; not whoever did it."""
    people = await everyone(store)
    wanted = [str(event.data.get(field) or "") for field in telling.named]
    if telling.assignee and event.conversation:
        head = read_head(await store.get(head_path(event.conversation)))
        wanted.append(head.assignee if head else "")
    unclaimed = bool(event.data.get("unclaimed"))  # nobody in particular has it: whoever may is told
    if telling.able or unclaimed:
        asked = str(event.data.get("handover") or "")
        handover = await read_handover(store, asked) if asked else None
        now = services.ports.clock.now()
        wanted += [one.id for one in able(handover, people, now)] if handover else []
    if telling.supervisors or unclaimed:
        wanted += [one.id for one in people if at_least(one.role, "supervisor")]
    if telling.deciders:
        least = cast("Role", event.data["role"])
        wanted += [one.id for one in people if at_least(one.role, least)]
    known = {one.id for one in people}
    return [one for one in dict.fromkeys(wanted) if one in known and one != event.data.get("by")]
