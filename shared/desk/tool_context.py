"""What a tool of a desk is told of the talk it works for."""

from datetime import datetime
from typing import Protocol

from shared.config.schema import DeskConfig
from shared.desk.services import Services
from shared.domain.conversation import Head
from shared.knowledge.index import KnowledgeIndex
from shared.security.tenancy import TenantStore
from shared.tools.registry import settings_of
from shared.tools.shape import Tool, ToolContext


class Talk(Protocol):
    """The talk a tool is called in: a turn's question, or a call."""

    @property
    def config(self) -> DeskConfig:
        """The desk's file it runs on."""
        ...

    @property
    def conversation(self) -> str:
        """Its id."""
        ...

    @property
    def head(self) -> Head:
        """Its head."""
        ...

    @property
    def now(self) -> datetime:
        """What its words mean by now, local at the desk."""
        ...

    @property
    def language(self) -> str:
        """Which it is held in."""
        ...


def tool_context(
    services: Services,
    store: TenantStore,
    talk: Talk,
    tool: Tool,
    *,
    knowledge: KnowledgeIndex,
    call_id: str,
) -> ToolContext:
    """The context of one call; `call_id` names what it creates."""
    return ToolContext(
        store=store,
        clock=services.ports.clock,
        now=talk.now,
        config=talk.config,
        settings=settings_of(tool, talk.config),
        knowledge=knowledge,
        conversation=talk.conversation,
        customer=talk.head.customer,
        channel=talk.head.channel,
        language=talk.language,
        call_id=call_id,
    )
