"""The inbox: conversations as rows, newest first, straight from their heads."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from shared.desk.commit import message_path, read_head
from shared.desk.find_customers import customers_named
from shared.desk.services import Services
from shared.domain.calls import Call, call_path
from shared.domain.colleagues import Colleague
from shared.domain.content import ChannelName
from shared.domain.conversation import Head, Message
from shared.domain.customers import Customer
from shared.domain.handovers import Handover, handover_path
from shared.domain.instants import stamp
from shared.domain.states import State
from shared.ports import Data, Document, Query, Where
from shared.security.tenancy import TenantStore

View = Literal["mine", "unassigned", "all", "snoozed"]
WAITING: tuple[State, ...] = ("handover", "pending_human")
_MOST_PAGES = 10  # read to fill one page of rows, where many are filtered away
MOST_COUNTED = 100  # what a tab has room for; counted at every drawing, so it must stay cheap


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows are wanted; all of it must hold."""

    view: View = "all"
    me: str = ""  # the colleague's id, for `mine`
    state: State | None = None
    channel: ChannelName | None = None
    desk: str = ""
    words: str = ""  # of the customer's name, handle or number


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One conversation as the inbox shows it."""

    conversation: str
    head: Head
    customer: Customer | None
    newest: Message | None
    handover: Handover | None  # the one under way
    assignee: str = ""  # the name of the colleague who has it
    call: Call | None = None  # the call it is


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of the inbox; `cursor` asks for the next one, None where there is none."""

    items: tuple[Row, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many conversations there are in each view, and in how many of them something is unread.

    What is put off is not counted, and none beyond MOST_COUNTED: that many mean as many or more.
    """

    mine: int
    unassigned: int
    unread_mine: int
    unread_unassigned: int


async def rows(
    services: Services, tenant: str, wanted: Filter, *, cursor: str | None = None, limit: int = 50
) -> Rows:
    """A page of rows, newest message first; snoozed ones by when they come back.

    Raises Permanent for a cursor that no page gave.
    """
    store, now = services.tenant(tenant), services.ports.clock.now()
    where = _where(wanted, now)
    if wanted.words.strip():
        customers = await customers_named(store, wanted.words)
        if not customers:
            return Rows(())
        where = (*where, Where("customer", "in", customers))
    order = ("snoozed_until",) if wanted.view == "snoozed" else ("-last_at",)
    found: list[Document] = []
    for _ in range(_MOST_PAGES):
        page = await store.query("conversations", Query(where, order, limit - len(found), cursor))
        found += [one for one in page.documents if _belongs(one, wanted, now)]
        cursor = page.cursor
        if cursor is None or len(found) >= limit:
            break
    return Rows(await _rows(store, found), cursor)


async def row(services: Services, tenant: str, conversation: str) -> Row | None:
    """One conversation as the inbox shows it, None where it is unknown."""
    store = services.tenant(tenant)
    document = await store.get(f"conversations/{conversation}")
    found = await _rows(store, [document]) if document else ()
    return found[0] if found else None


async def counts(services: Services, tenant: str, me: str) -> Counts:
    """What the inbox's tabs show."""
    store = services.tenant(tenant)
    there, active = Where("snoozed_until", "==", ""), Where("state", "==", "human_active")
    mine: tuple[Where, ...] = (there, active, Where("assignee", "==", me))
    free: tuple[Where, ...] = (there, Where("state", "in", list(WAITING)))
    phone: tuple[Where, ...] = (there, active, Where("assignee", "==", ""))
    unread, waits = Where("unread", ">", 0), Where("first_waiting", ">", "")
    asked = (mine, free, (*phone, waits), (*mine, unread), (*free, unread), (*phone, unread))
    numbers = await asyncio.gather(
        *(store.count("conversations", where, most=MOST_COUNTED) for where in asked)
    )
    return Counts(
        mine=numbers[0],
        unassigned=numbers[1] + numbers[2],
        unread_mine=numbers[3],
        unread_unassigned=numbers[4] + numbers[5],
    )


def _where(wanted: Filter, now: datetime) -> tuple[Where, ...]:
    where: list[Where] = []
    if wanted.view == "mine":
        where.append(Where("assignee", "==", wanted.me))
    if wanted.view == "snoozed":
        where.append(Where("snoozed_until", ">", stamp(now)))
    if wanted.view == "unassigned":
        where.append(Where("assignee", "==", ""))
    if wanted.state is not None:
        where.append(Where("state", "==", wanted.state))
    elif wanted.view == "unassigned":
        where.append(Where("state", "in", [*WAITING, "human_active"]))
    if wanted.channel is not None:
        where.append(Where("channel", "==", wanted.channel))
    if wanted.desk:
        where.append(Where("desk", "==", wanted.desk))
    return tuple(where)


def _belongs(document: Document, wanted: Filter, now: datetime) -> bool:
    """What a query cannot say: those put off are in their own view alone."""
    if wanted.view == "snoozed":
        return True
    if wanted.view == "unassigned" and not _waits(document.data):
        return False
    return str(document.data.get("snoozed_until") or "") <= stamp(now)


def _waits(head: Data) -> bool:
    """Whether somebody is to come: a person is asked for, or one on their phone has left it unanswered."""
    return head.get("state") in WAITING or bool(head.get("first_waiting"))


async def _rows(store: TenantStore, documents: Sequence[Document]) -> tuple[Row, ...]:
    """The rows with all that is shown of them, read in one go."""
    heads = {one.name: head for one in documents if (head := read_head(one))}
    paths = list(dict.fromkeys(path for name, head in heads.items() for path in _paths(name, head) if path))
    documents_there = await store.get_many(paths) if paths else []
    there = {path: one.data for path, one in zip(paths, documents_there, strict=True) if one}
    return tuple(_row(name, head, there) for name, head in heads.items())


def _paths(conversation: str, head: Head) -> tuple[str, str, str, str, str]:
    """Where customer, newest message, handover, assignee and call stand; empty for what there is not."""
    return (
        f"customers/{head.customer}",
        message_path(conversation, head.last) if head.last else "",
        handover_path(head.handover) if head.handover else "",
        f"colleagues/{head.assignee}" if head.assignee else "",
        call_path(head.call) if head.call else "",
    )


def _row(conversation: str, head: Head, there: Mapping[str, Data]) -> Row:
    customer, newest, handover, assignee, call = _paths(conversation, head)
    return Row(
        conversation=conversation,
        head=head,
        customer=msgspec.convert(there[customer], Customer) if customer in there else None,
        newest=msgspec.convert(there[newest], Message, strict=False) if newest in there else None,
        handover=msgspec.convert(there[handover], Handover) if handover in there else None,
        assignee=msgspec.convert(there[assignee], Colleague).name if assignee in there else "",
        call=msgspec.convert(there[call], Call) if call in there else None,
    )
