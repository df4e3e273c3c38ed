"""Who asks, and for which business: one question that every resource about conversations puts first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from shared.api.problems import Refused
from shared.config.versions import Versions
from shared.domain.colleagues import Actor, Role
from shared.security import local_only

HERE = Actor(name="this machine", role="owner")
"""Who acts from a page of this machine, where nobody has to sign in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who was let in to a business."""

    tenant: str
    by: Actor


Enter = Callable[[Request, Role], Awaitable[Entry]]
"""Lets a request in that is at least of that role there. Raises SignInNeeded or Refused."""


def from_here(desks: Versions, *, local_only_open: bool) -> Enter:
    """The entry for pages of this machine, which name a business by `?tenant=` or by one of its `?desk=`s."""

    async def enter(request: Request, _: Role) -> Entry:
        local_only.demand(request, local_only_open=local_only_open)
        origin = request.headers.get("origin")
        if request.method != "GET" and origin is not None and urlsplit(origin).netloc != request.url.netloc:
            raise Refused(403, "Conversations are changed from Frontdesk's own pages alone.")
        tenant = request.query_params.get("tenant", "")
        if not tenant:
            tenant = await tenant_named(desks, request)
        return Entry(tenant, HERE)

    return enter


async def tenant_named(desks: Versions, request: Request) -> str:
    """The business of the desk that `?desk=` names. Raises Refused: 422 without it, 404 for no such desk."""
    desk = request.query_params.get("desk", "")
    if not desk:
        raise Refused(422, "desk is missing; name a desk in ?desk=, or a business in ?tenant=.", field="desk")
    running = await desks.published(desk)
    if running is None:
        raise Refused(404, f"There is no desk {desk!r}; name one in ?desk=, or a business in ?tenant=")
    return running.tenant
