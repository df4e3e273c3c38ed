"""The whole product on loopback, entered by its production bootstrap, with stand-ins where vendors are."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx

from shared import bootstrap
from shared.config.publish import folder_reader, publish_folder
from shared.config.settings import read_settings
from shared.config.validate import validate
from shared.desk.presence import set_presence
from shared.domain.colleagues import Actor
from shared.local_server import app_of, working
from shared.ports import Query
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving

ROOT = Path(__file__).resolve().parents[2]
SECRET = "app-secret"
LAB = "100000000000101"  # the WhatsApp account of the sample diagnostics lab
LAB_TENANT, LAB_FILE = "krishna-diagnostics", "krishna-diagnostics/front-desk.yaml"
LAB_INSTAGRAM = "178410000000101"


@dataclass
class House:
    """A running installation and what tests do with it."""

    process: bootstrap.Process
    url: str
    graph: GraphApi
    http: httpx.AsyncClient
    numbers: Any = field(default_factory=lambda: iter(range(1, 10_000)))
    _taken: tuple[int, float] = (-1, 0.0)

    @property
    def address(self) -> str:
        """Where browsers go."""
        return self.url

    async def post_signed(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """A webhook as Meta signs it."""
        raw = json.dumps(body).encode()
        signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}
        return await self.http.post(f"{self.url}{path}", content=raw, headers=headers)

    def whatsapp(self, text: str, *, sender: str = "919812345678", **more: Any) -> dict[str, Any]:
        """A customer's text as Meta tells it."""
        message = {
            "from": sender,
            "id": f"wamid.{sender}.{next(self.numbers)}",
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": text},
            **more,
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": LAB},
            "contacts": [{"profile": {"name": "Asha Rao"}, "wa_id": sender}],
            "messages": [message],
        }
        change = {"field": "messages", "value": value}
        return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}

    def tapped(self, choice: str, title: str, *, sender: str = "919812345678") -> dict[str, Any]:
        """A customer's tap on a list row as Meta tells it."""
        reply = {"type": "list_reply", "list_reply": {"id": choice, "title": title}}
        return self.whatsapp("", sender=sender, type="interactive", interactive=reply)

    def status(self, of: dict[str, Any], status: str) -> dict[str, Any]:
        """A delivery report about an accepted message as Meta tells it."""
        report = {
            "id": of["id"],
            "status": status,
            "timestamp": str(int(time.time())),
            "recipient_id": of["body"]["to"],
            "biz_opaque_callback_data": of["body"]["biz_opaque_callback_data"],
        }
        value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": LAB}, "statuses": [report]}
        change = {"field": "messages", "value": value}
        return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}

    def owner_wrote(self, text: str, *, to: str = "919812345678") -> dict[str, Any]:
        """What the business's owner typed on their own phone, as Meta echoes it."""
        echo = {
            "from": "15550783881",
            "to": to,
            "id": f"wamid.echo.{next(self.numbers)}",
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": text},
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": LAB},
            "message_echoes": [echo],
        }
        change = {"field": "smb_message_echoes", "value": value}
        return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}

    async def ask(self, text: str, *, sender: str = "919812345678") -> str:
        """Say it on WhatsApp and wait for the reply's words."""
        return await self.answer_to(self.whatsapp(text, sender=sender))

    async def answer_to(self, body: dict[str, Any]) -> str:
        """Post the webhook and wait for the reply's words."""
        before = len(self.graph.accepted)
        assert 200 == (await self.post_signed("/webhooks/whatsapp", body)).status_code
        await until(lambda: len(self.graph.accepted) > before)
        return self.replies()[before]

    def instagram(self, text: str, *, sender: str = "17849990001") -> dict[str, Any]:
        """A direct message as Meta tells it."""
        now = int(time.time() * 1000)
        messaging = {
            "sender": {"id": sender},
            "recipient": {"id": LAB_INSTAGRAM},
            "timestamp": now,
            "message": {"mid": f"mid.{sender}.{next(self.numbers)}", "text": text},
        }
        return {
            "object": "instagram",
            "entry": [{"id": LAB_INSTAGRAM, "time": now, "messaging": [messaging]}],
        }

    async def always_staffed(self) -> None:
        """The lab's people are there day and night, so that no test depends on its hour."""
        services = await self.process.services()
        text = (ROOT / "configs" / LAB_FILE).read_text("utf-8")
        hours = '  escalation:\n    hours: {daily: "00:00-24:00"}\n    handoff: [{timeout: 600}]\n'
        text = text[: text.index("  escalation:")] + hours + text[text.index("  surveys:") :]
        validated = validate(text, file=LAB_FILE, base_reader=folder_reader(ROOT / "configs"))
        assert validated.problems == ()
        await services.versions.publish_text(
            validated, text=text, origin="file", by="test", file=LAB_FILE, overwrite=True
        )

    async def comes(self, name: str) -> Actor:
        """Somebody of the lab's people is there from now on."""
        actor = Actor(id=name, name=name.title())
        await set_presence(await self.process.services(), LAB_TENANT, "online", by=actor)
        return actor

    def said_nothing_new_for(self, seconds: float) -> bool:
        """Whether the vendor took no message for so long."""
        taken = len(self.graph.accepted)
        if taken != self._taken[0]:
            self._taken = (taken, time.monotonic())
        return time.monotonic() - self._taken[1] >= seconds

    def seen(self, *, ago: float, sender: str = "17849990001") -> dict[str, Any]:
        """A read receipt of Instagram's that names an instant, `ago` seconds back, and no message."""
        at = int((time.time() - ago) * 1000)
        read = {"sender": {"id": sender}, "recipient": {"id": LAB_INSTAGRAM}, "timestamp": at}
        messaging = [read | {"read": {"watermark": at}}]
        return {"object": "instagram", "entry": [{"id": LAB_INSTAGRAM, "time": at, "messaging": messaging}]}

    def replies(self) -> list[str]:
        """The texts the vendor took, in order."""
        return [said(item["body"]) for item in self.graph.accepted]

    async def heads(self, tenant: str = "krishna-diagnostics") -> list[str]:
        """The ids of a tenant's conversations."""
        page = await (await self.process.services()).tenant(tenant).query("conversations", Query(limit=1000))
        return [document.name for document in page.documents]

    async def documents(self, collection: str, tenant: str = "krishna-diagnostics") -> list[dict[str, Any]]:
        """Every document of a tenant's collection."""
        services = await self.process.services()
        page = await services.tenant(tenant).query(collection, Query(limit=1000))
        return [document.data for document in page.documents]


def said(body: dict[str, Any]) -> str:
    """The words of an accepted message, whatever its kind."""
    if "text" in body:
        return str(body["text"]["body"])
    if "interactive" in body:
        return str(body["interactive"]["body"]["text"])
    message = body.get("message", {})
    return str(message.get("text") or message or body)


async def until(
    condition: Callable[[], bool] | Callable[[], Awaitable[bool]], *, seconds: float = 20.0
) -> None:
    """Wait for what must become true; the limit ends a broken run and measures nothing."""
    give_up = time.monotonic() + seconds
    while True:
        found = condition()
        if await found if isinstance(found, Awaitable) else found:
            return
        assert time.monotonic() < give_up, "what must happen did not"
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def opened(folder: Path, graph: GraphApi, graph_url: str, **environment: str) -> AsyncIterator[House]:
    """An installation on `folder` with the sample desks published, serving, its loops running."""
    told = {
        "FRONTDESK_DATA": str(folder),
        "FRONTDESK_CONFIGS": str(ROOT / "configs"),
        "FRONTDESK_PUBLIC_URL": "http://127.0.0.1:1",
        "META_APP_SECRET": SECRET,
        "META_APP_ID": graph.app_id,
        "META_VERIFY_TOKEN": "shake",
        "META_ACCESS_TOKEN": graph.token,
        "META_GRAPH_URL": graph_url,
        "INSTAGRAM_GRAPH_URL": graph_url,
        **environment,
    }
    process = bootstrap.Process(read_settings(told), told)
    bootstrap.enter(process)
    handles = {one.name: import_module(f"functions.{one.name}").handle for one in process.handlers}
    services = await process.services()
    await publish_folder(Path(told["FRONTDESK_CONFIGS"]), services.versions, process.catalogue())
    async with (
        httpx.AsyncClient(timeout=20, trust_env=False) as http,
        serving(app_of(process, handles), int(told.get("PORT", "0"))) as url,
        working(process, handles),
    ):
        yield House(process, url, graph, http)
    await process.close()
    bootstrap.enter(None)
