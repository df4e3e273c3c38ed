"""Agents of runs as JSON: found by what they can, each with its health and what it did last."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import found, limit_of, query_of, told
from shared.api.entry import Enter
from shared.api.problems import Refused
from shared.config.agents import AgentType, CostTier
from shared.config.versions import Published
from shared.desk.agent_list import agent, agents, members
from shared.desk.services import Services

PATH = "/api/v1/agents"


class Wanted(msgspec.Struct, kw_only=True):
    """The filters of an address; `of_desk` may be left out where the business has one desk."""

    of_desk: str | None = None  # `desk` names the business where nobody signs in
    capability: str | None = None
    type: AgentType | None = None
    cost_tier: CostTier | None = None


def routes(services: Services, enter: Enter) -> list[Route]:
    """GET /api/v1/agents?of_desk=&capability=&type=&cost_tier=, with the desk's team beside them, and GET
    /api/v1/agents/{name}?of_desk=&limit= with its keys, health and history. What agents were told and said
    is customers' own, so it is for people who answer them alone.
    """

    async def listed(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        wanted = query_of(request, Wanted)
        running = await _desk(entry.tenant, wanted.of_desk)
        items = await agents(
            services,
            running,
            capability=wanted.capability,
            type=wanted.type,
            cost_tier=wanted.cost_tier,
        )
        team = await members(services, running)
        return told({"desk": running.desk, "agents": items, "team": team})

    async def one(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        running = await _desk(entry.tenant, query_of(request, Wanted).of_desk)
        return told(await agent(services, running, request.path_params["agent"], limit=limit_of(request)))

    async def _desk(tenant: str, desk: str | None) -> Published:
        running = await services.versions.running(tenant)
        if desk is None and len(running) == 1:
            return running[0]
        names = ", ".join(one.desk for one in running) or "none"
        for one in running:
            if one.desk == desk:
                return one
        why = f"There is no desk {desk!r}" if desk else "Name a desk"
        raise Refused(404 if desk else 422, f"{why}; name one in ?of_desk=: {names}.")

    return [
        Route(PATH, found(listed), methods=["GET"]),
        Route(PATH + "/{agent}", found(one), methods=["GET"]),
    ]
