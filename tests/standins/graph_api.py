"""Meta's Graph API on a loopback port: takes what the vendor would take, refuses what it would refuse.

Run it by itself with `python -m tests.standins.graph_api --port 8090`; it prints its address and serves
until it is stopped. `/_control/*` sets faults and windows, reads what was accepted, has webhooks sent.
"""

import argparse
import asyncio
import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.faults import Faults, after, before, control
from tests.standins.graph_rules import Refused, check_instagram, check_mark, check_whatsapp, need
from tests.standins.serving import serving


@dataclass
class GraphApi:
    """The vendor's state: what it took, holds and was told to do wrong."""

    token: str = "EAAG-token"
    app_secret: str = "app-secret"
    app_id: str = "990001112223334"
    accepted: list[dict[str, Any]] = field(default_factory=list)  # {path, id, body}, in order
    marks: list[dict[str, Any]] = field(default_factory=list)  # read marks and typing, in order
    media: dict[str, tuple[bytes, str]] = field(default_factory=dict)  # id -> bytes, type
    numbers: dict[str, tuple[str, str]] = field(
        default_factory=lambda: {"100000000000101": ("+1 555-078-3881", "Krishna Diagnostics")}
    )  # phone_number_id -> display_phone_number, verified_name
    served_without_token: int = 0
    closed: set[str] = field(default_factory=set)  # recipients whose 24 hours are over
    faults: Faults = field(default_factory=Faults)
    webhook_url: str = ""  # where delivery is reported of itself, if anywhere
    reports: tuple[str, ...] = ("sent", "delivered", "read")
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def app(self) -> Starlette:
        """The server's routes."""
        return Starlette(
            routes=[
                Route("/_control/accepted", self._accepted),
                Route("/_control/faults", self._faults, methods=["POST", "DELETE"]),
                Route("/_control/window", self._window, methods=["POST"]),
                Route("/_control/media", self._hold, methods=["POST"]),
                Route("/_control/webhook", self._told, methods=["POST"]),
                Route("/_files/{media}", self._bytes),
                Route("/{version}/me/messages", self._messages, methods=["POST"]),
                Route("/{version}/{account}/messages", self._messages, methods=["POST"]),
                Route("/{version}/{account}/media", self._upload, methods=["POST"]),
                Route("/{version}/{media}", self._describe),  # a phone number is asked for alike
            ]
        )

    async def _messages(self, request: Request) -> Response:
        """A message, a mark or a sender action, for WhatsApp or Instagram."""
        fault = self.faults.next(request.url.path)
        if trouble := await before(fault, request):
            return trouble
        try:
            self._authorised(request)
            need(not fault or fault.kind != "error", fault.code if fault else 0, "scripted")
            body = json.loads(await request.body())
            answer = self._take(request, body)
        except Refused as refused:
            return _refusal(refused, fault.retry_after if fault else None)
        return await after(fault, request, JSONResponse(answer))

    def _take(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        if "messaging_product" not in body:
            return self._take_instagram(request, body)
        if "status" in body:
            check_mark(body)
            self.marks.append(body)
            return {"success": True}
        kind = check_whatsapp(body)
        to = body.get("to") or body["recipient"]
        need(kind == "template" or to not in self.closed, 131047, "more than 24 hours since the last reply")
        if kind != "template" and "id" in body[kind]:
            need(body[kind]["id"] in self.media, 131009, "no such media id")
        wamid = f"wamid.STANDIN{next(self._numbers):012d}"
        self.accepted.append({"path": request.url.path, "id": wamid, "body": body})
        if self.webhook_url:
            self._report(request.path_params["account"], wamid, to, body.get("biz_opaque_callback_data"))
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to}],
            "messages": [{"id": wamid, "message_status": "accepted"}],
        }

    def _take_instagram(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        if check_instagram(body) != "message":
            self.marks.append(body)
            return {"recipient_id": body["recipient"]["id"]}
        need(body["recipient"]["id"] not in self.closed, 10, "outside the allowed window", 2534022)
        mid = f"mid.STANDIN{next(self._numbers):012d}"
        self.accepted.append({"path": request.url.path, "id": mid, "body": body})
        return {"recipient_id": body["recipient"]["id"], "message_id": mid}

    def _authorised(self, request: Request) -> None:
        proven = request.headers.get("authorization") == f"Bearer {self.token}"
        need(proven, 190, "Invalid OAuth access token")

    async def _upload(self, request: Request) -> Response:
        fault = self.faults.next(request.url.path)
        if trouble := await before(fault, request):
            return trouble
        try:
            self._authorised(request)
            form = _parts(await request.body(), request.headers["content-type"])
            need(form.get("messaging_product") == b"whatsapp", 100, "messaging_product")
            need(form.get("file") and form.get("type"), 100, "file and type are needed")
            media_id = self.hold(form["file"], form["type"].decode())
        except Refused as refused:
            return _refusal(refused)
        return await after(fault, request, JSONResponse({"id": media_id}))

    def hold(self, content: bytes, media_type: str) -> str:
        """Keep bytes as if a customer, or the business, had sent them; gives the media id."""
        media_id = str(70_000_000_000 + next(self._numbers))
        self.media[media_id] = (content, media_type)
        return media_id

    async def _describe(self, request: Request) -> Response:
        fault = self.faults.next(request.url.path)
        if trouble := await before(fault, request):
            return trouble
        try:
            self._authorised(request)
            media_id = request.path_params["media"]
            if media_id in self.numbers:
                shown, verified = self.numbers[media_id]
                return JSONResponse(
                    {"display_phone_number": shown, "verified_name": verified, "id": media_id}
                )
            need(media_id in self.media, 100, "Object does not exist")
        except Refused as refused:
            return _refusal(refused)
        content, media_type = self.media[media_id]
        return JSONResponse(
            {
                "messaging_product": "whatsapp",
                "id": media_id,
                "url": f"{request.base_url}_files/{media_id}",
                "mime_type": media_type,
                "sha256": hashlib.sha256(content).hexdigest(),
                "file_size": len(content),
            }
        )

    async def _bytes(self, request: Request) -> Response:
        """The file behind a media URL; Instagram's need no token, WhatsApp's do."""
        fault = self.faults.next(request.url.path)
        if trouble := await before(fault, request):
            return trouble
        if "authorization" not in request.headers:
            self.served_without_token += 1
        content, media_type = self.media[request.path_params["media"]]
        return await after(fault, request, Response(content, media_type=media_type))

    def _report(self, phone: str, wamid: str, to: str, key: str | None) -> None:
        async def tell() -> None:
            for status in self.reports:
                await self.tell(self.webhook_url, status_body(phone, wamid, to, status, key))

        task = asyncio.get_running_loop().create_task(tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def tell(self, url: str, body: dict[str, Any]) -> int:
        """POST a signed webhook as Meta writes it; gives the status it was answered with."""
        raw = as_meta_writes(body)
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(
                url, content=raw, headers={"content-type": "application/json", **sign(raw, self.app_secret)}
            )
        return answer.status_code

    async def _accepted(self, _: Request) -> Response:
        return JSONResponse({"accepted": self.accepted, "marks": self.marks})

    async def _faults(self, request: Request) -> Response:
        return await control(request, self.faults)

    async def _window(self, request: Request) -> Response:
        """`{recipient, open}`: whether free text may still go to a recipient."""
        asked = await request.json()
        (self.closed.discard if asked["open"] else self.closed.add)(asked["recipient"])
        return JSONResponse({"closed": sorted(self.closed)})

    async def _hold(self, request: Request) -> Response:
        return JSONResponse({"id": self.hold(await request.body(), request.headers["content-type"])})

    async def _told(self, request: Request) -> Response:
        """`{url, body}`: have a signed webhook sent now."""
        asked = await request.json()
        return JSONResponse({"status": await self.tell(asked["url"], asked["body"])})


def _parts(body: bytes, content_type: str) -> dict[str, bytes]:
    """The parts of a multipart form by name."""
    form = message_from_bytes(b"content-type: " + content_type.encode() + b"\r\n\r\n" + body)
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in form.walk()
        if not part.is_multipart()
    }


def _refusal(refused: Refused, retry_after: int | None = None) -> Response:
    status = 401 if refused.code == 190 else 429 if refused.code in (4, 80007, 130429, 131056) else 400
    error = {
        "message": f"(#{refused.code}) {refused.details}",
        "type": "OAuthException",
        "code": refused.code,
        "error_data": {"messaging_product": "whatsapp", "details": refused.details},
        "fbtrace_id": "AStandIn",
        **({"error_subcode": refused.subcode} if refused.subcode else {}),
    }
    headers = {"retry-after": str(retry_after)} if retry_after else None
    return JSONResponse({"error": error}, status_code=status, headers=headers)


def as_meta_writes(body: dict[str, Any]) -> bytes:
    """JSON as Meta sends it: non-ASCII and slashes escaped."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def sign(raw: bytes, secret: str) -> dict[str, str]:
    """The signature header of a body."""
    return {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


def status_body(phone: str, wamid: str, to: str, status: str, key: str | None) -> dict[str, Any]:
    """A webhook that reports how far a message came."""
    report = {"id": wamid, "status": status, "timestamp": str(int(time.time())), "recipient_id": to}
    return whatsapp_body(phone, statuses=[{**report, **({"biz_opaque_callback_data": key} if key else {})}])


def message_body(phone: str, wa_id: str, message: dict[str, Any], name: str = "Asha") -> dict[str, Any]:
    """A webhook with one message of a customer."""
    return whatsapp_body(
        phone,
        contacts=[{"profile": {"name": name}, "wa_id": wa_id}],
        messages=[{"from": wa_id, "timestamp": str(int(time.time())), **message}],
    )


def whatsapp_body(phone: str, **value: Any) -> dict[str, Any]:
    """WhatsApp's envelope around one change."""
    metadata = {"display_phone_number": "15550783881", "phone_number_id": phone}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [change]}]}


async def main() -> None:
    """Serve until stopped."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=8090)
    options.add_argument("--token", default="EAAG-token")
    options.add_argument("--app-secret", default="app-secret")
    options.add_argument("--webhook-url", default="")
    chosen = options.parse_args()
    api = GraphApi(token=chosen.token, app_secret=chosen.app_secret, webhook_url=chosen.webhook_url)
    async with serving(api.app, chosen.port) as url:
        print(url, flush=True)  # noqa: T201 - its one line of output
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
