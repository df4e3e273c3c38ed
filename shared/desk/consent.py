"""Leaves a customer alone who says so in a word that means it on any network, until they say otherwise."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from shared.config.schema import DeskConfig
from shared.desk.contact import left_alone, unwanted
from shared.desk.retention import messages_until
from shared.domain.content import Content, Outgoing
from shared.domain.conversation import Head, Message
from shared.domain.customers import Customer
from shared.domain.errors import PreconditionFailed, Transient
from shared.domain.events import MessageReceived
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.domain.states import FROZEN
from shared.ports import Put
from shared.security.tenancy import TenantStore

Wish = Literal["none", "any"]
"""What a customer asks for: no messages, or messages again."""

_STOP = frozenset({"stop", "stopall", "unsubscribe", "बंद"})
_STOP_SMS = _STOP | {"cancel", "end", "quit"}  # carriers' words; in a chat they end a booking or a talk
_START = frozenset({"start", "unstop"})
_AROUND = " \t\r\n.,!।\"'"
_TRIES = 8

CONFIRMED: dict[Wish, dict[str, str]] = {
    "none": {
        "en": "You will get no more messages from {desk}. If you write to us, we answer; START undoes this.",
        "hi": "अब {desk} से आपको कोई संदेश नहीं आएगा। START लिखने से फिर आने लगेंगे, और आप लिखेंगे तो हम जवाब देंगे।",
    },
    "any": {
        "en": "Welcome back: {desk} may write to you again. How can we help?",
        "hi": "फिर से स्वागत है: अब {desk} से आपको संदेश आ सकते हैं। हम क्या मदद कर सकते हैं?",
    },
}
"""What the desk says to it, by language."""


def wish_of(event: MessageReceived, customer: Customer) -> Wish | None:
    """What a message asks for by being such a word and nothing else; None for one that is to be answered.

    START asks for something only of a desk that was told to stop.
    """
    content = event.content
    if event.channel not in ("sms", "whatsapp") or content.kind not in ("text", "system"):
        return None
    said = str((content.data or {}).get("opt_out", "")) if content.kind == "system" else content.text
    word = unicodedata.normalize("NFC", said).strip(_AROUND).casefold()
    if word in (_STOP_SMS if event.channel == "sms" else _STOP):
        return "none"
    return "any" if word in _START and unwanted(customer) else None


def following(preferences: Mapping[str, str], wish: Wish | None, at: str) -> dict[str, str]:
    """A customer's preferences after a wish uttered at a stamp."""
    if wish is None:
        return dict(preferences)
    others = {name: value for name, value in preferences.items() if name not in ("contact", "contact_since")}
    return {**others, "contact": "none", "contact_since": at} if wish == "none" else others


def heeded(
    wish: Wish,
    event: MessageReceived,
    *,
    config: DeskConfig,
    before: Customer,
    was: Head | None,
    head: Head,
    rev: int,
    now: datetime,
) -> tuple[Head, Message | None] | None:
    """What a wish makes of its conversation, from the head that counts its message, and what is said to it;
    None where the message is to be answered as any other.

    STOP ends what is under way as a person's word does: nothing waits any more, and a reply not sent by now
    never is. It is confirmed once, and not where the network has done so.
    """
    if wish == "any" and (head.answered < head.pending or head.state in FROZEN):
        return None
    new = msgspec.structs.replace(head, pending=head.last, answered=head.last, first_waiting="", due="")
    if wish == "none":
        if left_alone(before, was):
            return new, None  # told before: its confirmation still goes
        state = "finished" if head.state == "ai_processing" else head.state
        new = msgspec.structs.replace(new, state=state, epoch=head.epoch + 1, lease="", lease_until="")
    if event.channel == "sms" or event.content.kind == "system":
        return new, None  # the network has answered
    new = msgspec.structs.replace(new, last=head.last + 1)
    return new, _confirmation(wish, event, config=config, head=new, rev=rev, now=now)


def _confirmation(
    wish: Wish, event: MessageReceived, *, config: DeskConfig, head: Head, rev: int, now: datetime
) -> Message:
    spoken = "hi" if "बंद" in event.content.text else head.language or config.desk.languages[0]
    words = CONFIRMED[wish].get(spoken[:2], CONFIRMED[wish]["en"]).format(desk=config.desk.name)
    return Message(
        seq=head.last,
        author="desk",
        status="queued",
        at=stamp(now),
        until=stamp(messages_until(config, now)),
        content=Content(text=words),
        outgoing=Outgoing(text=words),
        public_id=digest("consent", event.event_id),
        born=rev,
        rev=rev,
        epoch=head.epoch,
        last_word=wish == "none",
    )


async def opted_out(store: TenantStore, customer: str, at: datetime) -> None:
    """Keep that a vendor refuses to write to a customer because they said STOP there.

    Raises Transient where the customer's document keeps changing under us.
    """
    for _ in range(_TRIES):
        document = await store.get(f"customers/{customer}")
        if document is None:
            return
        known = msgspec.convert(document.data, Customer)
        preferences = following(known.preferences, "none", stamp(at))
        new = msgspec.structs.replace(known, preferences=preferences)
        try:
            await store.commit([Put(document.path, msgspec.to_builtins(new), version=document.version)])
        except PreconditionFailed:
            continue
        return
    raise Transient("the customer's record is being changed by others; try again", retry_after=1)
