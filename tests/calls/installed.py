"""An installation with the sample desks, and a LiveKit server that tells it what happens."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
from house import LAB_FILE, ROOT, House, opened
from livekit import api, rtc

from shared.config.publish import folder_reader
from shared.config.validate import validate
from shared.domain.calls import Call
from shared.domain.planned_calls import PlannedCall
from shared.integrations.livekit import LiveKit
from tests.livekit_server import cache
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving
from voice_service.livekit_server import LiveKitServer, free_port, running

TENANT, DESK, NUMBER = "krishna-diagnostics", "krishna", "+912200000103"
SESSION = {"X-Frontdesk-Session": "Zx81_kQ0-vB7nT5mR2wY9pLc"}


@dataclass
class Installed:
    """The house, its LiveKit, and what tests do with both."""

    house: House
    server: LiveKitServer
    rooms: list[rtc.Room] = field(default_factory=list)

    @property
    def livekit(self) -> LiveKit:
        """The project as the product has it."""
        return self.house.process.livekit()

    async def ask_for_a_room(self, desk: str = DESK, **headers: str) -> httpx.Response:
        """What the page does when somebody calls."""
        url = f"{self.house.url}/voice/{desk}/token"
        return await self.house.http.post(url, headers=SESSION | headers)

    async def come_in(self, entrance: dict[str, Any]) -> rtc.Room:
        """The page's own connection."""
        room = rtc.Room()
        await room.connect(entrance["url"], entrance["token"])
        self.rooms.append(room)
        return room

    async def ring_in(
        self, room: str, metadata: str = "", *, identity: str = "sip_+919812345678", status: str = "active"
    ) -> rtc.Room:
        """A telephone as LiveKit's SIP server puts it into a room, which its rule makes with `metadata`."""
        attributes = {
            "sip.callID": "SCL_1",
            "sip.callStatus": status,
            "sip.phoneNumber": "+919812345678",
            "sip.trunkPhoneNumber": NUMBER,
        }
        token = api.AccessToken(self.server.key, self.server.secret).with_identity(identity)
        token = token.with_kind("sip").with_attributes(attributes)
        token = token.with_grants(api.VideoGrants(room_join=True, room=room))
        if metadata:
            token = token.with_room_config(api.RoomConfiguration(metadata=metadata, departure_timeout=1))
        inside = rtc.Room()
        await inside.connect(self.server.url, token.to_jwt())
        self.rooms.append(inside)
        return inside

    async def calls(self) -> list[Call]:
        """Every call of the lab's."""
        found = await self.house.documents("calls", TENANT)
        return [msgspec.convert(one, Call) for one in found]

    async def only_call(self) -> Call:
        """The one there is."""
        (call,) = await self.calls()
        return call

    async def only_planned(self) -> PlannedCall:
        """The one call to be made."""
        (planned,) = await self.house.documents("planned_calls", TENANT)
        return msgspec.convert(planned, PlannedCall)

    async def calls_at_any_hour(self) -> None:
        """The lab calls out day and night, so that no test depends on its hour."""
        services = await self.house.process.services()
        text = (ROOT / "configs" / LAB_FILE).read_text("utf-8")
        text = text.replace('hours: {monday-saturday: "09:00-20:00"}', 'hours: {daily: "00:00-24:00"}')
        validated = validate(text, file=LAB_FILE, base_reader=folder_reader(ROOT / "configs"))
        assert validated.problems == ()
        await services.versions.publish_text(
            validated, text=text, origin="file", by="test", file=LAB_FILE, overwrite=True
        )


@contextlib.asynccontextmanager
async def installed(folder: Path, *, redis: str = "") -> AsyncIterator[Installed]:
    """An installation on `folder`, serving, with a LiveKit server of its own that calls its webhook."""
    port, our_port, graph = free_port(), free_port(), GraphApi()
    secret = "a-secret-of-tests-that-is-long-enough"
    settings = {
        "PORT": str(our_port),
        "LIVEKIT_URL": f"ws://127.0.0.1:{port}",
        "LIVEKIT_API_KEY": "frontdesk",
        "LIVEKIT_API_SECRET": f"{secret},a-retired-secret-that-is-long-enough",
    }
    hook = f"http://127.0.0.1:{our_port}/webhooks/livekit"
    with running(cache=cache(), port=port, secret=secret, redis=redis, webhooks=[hook]) as server:
        async with serving(graph.app) as graph_url, opened(folder, graph, graph_url, **settings) as house:
            one = Installed(house, server)
            yield one
            for room in one.rooms:
                await room.disconnect()
