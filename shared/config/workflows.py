"""Workflows a desk writes itself: steps, what each does, and the edges between them."""

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.config.block import Block, Free, Id, Line, ToolName, Words
from shared.config.durations import Duration
from shared.config.workflow_names import check_expression, check_step, check_words
from shared.config.workflow_triggers import Triggers
from shared.domain.effects import Priority


def _as_text(written: object) -> object:
    """An expression, also where it is written as {type: jmespath, expression: …}."""
    if isinstance(written, dict) and set(written) <= {"type", "expression"}:
        if written.get("type", "jmespath") != "jmespath":
            raise ValueError(f"conditions of type {written['type']!r}; write type: jmespath")
        return written.get("expression")
    return written


NodeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$")]
"""A step's name, as expressions and templates write it."""
StepName = Annotated[NodeId, AfterValidator(check_step)]
Expression = Annotated[
    str,
    BeforeValidator(_as_text),
    StringConstraints(min_length=1, max_length=500),
    AfterValidator(check_expression),
]
"""JMESPath over `input`, `context`, `run` and each earlier step by its id."""
Wording = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(check_words)]
"""Sandboxed Jinja over the same names and the desk's."""


class Retry(Block):
    """How often a step is tried that fails for a passing reason, and how long between."""

    attempts: int = Field(3, ge=1, le=20, description="How often in all.")
    backoff_seconds: float = Field(
        2.0, gt=0, le=3600, description="The first pause; each one is twice as long."
    )


def _as_tuple(written: object) -> object:
    """A list as it reads after what was written short is spelt out, where lists are no tuples any more."""
    return tuple(written) if isinstance(written, list) else written


class Say(Block):
    """Words to the run's customer."""

    text: Wording | None = Field(None, description="What is said, within the channel's window.")
    template: Line | None = Field(None, description="The approved template that goes outside of it.")
    parameters: Annotated[tuple[Wording, ...], BeforeValidator(_as_tuple)] = Field(
        (), description="The template's placeholders in order."
    )
    choices: Annotated[tuple[Line, ...], BeforeValidator(_as_tuple)] = Field(
        (), description="What the customer may tap."
    )
    until: Expression | None = Field(
        None, description="An instant after which it is not worth saying, e.g. input.event.start."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.text or self.template):
            raise ValueError("a step that says nothing; write text: … or template: …")
        return self


class Wait(Block):
    """What a run sleeps for: a time, a word from somewhere, or the customer."""

    for_: Duration | None = Field(None, alias="for", description="That long, e.g. 24h.")
    until: Expression | None = Field(None, description="An instant, e.g. input.appointment.start.")
    before: Duration | None = Field(None, description="That much earlier than `until`.")
    signal: Id | None = Field(None, description="A signal of that name.")
    webhook: NodeId | None = Field(None, description="A call of the run's own address of that name.")
    reply: bool = Field(False, description="The customer's next message.")
    alone: bool = Field(False, description="Of a reply: the desk does not answer that message as well.")
    words: Annotated[tuple[Line, ...], BeforeValidator(_as_tuple)] = Field(
        (), description="Of a reply: only these end it, whatever their case; all else the desk answers."
    )
    anywhere: bool | None = Field(
        None,
        description="Of a reply: also what the customer writes in another conversation with the desk, where "
        "nothing was said since; by default where `words` are named.",
    )
    timeout: Duration | None = Field(None, description="After which it goes on with timed_out: true.")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        kinds = [self.for_, self.until, self.signal, self.webhook, self.reply or None]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError(
                "a wait for none or several things; write one of for, until, signal, webhook, reply"
            )
        return self


class Approval(Block):
    """A question that a person decides."""

    question: Wording = Field(description="What they are asked.")
    role: Literal["human_agent", "supervisor", "owner"] = Field(
        "human_agent", description="The least who may."
    )
    timeout: Duration = Field("24h", description="After which `on_timeout` decides.")
    on_timeout: Literal["approve", "reject", "fail"] = Field("reject", description="What silence means.")


class HandOverTo(Block):
    """A person takes the conversation; the run is over."""

    reason: Wording = Field("a workflow asked for a person", description="Why, for the person.")
    reply: Wording | None = Field(None, description="What the customer is told.")
    priority: Priority = Field("medium", description="urgent, high, medium or low.")
    type: Line = Field("human_agent", description="Which kind of handoff of behavior.escalation.")
    required_skills: Wording | None = Field(None, description="Skills, as a list or a template of one.")


def _say(written: object) -> object:
    return {"text": written} if isinstance(written, str) else written


Said = Annotated[Say, BeforeValidator(_say)]


class Step(Block):
    """Something done once: a tool called or words said."""

    tool: ToolName | None = Field(None, description="A tool of the desk.")
    arguments: Free = Field({}, description="Its arguments.")
    send: Said | None = Field(None, description="Words to the customer.")


KINDS = ("agent", "crew", "tool", "send", "call", "wait", "approval", "run", "set", "finish", "handover")
"""What a step may be; exactly one of these keys stands in it."""


class Node(Block):
    """One step: the key that says what it is, and when and how it is done."""

    id: StepName = Field(description="Its name in this workflow.")
    agent: Line | None = Field(None, description="An agent thinks.")
    crew: Line | None = Field(None, description="Several agents work together.")
    tool: Line | None = Field(None, description="A tool of the desk acts.")
    send: Said | None = Field(None, description="The customer is told something.")
    call: Wording | None = Field(
        None, description="The customer is called; why, for the desk and for people."
    )
    wait: Wait | None = Field(None, description="The run sleeps.")
    approval: Approval | None = Field(None, description="A person decides.")
    run: Id | None = Field(None, description="Another workflow of the desk, whose end is waited for.")
    set: dict[NodeId, Expression] | None = Field(None, description="Values worked out from what is known.")
    finish: Free | None = Field(None, description="The run is over.")
    handover: HandOverTo | None = Field(None, description="A person takes over.")
    arguments: Free = Field(
        {}, description="What it is given: templates in texts; {from: expression} for a value as it is."
    )
    config: Free = Field({}, description="Settings of an agent or crew, in its own form.")
    condition: Expression | None = Field(None, description="Only where this holds.")
    retry: Retry = Field(default_factory=Retry, description="How often it is tried.")
    timeout: Duration | None = Field(None, description="How long one try may take.")
    critical: bool = Field(True, description="Whether the run fails with it; else it goes on without.")
    compensate: Step | None = Field(None, description="What undoes it where the run fails later.")

    @model_validator(mode="before")
    @classmethod
    def _sink(cls, written: Any) -> Any:
        """A sink as {type: sink, action: …, config: …} becomes its key."""
        if not isinstance(written, dict) or written.get("type") != "sink":
            return written
        rest = {key: value for key, value in written.items() if key not in ("type", "action", "config")}
        config = written.get("config", {})
        match written.get("action"):
            case "finish_conversation":
                return {**rest, "finish": config}
            case "handover_to_human":
                return {**rest, "handover": config}
        raise ValueError(
            f"a sink of action {written.get('action')!r}; write finish_conversation or handover_to_human"
        )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            found = f"a step that is {' and '.join(kinds)}" if kinds else "a step that does nothing"
            raise ValueError(f"{found}; write exactly one of {', '.join(KINDS)}")
        return self

    @cached_property
    def kind(self) -> str:
        """Which of `KINDS` it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def is_sink(self) -> bool:
        """Whether the run ends here."""
        return self.finish is not None or self.handover is not None


class Edge(Block):
    """From one step to the next, perhaps only sometimes."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    source: NodeId = Field(alias="from", description="The step before.")
    target: NodeId = Field(alias="to", description="The step after.")
    condition: Expression | None = Field(None, description="Only where this holds; `output` is the source's.")


class Workflow(Block):
    """A graph the runner advances."""

    description: Words | None = Field(None, description="What it is for.")
    template: Id | None = Field(None, description="A workflow that comes with Frontdesk, used as it is.")
    on: Triggers = Field(default_factory=Triggers, description="What starts it by itself.")
    handover_when: tuple[Expression, ...] = Field(
        (), description="Where one of these holds at the end, it ends at its handover, else at its finish."
    )
    nodes: tuple[Node, ...] = Field(min_length=1, description="The steps.")
    edges: tuple[Edge, ...] = Field((), description="What follows what; none = in the list's order.")
