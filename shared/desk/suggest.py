"""Suggests to a person what they may answer, by the desk's own model and knowledge; nothing is sent."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from time import perf_counter
from typing import Any

import msgspec

from shared.agents import desk_turn
from shared.agents.desk_turn import Thinking
from shared.desk.commit import head_path, read_head
from shared.desk.question import Question, ask
from shared.desk.services import Services
from shared.desk.showing import hosts_of
from shared.desk.spending import within_budget
from shared.desk.tool_context import tool_context
from shared.domain.errors import NotThere, Permanent, Transient
from shared.models.chat_model import Request, ToolCall, Turn
from shared.models.guard import check
from shared.security.tenancy import TenantStore
from shared.tools.call import run_tool
from shared.tools.reach import looks
from shared.tools.shape import Tool, ToolContext, ToolResult

_ASKED = (
    "A colleague of yours answers this customer now. Write what they could send next, in their voice, as the"
    " message alone; they read it first and may change it."
)


async def suggest(services: Services, tenant: str, conversation: str) -> str:
    """The words a person may send next. Raises Permanent where the customer wrote nothing, or the budget
    ended; Transient where no model answers in time.
    """
    store = services.tenant(tenant)
    head = read_head(await store.get(head_path(conversation)))
    published = await services.versions.published(head.desk) if head else None
    if head is None or published is None:
        raise NotThere(f"conversation {conversation} is unknown, or its desk is published no more")
    if not head.pending:
        raise Permanent("the customer has written nothing yet; there is nothing to answer")
    question = await ask(services, store, conversation, head=head, published=published, upto=head.pending)
    try:
        async with asyncio.timeout(services.turn_seconds):
            said = await _think(services, store, question)
    except TimeoutError:
        raise Transient("no model answered in time; try again") from None
    return check(said, direction="out", hosts=hosts_of(services, question.config)).text


async def _think(services: Services, store: TenantStore, question: Question) -> str:
    route, request = services.models.route(*question.config.agent.model.wanted), _request(services, question)
    thinking = Thinking(
        request=request,
        stream=route.stream,
        cost=lambda: route.tried[-1].money,
        act=_looking(services, store, question),
        max_rounds=question.config.behavior.max_rounds,
        cleared=asyncio.Event(),
    )
    thinking.cleared.set()
    state = desk_turn.begin(question.covers, question.published.version)
    async with within_budget(
        services,
        store,
        config=question.config,
        conversation=question.conversation,
        request=request,
        routes=(route,),
    ) as allowed:
        await allowed
        values = await _graph().ainvoke(state, {"recursion_limit": 100}, context=thinking)
    turns = [msgspec.convert(turn, Turn) for turn in values["turns"]]
    return next((turn.text for turn in reversed(turns) if turn.role == "desk"), "")


@cache
def _graph() -> Any:
    """The graph of a turn without checkpoints: a suggestion that dies is asked for again."""
    return desk_turn.build(None)


def _request(services: Services, question: Question) -> Request:
    """The turn's own question, with the tools that only look."""
    known = services.tools.tools
    tools = tuple(one for one in question.request.tools if looks(known.get(one.name)))
    system = f"{question.request.system}\n\n{_ASKED}"
    return msgspec.structs.replace(question.request, system=system, tools=tools)


def _looking(
    services: Services, store: TenantStore, question: Question
) -> Callable[[ToolCall, int], Awaitable[tuple[ToolResult, float]]]:
    async def act(call: ToolCall, nth: int) -> tuple[ToolResult, float]:
        began = perf_counter()
        if not looks(services.tools.tools.get(call.name)):
            return ToolResult(data={}, error="a suggestion only looks; say what could be done"), 0.0
        knowledge = await services.knowledge(question.published)

        def context_of(tool: Tool) -> ToolContext:
            return tool_context(
                services, store, question, tool, knowledge=knowledge, call_id=f"suggestion-{nth}"
            )

        result = await run_tool(services.tools, call, context_of)
        return result, (perf_counter() - began) * 1000

    return act
