"""One conversation with all a page shows of it: its thread, what may be sent, its customer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from shared.channels.shape import Limits
from shared.config.schema import DeskConfig
from shared.console.call_view import CallView, call_view
from shared.console.thread import Shown, shown, writers
from shared.console.visit import Visit
from shared.console.wanted import Wanted
from shared.desk.canned import Approved, templates_of
from shared.desk.channels import channel_of
from shared.desk.commit import read_head
from shared.desk.contact import may_contact
from shared.desk.customers import find
from shared.desk.inbox import Row, row
from shared.desk.outreach.scheduled import Scheduled, scheduled
from shared.desk.people_memory import Care, cared, memory_path
from shared.desk.services import Services
from shared.desk.timeline import timeline
from shared.domain.colleagues import Colleague
from shared.domain.conversation import Head
from shared.domain.customers import Customer
from shared.domain.errors import FrontdeskError
from shared.domain.instants import instant, stamp
from shared.domain.states import FROZEN
from shared.ports import Query, Where

Mode = Literal["reply", "template", "colleague", "resolved", "refused"]
"""What the composer offers: words, only templates, or only a note: a colleague has it, it ended, a fault."""

_OTHERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the channel lets a person send now."""

    mode: Mode
    reason: str = ""
    closes_at: str = ""  # a stamp; when the reply window closes, empty where there is none or it is closed
    templates: tuple[Approved, ...] = ()
    files: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation as one person sees it."""

    id: str
    row: Row
    desk: str  # the desk's name
    zone: str
    lines: Sequence[Shown]
    earlier: bool  # whether there is more before
    line: Line
    call: CallView | None = None  # the call it is

    @property
    def head(self) -> Head:
        """The conversation's head."""
        return self.row.head

    @property
    def name(self) -> str:
        """What the customer is called."""
        return called(self.row.customer)

    @property
    def held(self) -> bool:
        """Whether a person has it, or is asked for."""
        return self.head.state in FROZEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is known of the customer."""

    customer: Customer | None
    others: Sequence[tuple[str, Head]]  # their other conversations, newest first
    care: Sequence[Care]  # what people left the desk, newest first
    coming: Sequence[Scheduled]  # what is scheduled for them, the next first


def called(customer: Customer | None) -> str:
    """What a customer is called, by the best that is known of them."""
    if customer is None:
        return "Visitor"
    claimed = customer.claimed.get("name")
    named = customer.name or (claimed.value if claimed else "")
    return named or customer.handle or customer.phone or "Visitor"


async def talk(services: Services, visit: Visit, conversation: str, wanted: Wanted) -> Talk | None:
    """The conversation, None where there is none."""
    found, part = await asyncio.gather(
        row(services, visit.tenant, conversation),
        timeline(visit.store, conversation, limit=wanted.entries),
    )
    if found is None:
        return None
    published = await services.versions.published(found.head.desk)
    config = published.config if published else None
    zone = config.desk.timezone if config else "UTC"
    names = await _names(visit, writers(part.entries))
    return Talk(
        id=conversation,
        row=found,
        desk=config.desk.name if config else found.head.desk,
        zone=zone,
        lines=shown(part.entries, names, ZoneInfo(zone)),
        earlier=part.before is not None,
        line=_line(services, visit, config, found, services.ports.clock.now()),
        call=await call_view(visit.store, found.call) if found.call else None,
    )


async def _names(visit: Visit, ids: Sequence[str]) -> Mapping[str, str]:
    found = await visit.store.get_many([f"colleagues/{one}" for one in ids]) if ids else []
    people = [msgspec.convert(one.data, Colleague) for one in found if one]
    return {one.id: one.name for one in people}


def _line(services: Services, visit: Visit, config: DeskConfig | None, row: Row, now: datetime) -> Line:
    """What may be written, by whose the conversation is, and then by the channel."""
    head = row.head
    taken = head.state == "human_active" and head.assignee not in ("", visit.actor.id)
    if head.state == "resolved":
        return Line(mode="resolved")
    if taken and not visit.may("supervisor"):
        return Line(mode="colleague", reason=row.assignee or "A colleague")
    if config is None:
        return Line(mode="refused", reason="The desk is not published any more; publish it to write here.")
    try:
        return _sendable(config, row, channel_of(services, config, head.channel).limits, now)
    except FrontdeskError as error:
        return Line(mode="refused", reason=str(error))


def _sendable(config: DeskConfig, row: Row, limits: Limits, now: datetime) -> Line:
    head, leave = row.head, may_contact(row.customer, limits, row.head, now)
    offered = templates_of(config, head.channel)
    if leave.free_text:
        closes = instant(head.last_inbound_at) + limits.window if limits.window else None
        at = stamp(closes) if closes else ""
        return Line(mode="reply", closes_at=at, templates=offered, files=bool(limits.media))
    if leave.template:
        return Line(mode="template", reason=leave.reason, templates=offered)
    return Line(mode="refused", reason=leave.reason)


async def card(services: Services, visit: Visit, found: Talk) -> Card:
    """What is known of a conversation's customer."""
    head = found.head
    others = Query((Where("customer", "==", head.customer),), ("-last_at",), _OTHERS)
    customer, page, left, coming = await asyncio.gather(
        find(visit.store, head.customer),
        visit.store.query("conversations", others),
        visit.store.get(memory_path(found.id)),
        scheduled(services, visit.tenant, head.customer),
    )
    heads = [(one.name, read) for one in page.documents if one.name != found.id and (read := read_head(one))]
    return Card(customer=customer, others=heads, care=cared(left)[::-1], coming=coming)
