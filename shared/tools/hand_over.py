"""Gives the conversation to a person, with a word to the customer about what happens next."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from shared.config.handover_words import handover_words
from shared.domain.effects import HandOver, Priority
from shared.tools.claims import remembered
from shared.tools.shape import ToolContext, ToolResult

NAME = "hand_over"
DESCRIPTION = (
    "Hands the conversation to a person and ends your turn. Call it when the customer asks for a person, is "
    "upset, is in danger, or needs what you may not or cannot do. The customer is told automatically."
)
EXAMPLES: Sequence[str] = (
    "I want to talk to a human",
    "Connect me to a real person",
    "Let me speak to the manager",
    "This is useless, get me someone",
    "Are you a bot? I need an agent",
    "kisi insaan se baat karni hai",
    "mujhe manager se baat karao",
    "agent se connect karo",
    "मुझे किसी इंसान से बात करनी है",
    "मैनेजर से बात कराइए",
)
TIMEOUT = 3.0


class Settings(BaseModel, extra="forbid"):
    """Nothing to set; handing over is described in `behavior.escalation`."""


class Arguments(BaseModel):
    """Why a person is needed."""

    reason: str = Field(min_length=1, max_length=500, description="Why, in one sentence for the person.")
    type: str | None = Field(None, max_length=100, description="Which kind of person, if there are several.")
    priority: Priority | None = Field(None, description="urgent = harm or danger now, high, medium or low.")
    summary: str | None = Field(None, max_length=2000, description="What was said and done so far.")


async def run(arguments: Arguments, context: ToolContext) -> ToolResult:
    """The handover; an unknown kind of person is an error that names the kinds there are."""
    escalation = context.config.behavior.escalation
    if not escalation.enabled:
        return ToolResult(data={}, error="this desk does not hand over; offer a ticket or a callback")
    kinds = [kind.type for kind in escalation.handoff] or ["human_agent"]
    if arguments.type and arguments.type not in kinds:
        return ToolResult(data={}, error=f"type: {arguments.type!r} is not one of {', '.join(kinds)}")
    reply = handover_words(
        context.config,
        context.clock.now(),
        language=context.language,
        channel=context.channel,
        customer=await remembered(context),
    )
    effect = HandOver(
        reason=arguments.reason,
        type=arguments.type or kinds[0],
        priority=arguments.priority or "medium",
        summary=arguments.summary or "",
        reply=reply,
    )
    return ToolResult(data={"handed_over": True, "customer_is_told": reply}, effects=(effect,))
