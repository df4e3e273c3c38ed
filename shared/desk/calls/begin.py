"""Begins a call: its document, its conversation and its caller in one commit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared.config.versions import Published
from shared.desk import customers
from shared.desk.calls.alarms import watch_alarm
from shared.desk.calls.document import call_write
from shared.desk.commit import Change, commit, head_path
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.domain.calls import Call, CallState, Direction
from shared.domain.content import ChannelName, Content
from shared.domain.conversation import Head
from shared.domain.errors import AlreadyExists, Permanent, PreconditionFailed, Transient
from shared.domain.events import Happened, MessageReceived, Sender
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.outbox import Intent, Publication
from shared.ports import Write

RACES = 10

LOOKED_AT = timedelta(seconds=3)
"""After which it is looked whether somebody carries a call that began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """Who calls whom, as the network or our own token proves; `customer` where we call one we know."""

    id: str  # the call's; the same for every telling of the same call
    direction: Direction
    account: str  # our number, or the desk's id for a browser's room
    contact: str  # their number, or the browser's session
    room: str
    state: CallState = "waiting"
    customer: str = ""
    external_id: str | None = None  # the business's own id for them, where its site signed it
    name: str | None = None
    language: str | None = None
    sip_call: str = ""
    purpose: str = ""
    errand: str = ""
    planned: str = ""
    opening: str = ""
    attempt: int = 1


def conversation_of_call(call: str) -> str:
    """The conversation a call has for itself."""
    return digest("conversation of a call", call)


def channel_of_call(direction: Direction) -> ChannelName:
    """Where its words are."""
    return "room" if direction == "browser" else "phone"


async def begin(services: Services, published: Published, ringing: Ringing) -> Call:
    """The call, begun now or found as it began. Raises Permanent where the desk has no voice.

    A caller's number proves nothing about who speaks: it leads to no customer of another channel.
    """
    if not published.config.voice.enabled:
        raise Permanent(f"desk {published.desk} has no voice; write voice: {{enabled: true, …}} in its file")
    store = services.tenant(published.tenant)
    if known := await store.get(f"calls/{ringing.id}"):
        return msgspec.convert(known.data, Call)
    for _ in range(RACES):
        try:
            return await _begin(services, published, ringing)
        except AlreadyExists as twice:
            found = await store.get(f"calls/{ringing.id}")
            if found and twice.path.endswith(f"calls/{ringing.id}"):
                return msgspec.convert(found.data, Call)
        except PreconditionFailed:
            pass  # another message changed the customer first: read them and go on
    raise Transient(f"the caller of {ringing.id} is contended; nothing was written", retry_after=1)


async def _begin(services: Services, published: Published, ringing: Ringing) -> Call:
    store, now = services.tenant(published.tenant), services.ports.clock.now()
    call, writes = _call(published, ringing, now), list[Write]()
    if not ringing.customer:
        event, path = _event(ringing, now), head_path(call.conversation)
        recognised, _ = await customers.recognise(store, event, now, path)
        call = msgspec.structs.replace(call, customer=recognised.id)
        writes += recognised.writes

    def decide(head: Head | None, _: int) -> Change:
        if head is not None:
            raise AlreadyExists(f"calls/{ringing.id}")
        return _begun(store.tenant, call, writes, now)

    await commit(services.ports, store, call.conversation, decide)
    return call


def _call(published: Published, ringing: Ringing, now: datetime) -> Call:
    voice = published.config.voice
    return Call(
        id=ringing.id,
        desk=published.desk,
        conversation=conversation_of_call(ringing.id),
        customer=ringing.customer,
        room=ringing.room,
        direction=ringing.direction,
        account=ringing.account,
        contact=ringing.contact,
        state=ringing.state,
        mode=(voice.mode or "realtime") if voice.integration.enabled else "direct",
        sip_call=ringing.sip_call,
        purpose=ringing.purpose,
        errand=ringing.errand,
        planned=ringing.planned,
        opening=ringing.opening,
        attempt=ringing.attempt,
        started_at=stamp(now),
        until=stamp(messages_until(published.config, now)),
    )


def _event(ringing: Ringing, now: datetime) -> MessageReceived:
    """What is known of the caller, in the words in which any channel tells who writes."""
    channel = channel_of_call(ringing.direction)
    who = f"tel:{ringing.contact}" if channel == "phone" else ringing.contact
    return MessageReceived(
        event_id=digest("call", ringing.id),
        channel=channel,
        account=ringing.account,
        sender=Sender(id=who, name=ringing.name, external_id=ringing.external_id),
        message_id=ringing.id,
        at=stamp(now),
        content=Content(kind="system"),
        language=ringing.language,
    )


def _begun(tenant: str, call: Call, writes: list[Write], now: datetime) -> Change:
    new = Head(
        desk=call.desk,
        channel=channel_of_call(call.direction),
        account=call.account,
        contact=call.contact,
        customer=call.customer,
        call=call.id,
        created_at=call.started_at,
        last_at=call.started_at,
    )
    intents = [told(tenant, call, "call.began"), watch_alarm(tenant, call.id, now, LOOKED_AT)]
    return Change(head=new, writes=[call_write(call), *writes], intents=intents)


def told(tenant: str, call: Call, what: str, data: dict[str, object] | None = None) -> Intent:
    """The fact that a call came to a point, for whoever watches; it holds no words and no number."""
    return Publication.of(
        Happened(
            event_id=digest(what, call.id, str(call.generation), call.state),
            tenant=tenant,
            what=what,
            at=call.ended_at or call.started_at,
            conversation=call.conversation,
            data={"call": call.id, "direction": call.direction, "desk": call.desk} | (data or {}),
        )
    )
