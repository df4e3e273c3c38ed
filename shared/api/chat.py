"""The web chat's doors: what a visitor's widget reads and sends, with a session secret for a key.

The secret stands in the header X-Frontdesk-Session alone; its digest is the visitor's id with us, so
one visitor's conversation, files and events are out of reach for everybody else.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.api import chat_files, chat_origins
from shared.api.chat_feed import Feed
from shared.api.chat_identity import customer_of
from shared.api.event_stream import BEAT, HEARTBEAT, event, pulses, streaming
from shared.api.problems import Refused, answering, told
from shared.channels import webchat
from shared.channels.shape import Webhook
from shared.config.board import DeskBoard
from shared.config.channels import WebchatSettings
from shared.config.versions import Published, Versions
from shared.desk.commit import live_key
from shared.desk.retention import messages_until
from shared.domain.errors import Forged
from shared.domain.events import MessageReceived
from shared.domain.identity import conversation_id
from shared.ports import Ports
from shared.security import chat_limits
from shared.security.chat_limits import ChatLimit
from shared.security.tenancy import TenantStore

_BODY = 64 * 1024  # bytes of a message's JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visitor at one desk."""

    request: Request
    running: Published
    settings: WebchatSettings
    store: TenantStore
    cors: dict[str, str]

    def webhook(self, body: bytes = b"") -> Webhook:
        """The request as its channel reads it. Raises Refused (401) without a session nobody could guess."""
        request = self.request
        webhook = Webhook(
            method=request.method,
            url=str(request.url),
            query=request.query_params,
            headers=request.headers.items(),
            body=body,
        )
        try:
            webchat.verify(webhook, ())
        except Forged as error:
            raise Refused(401, str(error)) from error
        return webhook

    @property
    def visitor(self) -> str:
        """The visitor's id with us."""
        return webchat.visitor(self.webhook().header(webchat.SESSION) or "")

    @property
    def conversation(self) -> str:
        """The visitor's one conversation with this desk."""
        return conversation_id(self.running.desk, "webchat", self.running.desk, self.visitor)


Room = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """The doors, with what stands behind them."""

    ports: Ports
    desks: Versions
    board: DeskBoard
    local: bool  # pages of this machine may embed any desk
    beat: float  # seconds between heartbeats
    idle: float  # seconds of silence after which a stream is closed
    messages: ChatLimit = field(init=False)
    uploads: ChatLimit = field(init=False)

    def __post_init__(self) -> None:
        now = self.ports.clock.now
        of_messages = ChatLimit(now, chat_limits.MESSAGES, chat_limits.DESK_MESSAGES)
        of_uploads = ChatLimit(now, chat_limits.UPLOADS, chat_limits.DESK_UPLOADS)
        object.__setattr__(self, "messages", of_messages)
        object.__setattr__(self, "uploads", of_uploads)

    def door(self, path: str, **rooms: Room) -> Route:
        """A path of the chat: finds the desk, lets its pages in and no others, tells errors to them."""

        async def enter(request: Request) -> Response:
            running = await self.desks.published(request.path_params["desk"])
            settings = running.config.channels.webchat if running else None
            if running is None or settings is None or not settings.enabled:
                raise Refused(404, f"No desk {request.path_params['desk']!r} answers on web chat here.")
            cors = chat_origins.answer(request, settings.origins, local=self.local)
            store = TenantStore.of(self.ports.store, running.tenant)
            visit = Visit(request=request, running=running, settings=settings, store=store, cors=cors)
            if request.method == "OPTIONS":  # the browser's question before the real request
                return Response(status_code=204, headers=cors)
            try:
                response = await rooms[request.method](visit)
            except Exception as error:  # noqa: BLE001 told here, so that the page may read it
                response = told(error)
            response.headers.update(cors)
            return response

        route = Route(f"/chat/{{desk}}/{path}", answering(enter))
        route.methods = {*rooms, "OPTIONS"}  # no HEAD: a stream has no end to measure
        return route

    async def settings(self, visit: Visit) -> Response:
        """GET settings: how the widget looks and what it says first; 401 for an id not signed."""
        await self._customer(visit)
        model = await self.board.model()
        desk, shown = visit.running.config.desk, visit.settings
        about = {
            "desk": desk.id,
            "name": shown.title or desk.name,
            "initials": desk.theme.initials,
            "colours": {"accent": shown.colour or desk.theme.colour},
            "opening_line": shown.opening_line,
            "opening_delay": shown.opening_delay,
            "starters": shown.starters,
            "languages": desk.languages,
            "model_banner": f"{model.label}: it matches words, nothing more." if model.offline else None,
            "calls": visit.running.config.has_room,
            "version": visit.running.version,
            "limits": {"text": webchat.limits.text, **chat_files.LARGEST},
        }
        return JSONResponse(about, headers={"Cache-Control": "no-store"})

    async def post_message(self, visit: Visit) -> Response:
        """POST messages: 202 once the message is on the bus; the same client_message_id is one message."""
        self.messages.take(visit.running.desk, visit.visitor)
        body = await chat_files.body_within(visit.request, _BODY)
        conversation, customer = visit.conversation, await self._customer(visit)
        said = cast("MessageReceived", webchat.parse(visit.webhook(body))[0])
        files = await chat_files.kept(visit.store, conversation, said.content.attachments)
        received = replace(
            said,
            sender=replace(said.sender, external_id=customer),
            content=replace(said.content, attachments=files),
        )
        await self.ports.bus.publish(received.topic(), received.encode())
        about = {"message_id": received.message_id, "conversation_id": conversation}
        return JSONResponse(about, status_code=202)

    async def _customer(self, visit: Visit) -> str | None:
        secrets, tenant = self.ports.secrets, visit.running.tenant
        return await customer_of(visit.request.headers, visit.settings, secrets, tenant)

    async def post_attachment(self, visit: Visit) -> Response:
        """POST attachments: the file is the body, its name in X-File-Name, percent-encoded."""
        self.uploads.take(visit.running.desk, visit.visitor)
        until = messages_until(visit.running.config, self.ports.clock.now())
        kept = await chat_files.keep(visit.request, visit.store, self.ports.blobs, visit.conversation, until)
        return JSONResponse(kept, status_code=201)

    async def get_attachment(self, visit: Visit) -> Response:
        """GET attachments/{id}: to the session that has it."""
        identity = visit.request.path_params["attachment"]
        return await chat_files.serve(visit.store, self.ports.blobs, visit.conversation, identity)

    async def events(self, visit: Visit) -> Response:
        """GET events: server-sent typing, partial, message, status and handover; see `chat_feed`."""
        last = visit.request.headers.get("last-event-id", "")
        seen = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else None
        return streaming(self._follow(Feed(visit.store, visit.conversation, seen)))

    async def _follow(self, feed: Feed) -> AsyncIterator[bytes]:
        now = self.ports.clock.now
        quiet_since = now()
        yield HEARTBEAT  # opens the stream where nothing is to tell yet
        key = live_key(feed.store.tenant, feed.conversation)
        async for pulse in pulses(self.ports.live, key, self.beat):
            if pulse is BEAT:
                if (now() - quiet_since).total_seconds() >= self.idle:
                    return
                yield HEARTBEAT
            else:
                quiet_since = now()
            if isinstance(pulse, dict) and pulse.get("event") in ("typing", "partial"):
                yield event(str(pulse["event"]), {key: pulse[key] for key in pulse if key != "event"})
            else:  # a beat too: should a hint be lost, the store still has what it announced
                for news in await feed.news():
                    yield news


def routes(
    *, ports: Ports, desks: Versions, board: DeskBoard, local: bool, beat: float = 15.0, idle: float = 600.0
) -> list[Route]:
    """The paths below /chat/{desk}. `local`: pages of this machine may embed any desk."""
    chat = Chat(ports=ports, desks=desks, board=board, local=local, beat=beat, idle=idle)
    return [
        chat.door("settings", GET=chat.settings),
        chat.door("messages", POST=chat.post_message),
        chat.door("attachments", POST=chat.post_attachment),
        chat.door("attachments/{attachment}", GET=chat.get_attachment),
        chat.door("events", GET=chat.events),
    ]
