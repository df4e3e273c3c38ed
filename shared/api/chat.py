"""The web chat's doors: what a visitor's widget reads and sends, with a session secret for a key.

The secret stands in the header X-Frontdesk-Session alone; its digest is the visitor's id with us, so
one visitor's conversation, files and events are out of reach for everybody else.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.api import chat_files, chat_origins
from shared.api.chat_feed import Feed
from shared.api.event_stream import BEAT, HEARTBEAT, event, pulses, streaming
from shared.api.pace import Pace
from shared.api.problems import Refused, answering, told
from shared.config.board import DeskBoard
from shared.config.channels import WebchatSettings
from shared.config.schema import DeskConfig
from shared.domain.content import Attachment, Content
from shared.domain.events import MessageReceived, Sender
from shared.domain.identity import conversation_id, digest
from shared.domain.instants import stamp
from shared.ports import Ports
from shared.security.tenancy import TenantStore

LONGEST = 4000  # characters of one message
_SESSION = re.compile(r"[A-Za-z0-9_-]{22,200}")  # 22 of these carry 128 bits
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_FILE_ID = re.compile(r"[0-9a-f]{26}")
_BODY = 64 * 1024  # bytes of a message's JSON
_FILES = 5  # attachments of one message


class Running(Protocol):
    """A desk as it is published."""

    @property
    def tenant(self) -> str: ...  # noqa: D102 as in the conversation's head
    @property
    def desk(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102
    @property
    def config(self) -> DeskConfig: ...  # noqa: D102


class Desks(Protocol):
    """Knows what is published."""

    async def published(self, desk: str) -> Running | None:
        """The desk's published version, or None where there is no such desk."""
        ...


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """The body of POST messages."""

    client_message_id: str
    text: str = ""
    attachments: tuple[str, ...] | None = None
    choice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visitor at one desk."""

    request: Request
    running: Running
    settings: WebchatSettings
    store: TenantStore
    cors: dict[str, str]

    @property
    def visitor(self) -> str:
        """The visitor's id with us. Raises Refused (401) without a session of 128 bits."""
        session = self.request.headers.get("x-frontdesk-session", "")
        if not _SESSION.fullmatch(session):
            raise Refused(401, "Header X-Frontdesk-Session is missing or shorter than 128 random bits.")
        return digest("session", session)

    @property
    def conversation(self) -> str:
        """The visitor's one conversation with this desk."""
        return conversation_id(self.running.desk, "webchat", self.running.desk, self.visitor)


Room = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """The doors, with what stands behind them."""

    ports: Ports
    desks: Desks
    board: DeskBoard
    local: bool  # pages of this machine may embed any desk
    beat: float  # seconds between heartbeats
    idle: float  # seconds of silence after which a stream is closed
    pace: Pace = field(init=False)
    uploads: Pace = field(init=False)

    def __post_init__(self) -> None:
        now = self.ports.clock.now
        object.__setattr__(self, "pace", Pace(now, burst=12, per_minute=40))
        object.__setattr__(self, "uploads", Pace(now, burst=6, per_minute=12))

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
        """GET settings: how the widget looks and what it says first."""
        model = await self.board.model()
        desk, webchat = visit.running.config.desk, visit.settings
        about = {
            "desk": desk.id,
            "name": webchat.title or desk.name,
            "initials": desk.theme.initials,
            "colours": {"accent": webchat.colour or desk.theme.colour},
            "opening_line": webchat.opening_line,
            "opening_delay": webchat.opening_delay,
            "starters": webchat.starters,
            "languages": desk.languages,
            "model_banner": f"{model.label}: it matches words and is no language model."
            if model.offline
            else None,
            "version": visit.running.version,
            "limits": {"text": LONGEST, **chat_files.LARGEST},
        }
        return JSONResponse(about, headers={"Cache-Control": "no-store"})

    async def post_message(self, visit: Visit) -> Response:
        """POST messages: 202 once the message is on the bus; the same client_message_id is one message."""
        visitor = visit.visitor
        _slow_down(self.pace, visitor)
        said = _decode(await chat_files.body_within(visit.request, _BODY))
        files = await chat_files.kept(visit.store, visit.conversation, said.attachments or ())
        received = MessageReceived(
            event_id=digest("webchat", visit.running.desk, visitor, said.client_message_id),
            channel="webchat",
            account=visit.running.desk,
            sender=Sender(id=visitor),
            message_id=digest("webchat", visit.running.desk, visitor, said.client_message_id),
            at=stamp(self.ports.clock.now()),
            content=_content(said, files),
        )
        await self.ports.bus.publish(received.topic(), received.encode())
        return JSONResponse(
            {"message_id": received.message_id, "conversation_id": visit.conversation}, status_code=202
        )

    async def post_attachment(self, visit: Visit) -> Response:
        """POST attachments: the file is the body, its name in X-File-Name, percent-encoded."""
        _slow_down(self.uploads, visit.visitor)
        kept = await chat_files.keep(visit.request, visit.store, self.ports.blobs, visit.conversation)
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
        async for pulse in pulses(self.ports.live, f"conversation/{feed.conversation}", self.beat):
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


def _content(said: Said, files: tuple[Attachment, ...]) -> Content:
    text = said.text.strip()
    if said.choice:
        return Content(kind="choice", text=text, attachments=files, choice=said.choice)
    return Content(kind="media" if files else "text", text=text, attachments=files)


def _slow_down(pace: Pace, visitor: str) -> None:
    if wait := pace.wait(visitor):
        raise Refused(
            429,
            "That is more than this chat takes at once. Wait a moment.",
            headers={"Retry-After": str(max(1, round(wait)))},
        )


def _decode(body: bytes) -> Said:
    """What was said. Raises Refused: 400 not JSON, 413 too long, 422 not of the form."""
    try:
        said = msgspec.json.decode(body, type=Said)
        said.text.encode()
    except msgspec.ValidationError as error:
        raise Refused(422, str(error)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Refused(400, f"The body is not JSON: {error}") from error
    if not _CLIENT_ID.fullmatch(said.client_message_id):
        raise Refused(422, "client_message_id is 8 to 64 letters, digits, - or _.")
    if not said.text.strip() and not said.attachments:
        raise Refused(422, "The message is empty: it has neither text nor attachments.")
    if len(said.text) > LONGEST:
        raise Refused(413, f"The text has {len(said.text)} characters; the most is {LONGEST}.", limit=LONGEST)
    if len(said.attachments or ()) > _FILES or not all(map(_FILE_ID.fullmatch, said.attachments or ())):
        raise Refused(422, f"attachments are at most {_FILES} ids that POST attachments gave.")
    if len(said.choice or "") > 200:
        raise Refused(422, "choice is the id of a quick reply, at most 200 characters.")
    return said


def routes(
    *, ports: Ports, desks: Desks, board: DeskBoard, local: bool, beat: float = 15.0, idle: float = 600.0
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
