"""How a desk thinks: an agent node asks the model, a tool node acts, until there is an answer.

The state holds this turn alone, as plain data: history comes with the context, so that checkpoints
stay small. A node that runs again after a crash finds the tools' results in the effects ledger.
"""

import asyncio
import operator
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Annotated, Any, TypedDict

import msgspec
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from shared.agents.sentences import Sentences
from shared.domain.effects import Effect, HandOver
from shared.domain.receipts import Step
from shared.models.chat_model import Answer, Delta, Request, ToolCall, Turn
from shared.tools.call import OUT_OF_REACH
from shared.tools.shape import ToolResult

MOST_ALIKE = 3
"""The same call with the same arguments this often is a loop; the turn answers with what it knows."""


class TurnState(TypedDict):
    """What a turn has done so far."""

    covers: list[int]  # first and last customer message this turn answers
    version: int  # of the desk's configuration
    turns: Annotated[list[dict[str, Any]], operator.add]  # Turn records of this turn
    steps: Annotated[list[dict[str, Any]], operator.add]  # Step records
    effects: Annotated[list[dict[str, Any]], operator.add]  # Effect records
    choices: list[list[str]]  # offered to the customer, (id, title)
    confidence: float | None
    model: str
    by: str  # the member of the desk's team who answers


Act = Callable[[ToolCall, int], Awaitable[tuple[ToolResult, float]]]
"""Carries out the nth call of its kind, once; the result and its milliseconds."""


@dataclass(slots=True, kw_only=True)
class Thinking:
    """What the nodes of one turn work with; nothing of it is checkpointed."""

    request: Request  # the question without this turn's own entries
    stream: Callable[[Request], Any]  # asks the model; yields Delta, then one Answer
    cost: Callable[[], float]  # money of the answer that just came
    act: Act
    max_rounds: int
    cleared: asyncio.Event  # set when the customer's words call for no person: act and show from then on
    show: Callable[[str], Awaitable[None]] | None = None  # the answer so far, sentence by sentence
    rounds: int = field(default=0)  # of asking the model; what is shown begins anew with each
    acted: bool = field(default=False)
    shown: bool = field(default=False)


def _turns(state: TurnState) -> list[Turn]:
    return [msgspec.convert(turn, Turn) for turn in state["turns"]]


async def _agent(state: TurnState, runtime: Runtime[Thinking]) -> dict[str, Any]:
    thinking = runtime.context
    own = _turns(state)
    out_of_rounds = sum(turn.role == "desk" for turn in own) >= thinking.max_rounds or _loops(own)
    request = msgspec.structs.replace(
        thinking.request,
        turns=(*thinking.request.turns, *own),
        tools=() if out_of_rounds else thinking.request.tools,
    )
    began = perf_counter()
    answer: Answer | None = None
    sentences = Sentences()
    thinking.rounds += 1
    async for piece in thinking.stream(request):
        if isinstance(piece, Answer):
            answer = piece
        elif isinstance(piece, Delta) and piece.text and thinking.show is not None:
            whole = sentences.add(piece.text)
            if whole:
                await thinking.cleared.wait()
                thinking.shown = True
                await thinking.show(sentences.so_far)
    if answer is None:
        raise RuntimeError("a model's stream ended without its answer")
    step = Step(
        kind="model",
        name=answer.model or request.model,
        ms=(perf_counter() - began) * 1000,
        input=answer.usage.input,
        output=answer.usage.output,
        money=thinking.cost(),
        detail={"stop": answer.stop, "cached": answer.usage.cached} if answer.usage.input else {},
    )
    turn = Turn(role="desk", text=answer.text, calls=answer.calls)
    update: dict[str, Any] = {
        "turns": [msgspec.to_builtins(turn)],
        "steps": [msgspec.to_builtins(step)],
        "model": answer.model or request.model,
    }
    if answer.confidence is not None:
        update["confidence"] = answer.confidence
    if answer.choices:
        update["choices"] = [list(choice) for choice in answer.choices]
    return update


async def _tools(state: TurnState, runtime: Runtime[Thinking]) -> dict[str, Any]:
    thinking = runtime.context
    await thinking.cleared.wait()
    before = _turns(state)
    # A call that nobody answered may have acted: made again, it is the same call.
    made = [turn.call for turn in before if turn.call and not (turn.result or {}).get(OUT_OF_REACH)]
    update: dict[str, Any] = {"turns": [], "steps": [], "effects": []}
    for call in before[-1].calls:
        thinking.acted = True
        result, ms = await thinking.act(call, sum(_alike(call, other) for other in made))
        made.append(call)
        told = dict(result.data) | ({"error": result.error} if result.error else {})
        turn = Turn(role="tool", call=call, result=told, choices=result.choices)
        step = Step(
            kind="tool",
            name=call.name,
            ms=ms,
            detail={"arguments": call.arguments, "result": told},
            sources=result.sources,
            error=result.error,
        )
        update["turns"].append(msgspec.to_builtins(turn))
        update["steps"].append(msgspec.to_builtins(step))
        update["effects"] += [msgspec.to_builtins(effect) for effect in result.effects]
        update["choices"] = [list(choice) for choice in result.choices]
        if result.confidence is not None:
            update["confidence"] = result.confidence
    return update


def _alike(one: ToolCall, other: ToolCall) -> bool:
    return one.name == other.name and one.arguments == other.arguments


def _loops(own: list[Turn]) -> bool:
    calls = [call for turn in own for call in turn.calls]
    return any(sum(_alike(call, other) for other in calls) >= MOST_ALIKE for call in calls)


def _after_agent(state: TurnState) -> str:
    return "tools" if state["turns"][-1].get("calls") else END


def _after_tools(state: TurnState) -> str:
    handed_over = any(isinstance(effect, HandOver) for effect in effects_of(state["effects"]))
    return END if handed_over else "agent"


def effects_of(kept: list[dict[str, Any]]) -> list[Effect]:
    """The effects a turn's tools returned, in order, from a state's `effects`."""
    return msgspec.convert(kept, list[Effect])


def build(checkpointer: BaseCheckpointSaver[Any] | None) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The graph, compiled for one checkpointer; it can run many turns at once."""
    builder = StateGraph(TurnState, context_schema=Thinking)
    builder.add_node("agent", _agent)
    builder.add_node("tools", _tools)
    builder.add_edge(START, "agent")
    builder.add_conditional_edges("agent", _after_agent, ["tools", END])
    builder.add_conditional_edges("tools", _after_tools, ["agent", END])
    return builder.compile(checkpointer=checkpointer)


def begin(covers: tuple[int, int], version: int, by: str = "") -> TurnState:
    """The state a turn begins with."""
    return TurnState(
        covers=list(covers),
        version=version,
        turns=[],
        steps=[],
        effects=[],
        choices=[],
        confidence=None,
        model="",
        by=by,
    )
