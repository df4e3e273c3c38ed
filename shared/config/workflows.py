"""Workflows a desk writes itself: nodes, and the edges between them."""

from typing import Literal

from pydantic import ConfigDict, Field

from shared.config.block import Block, Condition, Free, Id, Line, Words


class Node(Block):
    """One step: an agent, a tool or an action."""

    id: Id = Field(description="Its name in this workflow.")
    kind: Literal["agent", "tool", "action", "approval", "wait"] = Field("agent", description="What it is.")
    uses: Line | None = Field(None, description="Name of the agent, tool or action.")
    settings: Free = Field({}, description="Settings of what it uses.")
    condition: Condition | None = Field(None, description="Only where this holds.")


class Edge(Block):
    """From one step to the next, perhaps only sometimes."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    source: Id = Field(alias="from", description="The step before.")
    target: Id = Field(alias="to", description="The step after; `end` ends it.")
    condition: Condition | None = Field(None, description="Only where this holds.")


class Workflow(Block):
    """A graph the runner advances."""

    description: Words | None = Field(None, description="What it is for.")
    start: Id | None = Field(None, description="The first node; the first of the list if left out.")
    trigger: Condition | None = Field(None, description="When it starts by itself.")
    nodes: tuple[Node, ...] = Field(min_length=1, description="The steps.")
    edges: tuple[Edge, ...] = Field((), description="What follows what; none = in the list's order.")
