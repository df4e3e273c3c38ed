"""Writes down what a person has to look after, and sees to it that it does not lie there forgotten."""

from collections.abc import Sequence
from typing import cast

import msgspec
from pydantic import BaseModel, Field

from shared.config.block import Block
from shared.config.people_clock import solution_due
from shared.domain.effects import Priority
from shared.domain.errors import Malformed
from shared.domain.identity import digest
from shared.domain.tickets import Ticket, escalation_timer, open_ticket, solution_timer
from shared.tools.happened import happened
from shared.tools.shape import ToolContext, ToolResult

NAME = "create_ticket"
DESCRIPTION = (
    "Creates a ticket for the business's people: a complaint, a fault, a request nobody can settle in this "
    "conversation. Returns the ticket's number to tell the customer. Not for appointments."
)
EXAMPLES: Sequence[str] = (
    "I want to make a complaint",
    "My order arrived damaged",
    "The report you sent me is wrong",
    "It still does not work, please have someone look into it",
    "I was charged twice",
    "mujhe complaint karni hai",
    "mera order kharab aaya hai",
    "do baar paise kat gaye",
    "मुझे शिकायत करनी है",
    "मेरा ऑर्डर खराब आया है",
)
TIMEOUT = 5.0


class Settings(Block):
    """How long a ticket may lie there."""

    auto_escalate_minutes: int = Field(
        120, ge=0, le=43_200, description="Minutes until an untaken ticket grows more urgent; 0 = never."
    )
    default_priority: Priority = Field("medium", description="Priority where the agent names none.")


class Arguments(BaseModel):
    """What it is about."""

    subject: str = Field(min_length=1, max_length=200, description="The matter in a few words.")
    description: str = Field(
        min_length=1,
        max_length=4000,
        description="What happened, and what the customer wants.",
    )
    priority: Priority | None = Field(
        None, description="urgent = harm or danger now, high = today, medium, low = whenever."
    )


async def run(arguments: Arguments, context: ToolContext) -> ToolResult:
    """The ticket, created once however often the call runs, and the timer that escalates it."""
    settings = cast("Settings", context.settings)
    priority = arguments.priority or settings.default_priority
    ticket = open_ticket(
        Ticket(
            id=digest("ticket", context.call_id)[:12],
            desk=context.config.desk.id,
            conversation=context.conversation,
            customer=context.customer,
            subject=arguments.subject,
            description=arguments.description,
            priority=priority,
            due=solution_due(context.config, priority, context.clock.now()),
            escalate_after=settings.auto_escalate_minutes,
            created_at="",
            updated_at="",
        ),
        context.clock.now(),
    )
    path = f"tickets/{ticket.id}"
    if not await context.store.create(path, msgspec.to_builtins(ticket)):
        standing = await context.store.get(path)
        if standing is None:
            raise Malformed(f"ticket {ticket.id} was withdrawn while it was being created; create it anew")
        ticket = msgspec.convert(standing.data, Ticket)
    tenant = context.store.tenant
    timers = [escalation_timer(ticket, tenant), solution_timer(ticket, tenant)]
    event: dict[str, object] = {"ticket": ticket.id, "priority": ticket.priority}
    return ToolResult(
        data={"ticket": ticket.id, "priority": ticket.priority, "subject": ticket.subject},
        effects=(
            *(timer for timer in timers if timer),
            happened("ticket.created", ticket.id, event, context),
        ),
        confidence=1.0,
    )
