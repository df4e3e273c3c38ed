"""What thinks inside a run: agents and crews, as a desk's file and the shipped ones describe them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from shared.config.agent import ModelChoice, Profile
from shared.config.block import Block, Free, Id, Line, Words
from shared.config.templates import check_agent_template

AgentType = Literal["simple", "reasoning", "code"]
CostTier = Literal["low", "medium", "high"]
Pattern = Literal["sequential", "parallel", "hierarchical", "consensus"]

AgentTemplate = Annotated[
    str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(check_agent_template)
]
"""Sandboxed Jinja; beside the desk's names it may use `task` and `input`."""
AllowedTool = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*(\.\*)?$", max_length=120)]
"""A tool by its name, or all whose names begin alike: `shopify.*`."""

_PROFILE: dict[AgentType, Profile] = {"simple": "fast", "reasoning": "balanced", "code": "powerful"}
_SECONDS: dict[AgentType, float] = {"simple": 20.0, "reasoning": 60.0, "code": 180.0}
_MONEY: dict[AgentType, float] = {"simple": 0.01, "reasoning": 0.05, "code": 0.20}
_TIER: dict[AgentType, CostTier] = {"simple": "low", "reasoning": "medium", "code": "high"}


class AgentSpec(Block):
    """One agent: what it is for, what it thinks with, and how far it may go."""

    type: AgentType = Field(
        "simple",
        description="simple answers at once, reasoning uses tools step by step, code plans and acts.",
    )
    description: Words = Field(description="What it is for, in a sentence.")
    capabilities: tuple[Id, ...] = Field((), description="What it is found by, e.g. structured_output.")
    model: ModelChoice | None = Field(
        None, description="What it thinks with; left out = fast, balanced or powerful, by its type."
    )
    prompt: AgentTemplate | None = Field(
        None,
        description="A Jinja template of what it is told; {{ task }} and {{ input }} are what it is given.",
    )
    output_schema: Free | None = Field(
        None, description="JSON Schema of its answer, an object; left out = it answers in words."
    )
    tools: tuple[AllowedTool, ...] = Field(
        (), description="Tools it may use, by name or as prefix.*; a simple agent has only tools that look."
    )
    max_iterations: int = Field(10, ge=1, le=30, description="Rounds of thinking and acting, of one attempt.")
    retries: int = Field(3, ge=0, le=5, description="How often a code agent plans anew after it failed.")
    timeout: float | None = Field(
        None, gt=0, le=900, description="Seconds for all of it; left out = 20, 60 or 180, by its type."
    )
    budget: float | None = Field(
        None, ge=0, le=100, description="USD of one execution; left out = 0.01, 0.05 or 0.20, by its type."
    )
    fallback: Id | None = Field(
        None, description="The agent that takes its place when it fails or is unwell."
    )
    cost_tier: CostTier | None = Field(None, description="low, medium or high; left out = by its type.")

    @property
    def choice(self) -> ModelChoice:
        """The models it thinks with."""
        return self.model or ModelChoice(profile=_PROFILE[self.type], temperature=0.0)

    @property
    def seconds(self) -> float:
        """The longest one execution may take."""
        return self.timeout or _SECONDS[self.type]

    @property
    def allowance(self) -> float:
        """The USD one execution may cost."""
        return _MONEY[self.type] if self.budget is None else self.budget

    @property
    def tier(self) -> CostTier:
        """How dear it is."""
        return self.cost_tier or _TIER[self.type]


class CrewSpec(Block):
    """Agents that work on one task together."""

    pattern: Pattern = Field(
        "sequential",
        description="One after the other, all at once, a lead over specialists, or until they agree.",
    )
    description: Words = Field(description="What it is for, in a sentence.")
    members: tuple[Id, ...] = Field(min_length=1, max_length=12, description="Its agents, in order.")
    lead: Id | None = Field(
        None,
        description="Merges what members found, assigns to specialists, or judges; needed where it leads.",
    )
    agree_by: Literal["vote", "judge", "debate"] = Field(
        "vote", description="Of consensus: the most votes, the lead's judgement, or talking until they agree."
    )
    key: Line | None = Field(
        None, description="Of a vote or debate: the field of the answers that has to agree; left out = all."
    )
    max_rounds: int = Field(3, ge=1, le=10, description="Rounds of a debate at most.")
    budget: float | None = Field(
        None, ge=0, le=100, description="USD of one execution of all; each agent keeps its own as well."
    )
