"""Web chat's doors over the real embedded backend, with two desks published."""

import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from shared.api import chat, conversations, desks, problems, turns
from shared.api.board import Board
from shared.api.entry import from_here
from shared.backends.embedded.blobs import EmbeddedBlobs
from shared.backends.embedded.bus import EmbeddedBus
from shared.backends.embedded.clock import EmbeddedClock
from shared.backends.embedded.database import Database
from shared.backends.embedded.jobs import Subscription
from shared.backends.embedded.live import EmbeddedLive
from shared.backends.embedded.secrets import EmbeddedSecrets
from shared.backends.embedded.store import EmbeddedStore
from shared.backends.embedded.timers import EmbeddedTimers
from shared.channels import webchat
from shared.config.validate import validate
from shared.config.versions import Versions
from shared.console import pages, widget
from shared.desk.commit import live_key
from shared.domain.conversation import Head, Message, sequence_name
from shared.domain.identity import conversation_id
from shared.models.breaker import Breaker
from shared.models.catalogue import read_catalogue
from shared.models.offline.model import OfflineModel
from shared.models.router import Router
from shared.ports import Ports, Put, Query
from shared.security.tenancy import PlatformStore, TenantStore

SESSION = "Qm9yZWQgYnkgcmFuZG9tbmVzcz8tX2FiY2RlZmdoaWo"
ORIGIN = "https://sunrise.example"
WEBCHAT = {
    "opening_line": "Namaste!",
    "starters": ["What are your hours?"],
    "origins": [ORIGIN],
    "colour": "#0f766e",
}


def desk_file(desk, tenant, **webchat_settings):
    return json.dumps(
        {
            "tenant": {"id": tenant, "name": tenant.title()},
            "desk": {"id": desk, "name": desk.title(), "languages": ["en", "hi"]},
            "channels": {"webchat": webchat_settings},
        }
    )


@dataclass
class House:
    """The doors, and what stands behind them."""

    ports: Ports
    versions: Versions
    board: Board
    database: Database
    session: str = SESSION

    def tenant(self, tenant):
        """Where the desk's own verbs find a tenant's documents."""
        return TenantStore.of(self.ports.store, tenant)

    def app(self, *, local=False, local_only_open=True, beat=15.0, idle=600.0):
        open_here = {"local_only_open": local_only_open}
        return Starlette(
            routes=[
                *pages.routes(board=self.board, desks=self.versions, **open_here),
                *widget.routes(),
                *chat.routes(
                    ports=self.ports,
                    desks=self.versions,
                    board=self.board,
                    local=local,
                    beat=beat,
                    idle=idle,
                ),
                *turns.routes(ports=self.ports, desks=self.versions, **open_here),
                *conversations.routes(self, from_here(self.versions, **open_here)),
                *desks.routes(live=self.ports.live, board=self.board, **open_here),
            ],
            exception_handlers=problems.HANDLERS,
        )

    def browser(self, *, session=SESSION, caller="127.0.0.1", host="127.0.0.1:8080", **app):
        """An HTTP client to the app, calling from an address and naming a host."""
        transport = httpx.ASGITransport(self.app(**app), client=(caller, 5000), raise_app_exceptions=False)
        headers = {"X-Frontdesk-Session": session} if session else {}
        return httpx.AsyncClient(transport=transport, base_url=f"http://{host}", headers=headers)

    async def published(self):
        """The bodies waiting on the bus."""
        return await self.database.read(
            lambda connection: [row[0] for row in connection.execute("SELECT body FROM jobs ORDER BY id")]
        )

    def conversation(self, session=SESSION, desk="front", tenant="sunrise"):
        identity = conversation_id(desk, "webchat", desk, webchat.visitor(session))
        return Conversation(TenantStore.of(self.ports.store, tenant), self.ports.live, identity, desk)


@dataclass
class Conversation:
    """Writes a conversation as the desk does: head and messages in one commit, then a hint."""

    store: TenantStore
    live: object
    id: str
    desk: str

    @property
    def key(self):
        """What its readers watch."""
        return live_key(self.store.tenant, self.id)

    async def head(self):
        found = await self.store.get(f"conversations/{self.id}")
        if found:
            return msgspec.convert(found.data, Head)
        return Head(
            desk=self.desk, channel="webchat", account=self.desk, contact="visitor", customer="customer"
        )

    async def messages(self):
        page = await self.store.query(f"conversations/{self.id}/messages", Query(order=("seq",), limit=400))
        return [msgspec.convert(document.data, Message) for document in page.documents]

    async def commit(self, *new, changed=(), **head_fields):
        """`new` are fields of messages to add, `changed` messages to write anew."""
        head = await self.head()
        rev, seq, writes = head.rev + 1, head.last, []
        for fields in new:
            seq += 1
            given = {"author": "desk", "status": "queued", "at": "2026-11-20T10:00:00.000000Z", **fields}
            message = Message(seq=seq, born=rev, rev=rev, **{"public_id": f"m{seq}", **given})
            writes.append(self._put(message))
        writes += [self._put(msgspec.structs.replace(message, rev=rev)) for message in changed]
        head = msgspec.structs.replace(head, rev=rev, last=seq, **head_fields)
        writes.append(Put(f"conversations/{self.id}", msgspec.to_builtins(head)))
        await self.store.commit(writes)
        await self.live.notify(self.key)

    def _put(self, message):
        name = f"conversations/{self.id}/messages/{sequence_name(message.seq)}"
        return Put(name, msgspec.to_builtins(message))


async def publish(versions, text, file):
    validated = validate(text)
    assert validated.problems == ()
    await versions.publish_text(validated, text=text, origin="file", by="test", file=file)


@pytest.fixture
async def house(tmp_path: Path):
    clock = EmbeddedClock()
    async with AsyncExitStack() as stack:
        database = Database(tmp_path / "store.db")
        hints = Database(tmp_path / "hints.db", durable=False)
        stack.push_async_callback(database.close)
        stack.push_async_callback(hints.close)
        live = EmbeddedLive(hints, clock)
        stack.push_async_callback(live.close)
        ports = Ports(
            store=EmbeddedStore(database, clock),
            bus=EmbeddedBus(database, clock, {"message-received": [Subscription("record_message")]}),
            timers=EmbeddedTimers(database, clock),
            blobs=EmbeddedBlobs(tmp_path / "blobs"),
            secrets=EmbeddedSecrets({}),
            live=live,
            clock=clock,
        )
        versions = Versions(PlatformStore.of(ports.store), clock)
        await publish(versions, desk_file("front", "sunrise", **WEBCHAT), "sunrise/reception.yaml")
        await publish(versions, desk_file("other", "olive"), "olive/other.yaml")
        models = Router({"offline": OfflineModel()}, read_catalogue(), Breaker(clock), clock)
        yield House(ports, versions, Board(ports, versions, models, {}, "configs"), database)
