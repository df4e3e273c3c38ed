"""The one shape of a tool: what every other file in this folder exports.

A tool module has `NAME`, `DESCRIPTION` (for the model), `EXAMPLES` (customers' sentences that call for
it, which the offline model matches), `Settings` and `Arguments` (pydantic), `TIMEOUT` in seconds and
`run`; where it only looks or is dangerous, `REACH` says so (`shared/tools/reach.py`). It acts on the
current customer alone, and whatever lies above its floor it returns as Effects.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from shared.domain.effects import Effect

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import BaseModel

    from shared.config.schema import DeskConfig
    from shared.knowledge.index import KnowledgeIndex
    from shared.ports import Clock
    from shared.security.tenancy import TenantStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """What a tool may know and touch: one tenant, one desk, one customer, one conversation."""

    store: "TenantStore"
    clock: "Clock"  # for what is past, and what expires
    now: "datetime"  # when the customer wrote: what their today and tomorrow mean; local at the desk
    config: "DeskConfig"
    settings: "BaseModel"  # this tool's Settings from the desk's file
    knowledge: "KnowledgeIndex"
    conversation: str
    customer: str
    channel: str
    language: str
    call_id: (
        str  # the effect's own id: the same when a crashed turn runs again; use it to name what you create
    )
    allowed: bool = False  # a person allowed this very call, where its tool is dangerous


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What the model is told (`data`, JSON), what the customer may tap, and what is to happen.

    `confidence` is 0..1 where the tool can tell how well it answered. `sources` name where facts came
    from. An `error` is told to the model as its mistake to mend, e.g. a slot that is taken.
    """

    data: dict[str, object]
    effects: tuple[Effect, ...] = ()
    sources: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()  # (id, title) offered to the customer
    confidence: float | None = None
    error: str | None = None


class Tool(Protocol):
    """A tool module, as the agent sees it."""

    NAME: str
    DESCRIPTION: str
    EXAMPLES: Sequence[str]
    Settings: "type[BaseModel]"
    Arguments: "type[BaseModel]"
    TIMEOUT: float

    @staticmethod
    async def run(arguments: "BaseModel", context: ToolContext) -> ToolResult:
        """Act once. Raises Permanent or Transient; a customer's mistake is a result with `error`."""
        ...


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The tools there are, by name, as bootstrap found them."""

    tools: dict[str, Tool] = field(default_factory=dict)
