"""A desk of a business with its people, on the real embedded backend, and a clock that tests move."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

import msgspec
import pytest

from shared import bootstrap
from shared.config.settings import read_settings
from shared.config.validate import validate
from shared.desk.commit import head_path, read_head, read_message
from shared.desk.presence import heartbeat, set_presence
from shared.desk.record import record_message
from shared.desk.route_handover import route_handover
from shared.desk.take_turn import take_turn
from shared.domain.colleagues import Actor, Colleague
from shared.domain.content import Attachment, Content
from shared.domain.events import MessageReceived, Sender
from shared.domain.handovers import Handover
from shared.domain.identity import conversation_id
from shared.ports import Put, Query
from shared.security.staff import everyone
from tests.unit.models.set_clock import SetClock

TENANT, DESK, NUMBER = "sunrise", "front", "100000000000777"
PRIYA = Actor(id="priya", name="Priya")
ARUN = Actor(id="arun", name="Arun")
MEERA = Actor(id="meera", name="Meera", role="supervisor")
TEMPLATES = {
    "template": {"name": "hello", "text": "Hello {{1}}, may we write to you?"},
    "templates": ["reminder", {"name": "hello", "language": "hi"}],
}
FILE = {
    "tenant": {"id": TENANT, "name": "Sunrise"},
    "desk": {"id": DESK, "name": "Sunrise Dental", "languages": ["en", "hi"]},
    "channels": {"webchat": {}, "whatsapp": {"phone_number_id": NUMBER, **TEMPLATES}},
    "tools": {"hand_over": {}},
}


@dataclass
class Office:
    """The services, and the one conversation a test is about."""

    process: bootstrap.Process
    services: object
    clock: SetClock
    channel: str = "webchat"
    visitor: str = "visitor"
    numbers: object = field(default_factory=lambda: count(1))

    tenant: str = TENANT

    @property
    def store(self):
        return self.services.tenant(TENANT)

    @property
    def conversation(self):
        return conversation_id(DESK, self.channel, self.account, self.visitor)

    @property
    def account(self):
        return DESK if self.channel == "webchat" else NUMBER

    @property
    def place(self):
        """What every command begins with."""
        return self.services, TENANT, self.conversation

    async def publish(self, **blocks):
        text = json.dumps({**FILE, **blocks})
        validated = validate(text)
        assert validated.problems == ()
        await self.services.versions.publish_text(
            validated, text=text, origin="file", by="test", file="sunrise/front.yaml"
        )

    async def customer_writes(
        self, words, *, name=None, phone=None, attachments: tuple[Attachment, ...] = ()
    ):
        number = next(self.numbers)
        event = MessageReceived(
            event_id=f"event-{number}",
            channel=self.channel,
            account=self.account,
            sender=Sender(id=self.visitor, name=name, phone=phone),
            message_id=f"message-{number}",
            at="",
            content=Content(text=words, attachments=attachments),
        )
        await record_message(self.services, event)

    async def desk_answers(self):
        head = await self.head()
        self.clock.pass_(60)
        await take_turn(self.services, TENANT, self.conversation, head.pending)

    async def queued(self):
        """A customer who asked for a person and waits in the queue."""
        await self.customer_writes("I want to talk to a human")
        await self.desk_answers()
        (asked,) = await self.handovers()
        for one in await everyone(self.store):
            await heartbeat(self.services, TENANT, by=Actor(id=one.id, name=one.name, role=one.role))
        await route_handover(self.services, TENANT, asked.id)
        return asked.id

    async def joins(self, *actors):
        for actor in actors:
            one = Colleague(id=actor.id, name=actor.name, role=actor.role)
            await self.store.commit([Put(f"colleagues/{actor.id}", msgspec.to_builtins(one))])
            await set_presence(self.services, TENANT, "online", by=actor)

    async def colleague(self, name):
        return msgspec.convert((await self.store.get(f"colleagues/{name}")).data, Colleague)

    async def head(self):
        return read_head(await self.store.get(head_path(self.conversation)))

    async def messages(self):
        page = await self.store.query(f"conversations/{self.conversation}/messages", Query(order=("seq",)))
        return [read_message(document) for document in page.documents]

    async def handovers(self):
        page = await self.store.query("handovers", Query())
        return [msgspec.convert(document.data, Handover) for document in page.documents]

    async def documents(self, collection):
        page = await self.store.query(f"conversations/{self.conversation}/{collection}", Query())
        return [document.data for document in page.documents]

    async def waiting(self, handler):
        """What waits for a handler: payloads of its timers and bodies of its facts, oldest first."""
        database = self.process.opened.databases[0]
        sql = "SELECT body FROM jobs WHERE handler = ? AND state = 'waiting' ORDER BY id"
        return await database.read(
            lambda connection: [json.loads(row[0]) for row in connection.execute(sql, (handler,))]
        )


@pytest.fixture
async def office(tmp_path):
    told = {"FRONTDESK_DATA": str(tmp_path), "FRONTDESK_CONFIGS": str(tmp_path)}
    process = bootstrap.Process(read_settings(told), told)
    services = await process.services()
    clock = SetClock(datetime.now(UTC).replace(tzinfo=None).isoformat())
    services = replace(services, ports=replace(services.ports, clock=clock))
    office = Office(process, services, clock)
    await office.publish()
    await office.joins(PRIYA, ARUN, MEERA)
    yield office
    await process.close()
