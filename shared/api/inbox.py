"""The inbox and the timeline of a conversation, as JSON."""

from typing import get_args

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.api.entry import Enter
from shared.api.problems import Refused, answering
from shared.desk.commit import head_path
from shared.desk.inbox import Filter, Row, View, counts, rows
from shared.desk.services import Services
from shared.desk.timeline import Entry, timeline
from shared.desk.transcript import readable
from shared.domain.content import ChannelName
from shared.domain.conversation import Message
from shared.domain.states import State

_MOST = 100


class _Asked(msgspec.Struct, kw_only=True):
    """The filters of an address."""

    view: View = "all"
    state: State | None = None
    channel: ChannelName | None = None
    desk: str = ""
    words: str = ""


def routes(services: Services, enter: Enter) -> list[Route]:
    """GET /api/v1/inbox?view=&state=&channel=&desk=&words=&cursor=&limit=, /api/v1/inbox/counts, and
    /api/v1/conversations/{id}/timeline?before=&limit=.
    """

    async def list_rows(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        page = await rows(
            services,
            entry.tenant,
            _filter(request, entry.by.id),
            cursor=request.query_params.get("cursor"),
            limit=_limit(request),
        )
        return _json({"items": [_row(row) for row in page.items], "cursor": page.cursor})

    async def count(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        found = await counts(services, entry.tenant, entry.by.id)
        return _json(msgspec.to_builtins(found))

    async def list_entries(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        before = request.query_params.get("before")
        if before is not None and not before.isdigit():
            raise Refused(422, "before is the number a former page gave.")
        store, conversation = services.tenant(entry.tenant), request.path_params["conversation"]
        if await store.get(head_path(conversation)) is None:
            raise Refused(404, f"There is no conversation {conversation!r} of this business.")
        page = await timeline(
            store,
            conversation,
            before=int(before) if before else None,
            limit=_limit(request),
        )
        return _json({"items": [_entry(one) for one in page.entries], "before": page.before})

    return [
        Route("/api/v1/inbox", answering(list_rows), methods=["GET"]),
        Route("/api/v1/inbox/counts", answering(count), methods=["GET"]),
        Route("/api/v1/conversations/{conversation}/timeline", answering(list_entries), methods=["GET"]),
    ]


def _json(data: object) -> Response:
    return JSONResponse(data, headers={"Cache-Control": "no-store"})


def _limit(request: Request) -> int:
    limit = request.query_params.get("limit", "50")
    if not limit.isdigit() or not 1 <= int(limit) <= _MOST:
        raise Refused(422, f"limit is a number from 1 to {_MOST}.")
    return int(limit)


def _filter(request: Request, me: str) -> Filter:
    """Which rows are asked for. Raises Refused (422) for a word that is none of the choice."""
    asked = request.query_params
    given = {name: asked[name] for name in ("view", "state", "channel", "desk", "words") if asked.get(name)}
    try:
        wanted = msgspec.convert(given, _Asked)
    except msgspec.ValidationError as error:
        views = ", ".join(get_args(View))
        raise Refused(422, f"No such filter: {error}. Views are {views}.") from error
    return Filter(me=me, **msgspec.structs.asdict(wanted))


def _row(row: Row) -> dict[str, object]:
    head, customer = row.head, row.customer
    handover = msgspec.to_builtins(row.handover) if row.handover else None
    return {
        "conversation": row.conversation,
        "desk": head.desk,
        "channel": head.channel,
        "state": head.state,
        "assignee": {"id": head.assignee, "name": row.assignee} if head.assignee else None,
        "customer": {
            "id": head.customer,
            "name": customer.name if customer else None,
            "phone": customer.phone if customer else None,
        },
        "newest": _preview(row.newest) if row.newest else None,
        "last_at": head.last_at,
        "waiting_since": head.first_waiting or None,
        "unread": head.unread,
        "snoozed_until": head.snoozed_until or None,
        "handover": handover,
    }


def _preview(message: Message) -> dict[str, object]:
    text = "" if message.withdrawn else readable(message.content)[:200]
    return {"seq": message.seq, "author": message.author, "at": message.at, "text": text}


def _entry(entry: Entry) -> dict[str, object]:
    record = entry.message or entry.receipt or entry.note or entry.transition
    told = {"kind": entry.kind, "rev": entry.rev, "at": entry.at, entry.kind: msgspec.to_builtins(record)}
    return told | {"outreach": msgspec.to_builtins(entry.outreach)} if entry.outreach else told
