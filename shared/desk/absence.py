"""What must be known in case nobody of the team comes, read before it is decided."""

from dataclasses import dataclass

import msgspec

from shared.channels.shape import Limits
from shared.config.schema import DeskConfig
from shared.config.unavailable_words import Listener
from shared.desk.channels import channel_of
from shared.desk.commit import head_path, message_path, read_head, read_message
from shared.desk.left_ticket import standing_ticket
from shared.desk.people_memory import memory_path
from shared.desk.queue import Queue
from shared.desk.services import Services
from shared.domain.callbacks import Callback
from shared.domain.conversation import Head
from shared.domain.customers import known
from shared.domain.errors import Permanent
from shared.domain.handovers import Handover
from shared.domain.tickets import Ticket
from shared.ports import Document, Query, Where
from shared.security.tenancy import TenantStore
from shared.tools.registry import tools_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """The surroundings of a handover nobody takes."""

    config: DeskConfig
    store: TenantStore
    listener: Listener
    limits: Limits
    said: str  # the desk's words since a person was asked for, which may have told it already
    memory: Document | None  # what people left the desk before
    standing: tuple[Ticket, Document] | None  # the open ticket of an earlier handover
    callback: tuple[Callback, Document] | None  # the promised call that the handover is about
    tools: frozenset[str]


async def read_absence(services: Services, store: TenantStore, queue: Queue, handover: Handover) -> Absence:
    """What is needed in case nobody comes."""
    conversation, config, customer = handover.conversation, queue.config, queue.customer
    document, memory = await store.get_many([head_path(conversation), memory_path(conversation)])
    head = read_head(document)
    language = (head.language if head else "") or (customer.language if customer else None)
    return Absence(
        config=config,
        store=store,
        listener=Listener(
            language=language or config.desk.languages[0],
            channel=handover.channel,
            customer=known(customer) if customer else {},
        ),
        limits=_limits(services, config, handover),
        said=await _said(store, handover, head),
        memory=memory,
        standing=await standing_ticket(store, conversation),
        callback=await _callback(store, handover),
        tools=frozenset(tool.NAME for tool in tools_of(services.tools, config)),
    )


def _limits(services: Services, config: DeskConfig, handover: Handover) -> Limits:
    """What the channel can show; where the desk's file has it no more, a plain text of any."""
    try:
        return channel_of(services, config, handover.channel).limits
    except Permanent:
        return Limits(text=1000)


async def _said(store: TenantStore, handover: Handover, head: Head | None) -> str:
    """What the desk said since a person was asked for."""
    last = head.last if head else 0
    seqs = range(max(handover.asked_seq + 1, last - 9), last + 1)
    if not seqs:
        return ""
    found = await store.get_many([message_path(handover.conversation, seq) for seq in seqs])
    messages = [read_message(document) for document in found if document]
    return "\n".join(one.content.text for one in messages if one.author == "desk")


async def _callback(store: TenantStore, handover: Handover) -> tuple[Callback, Document] | None:
    """The call that is due by this handover; one that was made or cancelled meanwhile is not missed."""
    page = await store.query("callbacks", Query(where=(Where("handover", "==", handover.id),), limit=1))
    found = ((msgspec.convert(one.data, Callback), one) for one in page.documents)
    return next((one for one in found if one[0].state == "due"), None)
