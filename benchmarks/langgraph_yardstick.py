"""The yardstick of a turn: the same agent and tools nodes in LangGraph with its own SQLite checkpointer.

One step is as durable as one of ours: the write-ahead log synced at every commit, `durability="sync"`.
It keeps a conversation as its thread's state, as LangGraph's own agents do, and does nothing else.
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from benchmarks.bench_house import words
from benchmarks.instant_model import ARGUMENTS, REPLY, RESULT, TOOL


@tool(TOOL)
async def look_up(order: str) -> dict[str, str]:
    """Look up an order."""
    return {**RESULT, "order": order}


async def _with_tool(state: MessagesState) -> dict[str, Any]:
    if state["messages"][-1].type == "human":
        call = {"name": TOOL, "args": dict(ARGUMENTS), "id": "call-1"}
        return {"messages": [AIMessage("", tool_calls=[call])]}
    return {"messages": [AIMessage(REPLY)]}


async def _without_tool(state: MessagesState) -> dict[str, Any]:  # noqa: ARG001
    return {"messages": [AIMessage(REPLY)]}


class Yardstick:
    """A compiled agent with its checkpointer."""

    def __init__(self, saver: AsyncSqliteSaver, *, tools: bool) -> None:
        builder = StateGraph(MessagesState)
        builder.add_node("agent", _with_tool if tools else _without_tool)
        builder.add_node("tools", ToolNode([look_up]))
        builder.add_edge(START, "agent")
        builder.add_conditional_edges("agent", tools_condition)
        builder.add_edge("tools", "agent")
        self._graph = builder.compile(checkpointer=saver)

    async def preload(self, thread: str, messages: int) -> None:
        """Give a thread a history."""
        talk = [
            HumanMessage(words(seq)) if seq % 2 else AIMessage(words(seq)) for seq in range(1, messages + 1)
        ]
        await self._graph.aupdate_state(_config(thread), {"messages": talk}, as_node="agent")

    async def turn(self, thread: str) -> str:
        """A message in, the reply handed over."""
        said = {"messages": [HumanMessage("Where is my order 42?")]}
        state = await self._graph.ainvoke(said, _config(thread), durability="sync")
        return str(state["messages"][-1].content)


def _config(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


@contextlib.asynccontextmanager
async def opened(folder: Path, *, tools: bool) -> AsyncIterator[Yardstick]:
    """The yardstick on a file of its own."""
    async with aiosqlite.connect(folder / "langgraph.sqlite") as connection:
        saver = AsyncSqliteSaver(connection)
        await saver.setup()
        await connection.execute("PRAGMA synchronous = FULL")
        for pragma, wanted in (("journal_mode", "wal"), ("synchronous", 2)):
            async with connection.execute(f"PRAGMA {pragma}") as cursor:
                assert await cursor.fetchone() == (wanted,), pragma
        yield Yardstick(saver, tools=tools)
