"""Reads what a command of people asks for, and tells how it went: one form for every such resource."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.api.chat_files import body_within
from shared.api.entry import Enter, Entry
from shared.api.mistakes import mistake
from shared.api.problems import Refused, answering
from shared.domain.colleagues import Role
from shared.domain.errors import Contested, NotConnected, NotThere, Permanent
from shared.security.access import Denied

MOST = 64 * 1024
"""Bytes of a body."""

PAGE = 100
"""Items in one answer, at most."""

_BESIDE_FILTERS = {"tenant", "desk", "cursor", "limit"}
"""What an address may say beside its filters: the business, and the page."""

Asked = TypeVar("Asked", bound=msgspec.Struct)
Shape = TypeVar("Shape")


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """A command that needs no words."""


def command(
    path: str,
    shape: type[Asked],
    do: Callable[[Entry, Request, Asked], Awaitable[object]],
    enter: Enter,
    *,
    least: Role = "human_agent",
) -> Route:
    """POST `path`: the body as `shape` to `do`, and what it returns as JSON.

    404 where there is no such thing, 409 where somebody else was first or it cannot be done as it stands,
    422 for a body of another form; each says what to do.
    """

    async def read(entry: Entry, request: Request) -> object:
        return await do(entry, request, await body_of(request, shape))

    return Route(path, answered(read, enter, least=least), methods=["POST"])


def answered(
    do: Callable[[Entry, Request], Awaitable[object]], enter: Enter, *, least: Role = "human_agent"
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint that tells what `do` returns, as `command`'s, whatever the request's body is."""

    async def answer(request: Request) -> Response:
        entry = await enter(request, least)
        try:
            done = await do(entry, request)
        except (Refused, NotThere, NotConnected, Denied):
            raise
        except Contested as error:
            raise Refused(409, str(error), contested=True) from error
        except Permanent as error:
            raise Refused(409, str(error)) from error
        return told(done)

    return found(answer)


def found(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint, with 404 for what is not there and every error told as a problem."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except NotThere as error:
            raise Refused(404, str(error)) from error

    return answering(answer)


async def body_of(request: Request, shape: type[Asked], *, most: int = MOST) -> Asked:
    """The body as a shape, of `most` bytes. Raises Refused (413, 422) saying what is wrong with it."""
    return json_as(await body_within(request, most), shape)


def json_as(body: bytes, shape: type[Shape]) -> Shape:
    """JSON as a shape; nothing counts as an empty object. Raises Refused (422) with what is wrong."""
    try:
        return msgspec.json.decode(body or b"{}", type=shape)
    except msgspec.DecodeError as error:
        raise Refused(422, f"The body is not what this takes: {mistake(error, shape)}.") from error
    except RecursionError as error:
        raise Refused(422, "The body is not what this takes: it is nested too deeply.") from error


def query_of(request: Request, shape: type[Asked]) -> Asked:
    """The words behind `?` as a shape; empty ones count as absent. Raises Refused (422), for others too."""
    known = {field.name for field in msgspec.structs.fields(shape)}
    if other := sorted(request.query_params.keys() - known - _BESIDE_FILTERS):
        raise Refused(422, f"No such filter: {', '.join(other)}. There are {', '.join(sorted(known))}.")
    given = {name: value for name, value in request.query_params.items() if name in known and value}
    try:
        return msgspec.convert(given, shape, strict=False)
    except msgspec.ValidationError as error:
        raise Refused(422, f"No such filter: {error}.") from error


def limit_of(request: Request) -> int:
    """How many items are asked for. Raises Refused (422)."""
    limit = request.query_params.get("limit", "50")
    if not (limit.isascii() and limit.isdigit()) or not 1 <= int(limit) <= PAGE:
        raise Refused(422, f"limit is a number from 1 to {PAGE}.")
    return int(limit)


def told(data: object) -> Response:
    """A record, or lists and maps of records, as JSON that nobody keeps."""
    return JSONResponse(msgspec.to_builtins(data), headers={"Cache-Control": "no-store"})
