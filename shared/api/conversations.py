"""What people do to a conversation, one command a path; the same commands as the console's."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.routing import Route

from shared.api.asked import Nothing, answered, command
from shared.api.chat_files import MOST_SENT, body_within
from shared.api.entry import Enter, Entry
from shared.api.problems import Refused
from shared.desk.assign import assign
from shared.desk.attach import attach, attachments_named
from shared.desk.hand_back import hand_back
from shared.desk.note import note
from shared.desk.propose_summary import propose
from shared.desk.resolve import reopen, resolve
from shared.desk.seen import seen
from shared.desk.send_again import send_again
from shared.desk.services import Services
from shared.desk.snooze import snooze
from shared.desk.speak import speak
from shared.desk.suggest import suggest
from shared.desk.take import take
from shared.domain.content import Template
from shared.domain.conversation import Head
from shared.domain.identity import new_id

WHOLE = "/api/v1/conversations/{conversation}"

Asked = TypeVar("Asked", bound=msgspec.Struct)


class Assignment(msgspec.Struct, forbid_unknown_fields=True):
    """To whom; empty puts it back into the queue."""

    to: str = ""


class Leaving(msgspec.Struct, forbid_unknown_fields=True):
    """What whoever hands back, or resolves, leaves behind."""

    summary: str = ""
    promises: tuple[str, ...] = ()
    lesson: str = ""  # of a resolve: what the desk should have known
    upto: int | None = None  # of a resolve: the newest message that was read


class Snoozing(msgspec.Struct, forbid_unknown_fields=True):
    """Until when, with its offset; null takes it up again."""

    until: datetime | None = None


class Saying(msgspec.Struct, forbid_unknown_fields=True):
    """Words, files that were uploaded, or a template."""

    text: str = ""
    attachments: tuple[str, ...] = ()
    template: Template | None = None
    client_id: str = ""


class Noting(msgspec.Struct, forbid_unknown_fields=True):
    """A note's words."""

    text: str
    client_id: str = ""


class Looking(msgspec.Struct, forbid_unknown_fields=True):
    """The newest message that was looked at."""

    upto: int


class Again(msgspec.Struct, forbid_unknown_fields=True):
    """The message that nobody knows to have arrived."""

    seq: int


Do = Callable[[Services, Entry, str, Asked, Request], Awaitable[object]]


def routes(services: Services, enter: Enter) -> list[Route]:
    """POST /api/v1/conversations/{id}/{command}, GET …/hand-back and …/suggestion.

    A command answers with the head, the message or the note; 404 unknown, 409 where somebody else was
    first or the conversation's state does not allow it, with what to do.
    """

    def post(path: str, shape: type[Asked], do: Do[Asked]) -> Route:
        async def carried_out(entry: Entry, request: Request, asked: Asked) -> object:
            return await do(services, entry, request.path_params["conversation"], asked, request)

        return command(f"{WHOLE}/{path}", shape, carried_out, enter)

    def plain(method: str, path: str, do: Do[Nothing]) -> Route:
        async def carried_out(entry: Entry, request: Request) -> object:
            return await do(services, entry, request.path_params["conversation"], Nothing(), request)

        return Route(f"{WHOLE}/{path}", answered(carried_out, enter), methods=[method])

    return [
        plain("POST", "take", _take),
        post("assign", Assignment, _assign),
        plain("GET", "hand-back", _propose),
        post("hand-back", Leaving, _hand_back),
        post("resolve", Leaving, _resolve),
        plain("POST", "reopen", _reopen),
        post("snooze", Snoozing, _snooze),
        post("messages", Saying, _speak),
        post("again", Again, _send_again),
        plain("POST", "attachments", _attach),
        post("notes", Noting, _note),
        post("read", Looking, _seen),
        plain("GET", "suggestion", _suggest),
    ]


def _key(request: Request, client_id: str) -> str:
    """The name under which a repeat is the same: the body's, or the header's."""
    return client_id or request.headers.get("idempotency-key", "") or new_id()


def _shown(head: Head) -> dict[str, object]:
    return {
        name: getattr(head, name)
        for name in ("state", "assignee", "handover", "rev", "last", "seen", "unread", "snoozed_until")
    }


async def _take(services: Services, entry: Entry, conversation: str, _: Nothing, __: Request) -> object:
    return _shown(await take(services, entry.tenant, conversation, by=entry.by))


async def _assign(services: Services, entry: Entry, conversation: str, to: Assignment, _: Request) -> object:
    return _shown(await assign(services, entry.tenant, conversation, to=to.to, by=entry.by))


async def _propose(services: Services, entry: Entry, conversation: str, _: Nothing, __: Request) -> object:
    proposed = await propose(services, entry.tenant, conversation)
    return {"summary": proposed.summary, "promises": proposed.promises}


async def _hand_back(
    services: Services, entry: Entry, conversation: str, left: Leaving, _: Request
) -> object:
    head = await hand_back(
        services, entry.tenant, conversation, by=entry.by, summary=left.summary, promises=left.promises
    )
    return _shown(head)


async def _resolve(services: Services, entry: Entry, conversation: str, left: Leaving, _: Request) -> object:
    head = await resolve(
        services,
        entry.tenant,
        conversation,
        by=entry.by,
        summary=left.summary,
        promises=left.promises,
        lesson=left.lesson,
        upto=left.upto,
    )
    return _shown(head)


async def _reopen(services: Services, entry: Entry, conversation: str, _: Nothing, __: Request) -> object:
    return _shown(await reopen(services, entry.tenant, conversation, by=entry.by))


async def _snooze(services: Services, entry: Entry, conversation: str, asked: Snoozing, _: Request) -> object:
    if asked.until is not None and asked.until.tzinfo is None:
        raise Refused(422, "until needs its offset, as in 2026-11-20T09:00:00+05:30.")
    return _shown(await snooze(services, entry.tenant, conversation, until=asked.until, by=entry.by))


async def _send_again(
    services: Services, entry: Entry, conversation: str, asked: Again, _: Request
) -> object:
    return await send_again(services, entry.tenant, conversation, asked.seq, by=entry.by)


async def _speak(
    services: Services, entry: Entry, conversation: str, asked: Saying, request: Request
) -> object:
    store = services.tenant(entry.tenant)
    return await speak(
        services,
        entry.tenant,
        conversation,
        client_id=_key(request, asked.client_id),
        by=entry.by,
        text=asked.text,
        attachments=await attachments_named(store, conversation, asked.attachments),
        template=asked.template,
    )


async def _attach(
    services: Services, entry: Entry, conversation: str, _: Nothing, request: Request
) -> object:
    return await attach(
        services,
        entry.tenant,
        conversation,
        content=await body_within(request, MOST_SENT),
        media_type=request.headers.get("content-type", ""),
        file_name=request.headers.get("x-file-name", ""),
        by=entry.by,
    )


async def _note(
    services: Services, entry: Entry, conversation: str, asked: Noting, request: Request
) -> object:
    key = _key(request, asked.client_id)
    return await note(services, entry.tenant, conversation, text=asked.text, by=entry.by, client_id=key)


async def _seen(services: Services, entry: Entry, conversation: str, asked: Looking, _: Request) -> object:
    return _shown(await seen(services, entry.tenant, conversation, upto=asked.upto, by=entry.by))


async def _suggest(services: Services, entry: Entry, conversation: str, _: Nothing, __: Request) -> object:
    return {"text": await suggest(services, entry.tenant, conversation)}
