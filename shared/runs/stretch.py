"""One stretch of a run's graph: from where it stands until nothing is left to do, or its time is up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl

from shared.runs.checkpoints import JUST_READ, NEW_THREAD
from shared.runs.compile import Graph, Put
from shared.runs.state import RunState
from shared.runs.steps import Carrying, Steps

MOST_STEPS = 10_000
"""Supersteps of one stretch; a workflow has no circles, so this is never reached."""


async def stretch(
    graph: Graph,
    thread: str,
    steps: Steps,
    put: Put,
    *,
    new: bool = False,
    seconds: float,
) -> tuple[RunState, bool]:
    """The state it came to, and whether there is more to do at once.

    `put` is what it begins with, what wakes it, or None to go on. No step is begun after `seconds`. `new`
    says that the thread has no checkpoint yet. What a step raises that is no failure of it comes through.
    """
    configurable: dict[str, Any] = {"thread_id": thread}
    config: RunnableConfig = {
        "configurable": configurable | ({NEW_THREAD: True} if new else {}),
        "recursion_limit": MOST_STEPS,
    }
    control, reached = RunControl(), None
    time_up = asyncio.get_running_loop().call_later(seconds, control.request_drain, "its time is up")
    try:
        async for values in graph.astream(  # ainvoke works out each step's updates as well, for nobody
            put, config, context=Carrying(steps), stream_mode="values", durability="sync", control=control
        ):
            reached = values
    except GraphDrained:
        standing = await stands(graph, thread)
        assert standing is not None  # noqa: S101  it has just been advanced
        return standing[0], True
    finally:
        time_up.cancel()
    return cast("RunState", reached), False


async def stands(graph: Graph, thread: str) -> tuple[RunState, bool] | None:
    """The state of a thread, and whether it stopped within a step; None where nothing of it was ever kept.

    A step that was done and whose checkpoint was not written is no longer among LangGraph's `next`, and what
    woke the run and was not taken yet never is; both are what the thread stopped within.
    """
    saver = cast("BaseCheckpointSaver[Any]", graph.checkpointer)
    newest = await saver.aget_tuple({"configurable": {"thread_id": thread}})
    if newest is None:
        return None
    snapshot = await graph.aget_state({"configurable": {"thread_id": thread, JUST_READ: newest}})
    if not snapshot.values:
        return None
    within = bool(snapshot.tasks) or bool(newest.pending_writes)
    return cast("RunState", snapshot.values), within


async def history(graph: Graph, thread: str) -> AsyncIterator[tuple[RunState, tuple[str, ...]]]:
    """The states a thread came through, the newest first, each with the steps that were due."""
    async for snapshot in graph.aget_state_history({"configurable": {"thread_id": thread}}):
        if snapshot.values.get("run"):
            yield cast("RunState", snapshot.values), snapshot.next
