"""Begins one of the desk's workflows for the customer, of those its file lets an agent begin."""

from collections.abc import Sequence
from typing import Any

import msgspec
from pydantic import BaseModel, Field

from shared.config.block import Block
from shared.domain.effects import Publish
from shared.domain.events import RunWanted
from shared.domain.identity import digest
from shared.tools.shape import ToolContext, ToolResult

NAME = "start_workflow"
DESCRIPTION = (
    "Begins one of the business's own procedures for this customer, which then goes on by itself. Call it "
    "only with the name of a procedure you were told of, when the customer asks for what it does."
)
EXAMPLES: Sequence[str] = (
    "Please start the onboarding",
    "Begin my application",
    "Start the return process for my order",
    "I want to send this back, begin the return",
    "onboarding shuru karo",
    "return ki process shuru kar dijiye",
    "ऑनबोर्डिंग शुरू कीजिए",
    "मेरे ऑर्डर की वापसी शुरू कीजिए",
)
TIMEOUT = 5.0


class Settings(Block):
    """It has none: which workflows may be begun, their own `on: {agent: true}` says."""


class Arguments(BaseModel):
    """Which procedure, and what it should know."""

    workflow: str = Field(max_length=63, description="The name of the procedure.")
    details: dict[str, Any] = Field(default_factory=dict, description="What it needs to know, by name.")


async def run(arguments: BaseModel, context: ToolContext) -> ToolResult:
    """The wish, committed with the turn's answer; one run, however often the call runs."""
    assert isinstance(arguments, Arguments)  # noqa: S101  the shape of a tool
    may = [name for name, workflow in context.config.workflows.items() if workflow.on.agent]
    if arguments.workflow not in may:
        listed = ", ".join(may) or "none"
        return ToolResult(data={}, error=f"there is no such procedure; there are: {listed}")
    event = RunWanted(
        event_id=digest("run by agent", context.call_id),
        tenant=context.store.tenant,
        desk=context.config.desk.id,
        workflow=arguments.workflow,
        input=dict(arguments.details),
        conversation=context.conversation,
        customer=context.customer,
        by="the desk's agent",
    )
    wish = Publish(topic=RunWanted.topic(), event=msgspec.to_builtins(event))
    return ToolResult(data={"started": arguments.workflow}, effects=(wish,))
