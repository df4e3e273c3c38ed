"""What each handler is asked first when its start is measured, as its caller would ask it."""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import uuid4

from shared.domain.content import Content
from shared.domain.deliveries import Delivery, Firing, pushed, rung
from shared.domain.events import (
    DeliveryReported,
    EchoReceived,
    Event,
    Happened,
    MediaWaiting,
    MessageChanged,
    MessageReceived,
    ReplyReady,
    Sender,
    TurnStarted,
)
from shared.domain.instants import stamp
from tests.standins.graph_api import as_meta_writes, message_body, sign

SECRET = "app-secret"
TOKEN = "twilio-token"
PUBLIC = "http://desk.example"
PHONE, INSTAGRAM = "100000000000101", "178410000000101"
CUSTOMER = "919812345678"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request."""

    path: str
    body: bytes = b""
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


def first_call(handler: str, *, conversation: str = "none", seq: int = 1) -> Call:
    """What `handler` is asked. Only take_turn has a conversation to answer; to the others it is unknown."""
    if handler.startswith("receive_"):
        return _webhook(handler)
    if handler in _PAGES:
        return Call(path=_PAGES[handler], method="GET")
    if handler in _TIMERS:
        payload = {"tenant": "krishna-diagnostics", **_TIMERS[handler]}
        if "conversation" in payload:
            payload |= {"conversation": conversation, "seq": seq}
        body = rung(Firing(handler, "timer", payload, 1))
        return Call(
            path="/",
            body=body,
            headers={"x-cloudtasks-taskname": "timer", "content-type": "application/json"},
        )
    fact = _fact(handler)
    topic, raw = (type(fact).topic(), fact.encode()) if fact else ("schedule", b"")
    return Call(path="/", body=pushed(Delivery(handler, topic, raw, {}, "1", 1)))


_PAGES = {"serve_api": "/health", "serve_chat": "/widget.js", "serve_console": "/static/page.css"}
_TIMERS: dict[str, dict[str, object]] = {
    "take_turn": {"conversation": "", "seq": 1},
    "resolve_send": {"conversation": "", "seq": 1},
    "escalate_ticket": {"ticket": "none"},
    "ring_callback": {"callback": "none"},
}


def message() -> MessageReceived:
    """A customer's message to the sample diagnostics lab."""
    id_ = f"wamid.{uuid4().hex}"
    return MessageReceived(
        event_id=id_,
        channel="whatsapp",
        account=PHONE,
        sender=Sender(id=f"91{uuid4().int % 10**10:010d}", name="Asha Rao"),
        message_id=id_,
        at=stamp(datetime.now(UTC)),
        content=Content(text="How much is a thyroid test?"),
    )


def _fact(handler: str) -> Event | None:
    where = {"event_id": uuid4().hex, "tenant": "krishna-diagnostics", "conversation": "none"}
    vendor = {"event_id": uuid4().hex, "channel": "whatsapp", "account": PHONE, "message_id": "wamid.none"}
    at = stamp(datetime.now(UTC))
    match handler:
        case "record_message":
            return message()
        case "record_echo":
            return EchoReceived(**vendor, customer=CUSTOMER, at=at, content=Content(text="Hello"))
        case "record_change":
            return MessageChanged(**vendor, sender=Sender(id=CUSTOMER), change="withdrawn", at=at)
        case "record_delivery":
            return DeliveryReported(**{**vendor, "message_id": None}, status="read", at=at, key="a.b.1")
        case "fetch_media":
            return MediaWaiting(**where, seq=1)
        case "send_reply":
            return ReplyReady(**where, seqs=(1,))
        case "show_typing":
            return TurnStarted(**where, seq=1)
        case "observe":
            return Happened(**where, what="bench.asked", at=at)
    return None


def _webhook(handler: str) -> Call:
    if handler == "receive_whatsapp":
        said = {"id": f"wamid.{uuid4().hex}", "type": "text", "text": {"body": "Hello"}}
        return _signed_by_meta("/webhooks/whatsapp", message_body(PHONE, CUSTOMER, said))
    if handler == "receive_instagram":
        now = int(time.time() * 1000)
        said = {"mid": uuid4().hex, "text": "Hello"}
        messaging = {
            "sender": {"id": "1784"},
            "recipient": {"id": INSTAGRAM},
            "timestamp": now,
            "message": said,
        }
        entry = {"id": INSTAGRAM, "time": now, "messaging": [messaging]}
        return _signed_by_meta("/webhooks/instagram", {"object": "instagram", "entry": [entry]})
    on_whatsapp = handler == "receive_twilio_whatsapp"
    before = "whatsapp:" if on_whatsapp else ""
    form = {
        "Body": "Hello",
        "From": f"{before}+919812345678",
        "MessageSid": f"SM{uuid4().hex}",
        "NumMedia": "0",
        "To": f"{before}+912200000102",
    }
    return _signed_by_twilio(f"/webhooks/twilio/{'whatsapp' if on_whatsapp else 'sms'}", form)


def _signed_by_meta(path: str, body: dict[str, object]) -> Call:
    raw = as_meta_writes(body)
    return Call(path=path, body=raw, headers={"content-type": "application/json", **sign(raw, SECRET)})


def _signed_by_twilio(path: str, form: dict[str, str]) -> Call:
    signed = PUBLIC + path + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    headers["x-twilio-signature"] = base64.b64encode(digest).decode()
    return Call(path=path, body=urlencode(form).encode(), headers=headers)
