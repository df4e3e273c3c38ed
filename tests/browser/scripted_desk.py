"""A small local server for the browser tests: the real store, bus, routes and widget, and a scripted desk.

`python tests/browser/scripted_desk.py PORT FOLDER DESK...` serves until it is told to stop. The desk's
answers depend on the words it is sent, so that a test can ask for what it wants to see. Paths below
/harness save a desk's file anew, changed or broken.
"""

import asyncio
import contextlib
import copy
import json
import sys
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from pathlib import Path

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from shared.api import chat, conversations, desks, problems, turns
from shared.api.board import Board
from shared.api.entry import from_here
from shared.backends.embedded.blobs import EmbeddedBlobs
from shared.backends.embedded.bus import Delivery, EmbeddedBus
from shared.backends.embedded.clock import EmbeddedClock
from shared.backends.embedded.database import Database
from shared.backends.embedded.jobs import Subscription
from shared.backends.embedded.live import EmbeddedLive
from shared.backends.embedded.secrets import EmbeddedSecrets
from shared.backends.embedded.store import EmbeddedStore
from shared.backends.embedded.timers import EmbeddedTimers
from shared.config.catalogue import Catalogue
from shared.config.publish import publish_folder
from shared.config.versions import Versions
from shared.console import pages, widget
from shared.desk.commit import live_key
from shared.domain.content import Choice, Content, Outgoing
from shared.domain.conversation import Head, Message, sequence_name
from shared.domain.errors import AlreadyExists, PreconditionFailed
from shared.domain.events import MessageReceived
from shared.domain.identity import conversation_id, new_id
from shared.domain.instants import stamp
from shared.domain.receipts import Receipt, Step
from shared.domain.signals import Signals
from shared.models.breaker import Breaker
from shared.models.catalogue import read_catalogue
from shared.models.offline.model import OfflineModel
from shared.models.router import Router
from shared.ports import Create, Ports, Put
from shared.security.tenancy import PlatformStore, TenantStore

DESKS = {
    "sunrise": {
        "tenant": {"id": "sunrise", "name": "Sunrise Diagnostics"},
        "desk": {
            "id": "sunrise", "name": "Sunrise Diagnostics", "vertical": "diagnostics",
            "languages": ["en", "hi"], "timezone": "Asia/Kolkata", "currency": "INR",
            "theme": {"colour": "#0f766e", "initials": "SD"},
        },
        "channels": {
            "webchat": {
                "opening_line": "Namaste! I can book a test, read prices and tell you our hours.",
                "opening_delay": 0,
                "starters": ["What are your hours?", "Book a blood test", "How much is a lipid profile?"],
                "origins": ["https://sunrise.example"],
                "identity_secret": "${SITE_SECRET}",
            },
            "whatsapp": {"phone_number_id": "123456"},
        },
    },
    "olive": {
        "tenant": {"id": "olive", "name": "Olive & Thyme"},
        "desk": {
            "id": "olive", "name": "Olive & Thyme", "vertical": "restaurant", "languages": ["it"],
            "theme": {"colour": "#f2c14e"},
        },
        "channels": {"webchat": {}},
    },
}  # fmt: skip


@dataclass
class Office:
    """The desks' files, published as they are saved."""

    folder: Path
    versions: Versions
    board: Board

    async def save(self, desk, text):
        path = self.folder / desk / f"{desk}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(text, indent=2))
        await self.look()

    async def look(self):
        results = await publish_folder(self.folder, self.versions, Catalogue())
        for result in results:
            self.versions.forget(result.desk)
        await self.board.saw(results)


@dataclass
class Scripted:
    """Records what a customer says and answers it, writing what a real turn writes."""

    ports: Ports
    versions: Versions

    def tenant(self, tenant):
        """Where the desk's own verbs find a tenant's documents."""
        return TenantStore.of(self.ports.store, tenant)

    async def hear(self, delivery: Delivery):
        event = MessageReceived.decode(delivery.body)
        running = await self.versions.published(event.account)
        store = TenantStore.of(self.ports.store, running.tenant)
        conversation = conversation_id(running.desk, "webchat", running.desk, event.sender.id)
        if not await store.create(f"events/{event.event_id}", {}):
            return
        path = f"conversations/{conversation}"
        if not await store.get(path):
            head = Head(
                desk=running.desk,
                channel="webchat",
                account=running.desk,
                contact=event.sender.id,
                customer="customer",
            )
            await store.create(path, msgspec.to_builtins(head))
        seq = await self._add(
            store,
            conversation,
            author="customer",
            status="received",
            content=event.content,
            public_id=event.message_id,
        )
        await self._answer(store, conversation, running, event.content, seq)

    async def _add(self, store, conversation, **parts):
        """Commits a message and what belongs to it, anew when another answer came between."""
        while True:
            with contextlib.suppress(PreconditionFailed, AlreadyExists):
                return await self._commit(store, conversation, **parts)

    async def _commit(self, store, conversation, *, public_id, receipt=None, state=None, **message):
        document = await store.get(f"conversations/{conversation}")
        head = msgspec.convert(document.data, Head)
        now = stamp(self.ports.clock.now())
        head = msgspec.structs.replace(
            head, rev=head.rev + 1, last=head.last + 1, updated_at=now, state=state or head.state
        )
        written = Message(seq=head.last, at=now, public_id=public_id, born=head.rev, rev=head.rev, **message)
        writes = [
            Put(f"conversations/{conversation}", msgspec.to_builtins(head), document.version),
            Create(
                f"conversations/{conversation}/messages/{sequence_name(head.last)}",
                msgspec.to_builtins(written),
            ),
        ]
        if receipt:
            name = sequence_name(receipt.covers[0])
            writes.append(Create(f"conversations/{conversation}/turns/{name}", msgspec.to_builtins(receipt)))
        await store.commit(writes)
        await self.ports.live.notify(live_key(store.tenant, conversation))
        return head.last

    async def _answer(self, store, conversation, running, content: Content, seq):
        key = live_key(store.tenant, conversation)
        words = content.text.lower()
        started = self.ports.clock.now()
        identity = new_id()
        await self.ports.live.notify(key, {"event": "typing", "on": True})
        await asyncio.sleep(1.2 if "slow" in words else 0.25)
        sentences = _script(words, content)
        for count in range(1, len(sentences)):
            note = {"event": "partial", "message_id": identity, "text": " ".join(sentences[:count])}
            await self.ports.live.notify(key, note)
            await asyncio.sleep(0.8 if "slow" in words else 0.2)
        if "die" in words:
            await self.ports.live.notify(key, {"event": "partial", "message_id": identity, "text": ""})
            await self.ports.live.notify(key, {"event": "typing", "on": False})
            return
        choices = (
            (Choice(id="slot-1", title="Tomorrow, 9:00"), Choice(id="slot-2", title="Tomorrow, 11:30"))
            if "book" in words
            else ()
        )
        person = "person" in words
        ended = self.ports.clock.now()
        await self._add(
            store,
            conversation,
            author="desk",
            status="queued",
            outgoing=Outgoing(text=" ".join(sentences), choices=choices),
            public_id=identity,
            state="pending_human" if person else "finished",
            receipt=_receipt(conversation, seq, running.version, started, ended, words, person=person),
        )
        await self.ports.live.notify(key, {"event": "typing", "on": False})


def _script(words, content: Content):
    if content.attachments:
        return [f"Thank you, I have {content.attachments[0].file_name}."]
    if "link" in words:
        return ["See https://sunrise.example/prices?a=1&b=2.", "<img src=x onerror=alert(1)> stays text."]
    if "person" in words:
        return ["I am asking a colleague to take over."]
    if "book" in words or "lipid" in words:
        return ["A lipid profile costs ₹900.", "Please come fasting.", "Which time suits you?"]
    if "tomorrow" in words:
        return ["Booked.", "See you then."]
    return ["We are open Monday to Saturday, 7:00 to 20:00.", "On Sundays we close at 13:00."]


def _receipt(conversation, seq, version, started, ended, words, *, person):
    ms = (ended - started) / timedelta(milliseconds=1)
    steps = [
        Step(kind="signals", name="signals", ms=ms * 0.08),
        Step(kind="model", name="offline", ms=ms * 0.3, input=412, output=18),
        Step(
            kind="tool",
            name="find_slots" if "book" in words else "search_knowledge",
            ms=ms * 0.22,
            detail={
                "arguments": {"test": "lipid profile", "day": "2026-11-21"},
                "result": {"slots": ["09:00", "11:30"]},
            },
            sources=("prices.md#lipid-profile",),
        ),
        Step(kind="model", name="offline", ms=ms * 0.3, input=530, output=64, detail={"stop": "end"}),
        Step(kind="guard", name="output checks", ms=ms * 0.04, detail={"passed": "links, secrets, promises"}),
    ]
    return Receipt(
        turn=f"{conversation}:{seq}",
        conversation=conversation,
        covers=(seq, seq),
        config_version=version,
        outcome="handed_over" if person else "answered",
        started_at=stamp(started),
        ended_at=stamp(ended),
        ms=ms,
        steps=tuple(steps),
        model="offline",
        input=942,
        output=82,
        signals=Signals(
            intent="booking" if "book" in words else "question",
            language="en",
            sentiment=0.62,
            confidence=0.91,
        ),
    )


def build(folder: Path):
    """The application, and what to run beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = EmbeddedClock()
    database, hints = Database(folder / "frontdesk.db"), Database(folder / "live.db", durable=False)
    bus = EmbeddedBus(database, clock, {"message-received": [Subscription("record_message")]})
    ports = Ports(
        store=EmbeddedStore(database, clock),
        bus=bus,
        timers=EmbeddedTimers(database, clock, {}),
        blobs=EmbeddedBlobs(folder / "blobs"),
        secrets=EmbeddedSecrets({"sunrise__SITE_SECRET": "hush"}),
        live=EmbeddedLive(hints, clock),
        clock=clock,
    )
    versions = Versions(PlatformStore.of(ports.store), clock)
    models = Router({"offline": OfflineModel()}, read_catalogue(), Breaker(clock), clock)
    board = Board(ports, versions, models, {}, "configs")
    office = Office(folder / "configs", versions, board)
    scripted = Scripted(ports, versions)

    async def publish(request: Request):
        desk = request.path_params["desk"]
        changed = copy.deepcopy(DESKS[desk])
        changed["channels"]["webchat"]["opening_line"] = "A new line."
        await office.save(desk, changed)
        return Response()

    async def break_file(request: Request):
        desk = request.path_params["desk"]
        broken = copy.deepcopy(DESKS[desk])
        broken["desk"]["theme"]["colour"] = "teal"
        await office.save(desk, broken)
        return Response()

    async def site(request: Request):
        page = "<!doctype html><title>A business</title><h1>A business</h1>"
        named = "".join(f' data-{name}="{escape(value)}"' for name, value in request.query_params.items())
        return HTMLResponse(f'{page}<script src="/widget.js" data-desk="sunrise"{named}></script>')

    app = Starlette(
        routes=[
            *pages.routes(board=board, desks=versions, local_only_open=True),
            *widget.routes(),
            *chat.routes(ports=ports, desks=versions, board=board, local=True, beat=1.0),
            *turns.routes(ports=ports, desks=versions, local_only_open=True),
            *conversations.routes(scripted, from_here(versions, local_only_open=True)),
            *desks.routes(live=ports.live, board=board, local_only_open=True),
            Route("/harness/publish/{desk}", publish, methods=["POST"]),
            Route("/harness/break/{desk}", break_file, methods=["POST"]),
            Route("/harness/site", site),
        ],
        exception_handlers=problems.HANDLERS,
    )
    return app, bus, scripted, office, (ports.live, bus, database, hints)


async def serve(port: int, folder: Path, names: list[str]):
    app, bus, scripted, office, closers = build(folder)
    for name in names:
        await office.save(name, DESKS[name])
    listening = asyncio.create_task(bus.run(scripted.hear))
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
    )
    await server.serve()
    await bus.stop(grace=1)
    with contextlib.suppress(asyncio.CancelledError):
        await listening
    for one in closers:
        await one.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
