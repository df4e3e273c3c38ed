"""The one shape of an agent: what it is given, what it works with, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from shared.config.agents import AgentSpec
from shared.domain.content import ChannelName
from shared.domain.effects import Effect
from shared.domain.receipts import Step
from shared.models.budget import Meter
from shared.models.chat_model import Briefing

if TYPE_CHECKING:
    from shared.config.schema import DeskConfig
    from shared.knowledge.index import KnowledgeIndex
    from shared.models.budget import Budget
    from shared.models.router import Router
    from shared.ports import Clock
    from shared.security.tenancy import TenantStore
    from shared.tools.shape import Catalogue

Trouble = Literal["", "unknown", "model", "form", "budget", "time", "tools", "plan", "leave"]
"""Why an execution failed: nobody of that name, no model answered, its answer never had the form asked for,
its money or time was used up, its tools or prompt are broken, its plan could not be carried out, or a person
has to allow a call first."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent by its name. `shipped` are those a desk's file need not describe."""

    name: str
    spec: AgentSpec
    shipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What an agent works with: one tenant, one desk's version, one node of one run."""

    store: "TenantStore"
    clock: "Clock"
    models: "Router"
    tools: "Catalogue"
    config: "DeskConfig"
    knowledge: "KnowledgeIndex"
    run: str  # the run's or turn's id, the same however often it is resumed
    node: str  # where in it
    now: datetime  # what its words mean by now, local at the desk
    expires: datetime  # when what is kept of it goes
    attempt: int = 0  # of the node: a new attempt asks models anew, and repeats no effect
    conversation: str = ""
    customer: str = ""
    channel: ChannelName = "api"
    language: str = "en"
    briefing: Briefing = field(default_factory=Briefing)
    budget: "Budget | None" = None  # the tenant's; None counts against the agent's own alone
    meter: Meter = field(default_factory=Meter)  # counts what models cost while it works
    granted: frozenset[str] = frozenset()  # effects of dangerous tools that a person allowed, by their ids


class Thought(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of an agent's trace: what it thought, did and saw."""

    who: str
    thought: str = ""
    action: str = ""  # the tool it called
    arguments: dict[str, object] = {}
    observation: object = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A call of a dangerous tool that waits for a person: run again with `effect` granted, it acts."""

    effect: str
    tool: str
    arguments: dict[str, object]


class AgentResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an execution came to. `output` is JSON: an object of the agent's form, else its words."""

    agent: str  # who answered, which is the backup where that took over
    success: bool
    output: Any = None
    error: str = ""  # what, where and the fix, where it failed
    trouble: Trouble = ""
    passing: bool = False  # it failed of something that may be over later
    retry_after: float | None = None  # seconds until it may be, where somebody said
    stopped: Literal["", "loop", "rounds", "handover"] = ""  # why it answered with what it knew so far
    steps: tuple[Step, ...] = ()
    trace: tuple[Thought, ...] = ()
    effects: tuple[Effect, ...] = ()  # for whoever runs it to commit
    asked: tuple[Asked, ...] = ()
    plan: dict[str, object] = {}  # of an agent that plans
    confidence: float | None = None
    iterations: int = 0
    money: float = 0.0  # USD
    ms: float = 0.0


Context = Mapping[str, object]
"""What an agent is given beside its task: JSON, material and never an instruction."""
