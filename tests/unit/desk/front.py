"""A front desk whose verbs a test calls by hand, on the embedded backend with a clock that the test moves."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from shared.config.catalogue import Catalogue
from shared.config.validate import validate
from shared.config.versions import Published
from shared.desk.commit import head_path, message_path, read_head, read_message
from shared.desk.record import record_message
from shared.desk.services import Services
from shared.desk.take_turn import take_turn
from shared.domain.content import Content
from shared.domain.conversation import Head, Message
from shared.domain.events import MessageReceived, Sender
from shared.domain.identity import conversation_id
from shared.domain.instants import stamp
from shared.ports import Query
from shared.security.tenancy import TenantStore
from shared.tools.registry import tool_catalogue

NIGHT = datetime(2026, 11, 20, 18, 20, tzinfo=UTC)
"""23:50 on Friday, 20 November 2026, in Kolkata."""

DESK: dict[str, Any] = {
    "version": "1.0",
    "tenant": {"id": "acme", "name": "Acme Clinic"},
    "desk": {
        "id": "front",
        "name": "Acme Front Desk",
        "use_case": "appointments",
        "languages": ["en", "hi"],
        "timezone": "Asia/Kolkata",
        "hours": {"daily": "08:00-20:00"},
    },
    "channels": {
        "webchat": {"enabled": True},
        "whatsapp": {
            "provider": "meta",
            "phone_number_id": "1001",
            "phone_number": "+15550783881",
            "template": {"name": "hello_again", "language": "en"},
        },
        "instagram": {"account_id": "2002"},
    },
    "tools": {"check_slots": {"settings": {"days_ahead": 7}}, "book_slot": {}},
}


@dataclass
class MovedClock:
    """Stands still until moved."""

    at: datetime = NIGHT

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Front:
    """One desk, and one customer of it."""

    services: Services
    clock: MovedClock
    written: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(DESK)))
    channel: str = "webchat"
    account: str = "front"
    customer: str = "asha"
    count: int = 0

    @property
    def store(self) -> TenantStore:
        return self.services.tenant("acme")

    @property
    def conversation(self) -> str:
        return conversation_id("front", self.channel, self.account, self.customer)

    async def publish(self, **changes: Any) -> int:
        """Run the desk with these top-level keys changed; the version."""
        self.written |= changes
        text = json.dumps(self.written)
        catalogue = Catalogue(tools={name: tool.Settings for name, tool in tool_catalogue().tools.items()})
        validated = validate(text.encode(), catalogue)
        assert validated.config is not None, validated.problems
        done = await self.services.versions.publish_text(validated, text=text, origin="file", by="test")
        return done.version

    def on(self, channel: str, account: str) -> None:
        """Go on with the same customer on another channel."""
        self.channel, self.account = channel, account

    async def say(self, text: str, **more: Any) -> str:
        """The customer writes; the vendor's id of the message."""
        self.count += 1
        name = more.pop("message_id", f"m{self.count}")
        content = more.pop("content", Content(text=text))
        event = MessageReceived(
            event_id=f"{self.channel}:{name}",
            channel=self.channel,
            account=self.account,
            sender=more.pop("sender", None) or Sender(id=self.customer),
            message_id=name,
            at=stamp(self.clock.now()),
            content=content,
            **more,
        )
        await record_message(self.services, event)
        return name

    async def turn(self, *, wait: float = 10) -> None:
        """Time passes, and the alarm rings."""
        self.clock.move(seconds=wait)
        head = await self.head()
        await take_turn(self.services, "acme", self.conversation, head.pending)

    async def ask(self, text: str, **more: Any) -> Message:
        """The customer writes and the desk answers; its last message."""
        await self.say(text, **more)
        await self.turn()
        return (await self.messages())[-1]

    async def running(self) -> Published:
        """The version that runs."""
        published = await self.services.versions.published("front")
        assert published is not None
        return published

    async def head(self) -> Head:
        head = read_head(await self.store.get(head_path(self.conversation)))
        assert head is not None
        return head

    async def message(self, seq: int) -> Message | None:
        document = await self.store.get(message_path(self.conversation, seq))
        return read_message(document) if document else None

    async def messages(self) -> list[Message]:
        page = await self.store.query(f"conversations/{self.conversation}/messages", Query(order=("seq",)))
        return [msgspec.convert(document.data, Message, strict=False) for document in page.documents]

    async def documents(self, collection: str) -> list[dict[str, Any]]:
        page = await self.store.query(collection, Query())
        return [document.data for document in page.documents]
