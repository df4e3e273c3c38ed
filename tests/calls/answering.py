"""A voice worker that answers in a process of its own, on a desk of a folder of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from livekit import api

from shared.bootstrap import Process
from shared.config.catalogue import Catalogue
from shared.config.settings import read_settings
from shared.config.validate import validate
from shared.config.versions import Published
from shared.desk.calls.begin import Ringing, begin
from shared.desk.calls.document import find_call
from shared.desk.commit import head_path, read_head, read_message
from shared.desk.services import Services
from shared.domain.calls import Call
from shared.domain.conversation import Head, Message
from shared.ports import Query
from shared.tools.registry import tool_catalogue
from voice_service.livekit_server import LiveKitServer, free_port

ROOT = Path(__file__).resolve().parents[2]
DESK: dict[str, Any] = {
    "version": "1.0",
    "tenant": {"id": "acme", "name": "Acme Clinic"},
    "desk": {
        "id": "front",
        "name": "Acme Clinic",
        "use_case": "appointments",
        "languages": ["en"],
        "timezone": "Europe/Berlin",
        "hours": {"daily": "00:00-24:00"},
    },
    "agent": {"name": "Mira", "greeting": "Hello, this is Acme Clinic."},
    "channels": {"room": {"enabled": True}, "phone": {"numbers": ["+4930901820"]}},
    "voice": {"enabled": True, "mode": "realtime", "voice_id": "Kore"},
    "tools": {"check_slots": {"settings": {"days_ahead": 7}}, "book_slot": {}, "hand_over": {}},
}


@dataclass
class Answering:
    """An installation with calls, and the workers that answer them."""

    process: Process
    services: Services
    livekit: LiveKitServer
    api: api.LiveKitAPI
    environment: dict[str, str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)

    @property
    def agent(self) -> str:
        """The name its workers go by: another installation's on the same server take none of its calls."""
        return self.process.settings.livekit_agent

    @property
    def store(self) -> Any:
        return self.services.tenant("acme")

    async def publish(self, **changes: Any) -> Published:
        """Run the desk with these top-level keys laid over its own."""
        written = json.loads(json.dumps(DESK))
        for key, value in changes.items():
            written[key] = {**written.get(key, {}), **value} if isinstance(value, dict) else value
        text = json.dumps(written)
        catalogue = Catalogue(tools={name: tool.Settings for name, tool in tool_catalogue().tools.items()})
        validated = validate(text.encode(), catalogue)
        assert validated.config is not None, validated.problems
        await self.services.versions.publish_text(
            validated, text=text, origin="file", by="test", overwrite=True
        )
        self.services.versions.forget("front")
        published = await self.services.versions.published("front")
        assert published is not None
        return published

    async def start_worker(self, **more: str) -> subprocess.Popen[bytes]:
        """Start `python -m voice_service` and wait until it takes calls."""
        port = free_port()
        log = Path(self.environment["FRONTDESK_DATA"]) / f"worker-{len(self.workers)}.log"
        environment = {**self.environment, "VOICE_PORT": str(port), **more}
        with log.open("wb") as out:
            worker = subprocess.Popen(  # noqa: ASYNC220  it lives on
                [sys.executable, "-m", "voice_service"], cwd=ROOT, env=environment, stdout=out, stderr=out
            )
        self.workers.append(worker)
        self.logs.append(log)
        self.ports.append(port)
        await self.until(lambda: b"registered worker" in log.read_bytes() or worker.poll() is not None, 120)
        assert worker.poll() is None, log.read_text("utf-8", "replace")[-3000:]
        return worker

    async def call(self, **more: Any) -> Call:
        """A call from a browser, begun as its token would begin it; its room has a job."""
        published = await self.services.versions.published("front")
        assert published is not None
        call = await self.begun(published, **more)
        await self.dispatch(call)
        return call

    async def begun(self, published: Published, **more: Any) -> Call:
        """The same without a job."""
        name = uuid4().hex
        ringing = {"direction": "browser", "account": "front", "contact": name, **more}
        return await begin(self.services, published, Ringing(id=name, room=f"call-{name}", **ringing))

    async def dispatch(self, call: Call, **metadata: str) -> None:
        """Send a job to a call's room."""
        told = json.dumps({"tenant": "acme", "desk": "front", "call": call.id, **metadata})
        request = api.CreateAgentDispatchRequest(agent_name=self.agent, room=call.room, metadata=told)
        await self.api.agent_dispatch.create_dispatch(request)

    def token(self, room: str, identity: str = "caller", **attributes: str) -> str:
        """What lets a participant in."""
        grants = api.VideoGrants(room_join=True, room=room, can_update_own_metadata=True)
        token = api.AccessToken(self.livekit.key, self.livekit.secret).with_identity(identity)
        if attributes:
            token = token.with_kind("sip").with_attributes(attributes)
        return token.with_grants(grants).to_jwt()

    async def now(self, call: Call) -> Call:
        """The call as it is."""
        found = await find_call(self.store, call.id)
        assert found is not None
        return found

    async def bookings(self, call: Call) -> list[Any]:
        """The bookings that were made on it."""
        page = await self.store.query("bookings", Query())
        return [one.data for one in page.documents if one.data.get("conversation") == call.conversation]

    async def head(self, call: Call) -> Head:
        head = read_head(await self.store.get(head_path(call.conversation)))
        assert head is not None
        return head

    async def said(self, call: Call) -> list[tuple[str, str]]:
        """What stands in the call's transcript: author and words."""
        return [(one.author, one.content.text) for one in await self.messages(call)]

    async def messages(self, call: Call) -> list[Message]:
        page = await self.store.query(f"conversations/{call.conversation}/messages", Query(order=("seq",)))
        return [read_message(row) for row in page.documents]

    async def comes(self, holds: Any, seconds: float = 10.0) -> Any:
        """What an async question comes to be, once it is true."""
        deadline = time.monotonic() + seconds
        while not (found := await holds()):
            assert time.monotonic() < deadline, f"not in {seconds} s\n{self.told()}"
            await asyncio.sleep(0.05)
        return found

    async def until(self, holds: Any, seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not in {seconds} s\n{self.told()}"
            await asyncio.sleep(0.02)

    def told(self) -> str:
        """The ends of the workers' logs."""
        return "\n".join(log.read_text("utf-8", "replace")[-4000:] for log in self.logs)

    def stop(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            with suppress(subprocess.TimeoutExpired):
                worker.wait(12)
            if worker.poll() is None:
                worker.kill()
                worker.wait()


@asynccontextmanager
async def answering(livekit: LiveKitServer, model: dict[str, str]) -> AsyncIterator[Answering]:
    """An installation whose desk runs; `model` are the settings that lead to the model's stand-in."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", folder),
            "FRONTDESK_DATA": folder,
            "FRONTDESK_CONFIGS": f"{folder}/configs",
            "VOICE_PROCESSOR": "100",
            "LIVEKIT_AGENT": f"desk-{uuid4().hex[:8]}",
            **livekit.settings,
            **model,
        }
        process = Process(read_settings(environment), environment)
        services = await process.services()
        client = api.LiveKitAPI(livekit.url, livekit.key, livekit.secret)
        there = Answering(process, services, livekit, client, environment)
        try:
            await there.publish()
            yield there
        finally:
            there.stop()
            await client.aclose()
            await process.close()
