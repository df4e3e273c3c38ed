"""What the agency promises and limits: privacy, watching, money, times."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.config.block import Block, Currency, Id, Line, Score, Secret, Url, Words
from shared.config.durations import Duration


class Privacy(Block):
    """How long things are kept, and what customers are told."""

    retention_days: int = Field(90, ge=1, le=3650, description="Messages and what is derived from them.")
    receipts_retention_days: int = Field(365, ge=1, le=3650, description="What turns cost.")
    audit_retention_days: int = Field(730, ge=365, le=3650, description="Who did what; no customer's words.")
    disclose_ai: bool = Field(True, description="Say in the first answer that it is an AI.")
    notice: Words | None = Field(None, description="A privacy line shown once per conversation.")
    redact_logs: bool = Field(True, description="Keep personal details out of logs.")


class Alert(Block):
    """When somebody is told that something is wrong."""

    metric: Id = Field(description="e.g. error_rate, average_response_time.")
    threshold: float = Field(description="The value from which on it is wrong; times in ms.")
    window: Duration = Field("5m", description="Over how long: 30s, 5m, 1h, 7d.")
    severity: Literal["critical", "warning", "info"] = Field("warning", description="How loudly.")


EventName = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z_]+\.(\*|[a-z_]+))$")]
"""A fact by its dotted name, `ticket.late`; `ticket.*` for all that begin so, `*` for all."""


class Notification(Block):
    """An address of the business's own that is told what happens, signed as Standard Webhooks are."""

    url: Url = Field(description="Where facts are posted to; https.")
    secret: Secret = Field(description="Reference to the key that signs them, e.g. ${HOOK_SECRET}.")
    events: tuple[EventName, ...] = Field(
        ("handover.*", "ticket.*", "callback.*", "conversation.handed_over"),
        description="Which facts, e.g. ticket.late, handover.*, or * for all.",
    )


class Monitoring(Block):
    """What is watched."""

    log_events: tuple[Id, ...] = Field(
        ("conversation_start", "tool_invocation", "human_handoff", "error_occurred", "conversation_end"),
        description="Events written to the log.",
    )
    alerts: tuple[Alert, ...] = Field(
        (Alert(metric="error_rate", threshold=0.05, window="5m", severity="critical"),),
        description="Conditions people are told of.",
    )
    notifications: tuple[Notification, ...] = Field((), description="Addresses that are told what happens.")


class Budgets(Block):
    """Money the desk may spend on models, and requests it takes."""

    currency: Currency = Field("USD", description="Currency of these figures.")
    conversation: float = Field(0.50, ge=0, description="One conversation.")
    hour: float = Field(10, ge=0, description="One hour, for the tenant.")
    day: float = Field(100, ge=0, description="One day, for the tenant.")
    month: float = Field(2000, ge=0, description="One month, for the tenant.")
    degrade_at: Score = Field(0.8, description="Share of a budget from which on cheaper models answer.")
    requests_per_minute: int = Field(1000, ge=1, description="Requests the tenant may make in a minute.")
    requests_per_hour: int = Field(10_000, ge=1, description="And in an hour.")


class Minutes(Block):
    """Minutes by priority."""

    urgent: int = Field(5, ge=1, description="For urgent ones.")
    high: int = Field(15, ge=1, description="For high ones.")
    medium: int = Field(30, ge=1, description="For medium ones.")
    low: int = Field(240, ge=1, description="For low ones.")


class Sla(Block):
    """What the desk may promise; the clock runs in opening hours."""

    first_reply_seconds: float = Field(6, gt=0, description="Until the desk's first words, 95 of 100 times.")
    human_answer_minutes: Minutes = Field(default_factory=Minutes, description="Until a person answers.")
    ticket_minutes: Minutes = Field(
        default_factory=lambda: Minutes(urgent=60, high=240, medium=1440, low=4320),
        description="Until a ticket is solved.",
    )
    within_hours: bool = Field(True, description="Count only opening hours.")


class Variant(Block):
    """One side of an experiment."""

    id: Id = Field(description="Its name.")
    share: Score = Field(description="Share of conversations; shares add up to 1.")
    changes: dict[str, str | int | float | bool] = Field(
        {}, description="What differs, by dotted path, e.g. agent.greeting."
    )


class Experiment(Block):
    """Two or more ways tried on different conversations."""

    id: Id = Field(description="Its name.")
    enabled: bool = Field(True, description="Whether it runs.")
    hypothesis: Words | None = Field(None, description="What is expected.")
    metric: Line = Field(description="What decides, e.g. bookings, resolution_rate.")
    variants: tuple[Variant, ...] = Field(min_length=2, description="The ways; the first is today's.")
