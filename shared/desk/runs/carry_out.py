"""Carries out the steps of a run for its desk: tools by the ledger, agents, calls; while it is ours."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from shared.agents.effects_ledger import effect_id, once
from shared.agents.prompt import names_of
from shared.config.schema import DeskConfig
from shared.config.versions import Published
from shared.config.workflows import Node, Workflow
from shared.desk.calls.dial import dial
from shared.desk.commit import head_path, read_head
from shared.desk.customers import find
from shared.desk.retention import messages_until
from shared.desk.runs.hooks import hooks_of
from shared.desk.runs.start import definition_of
from shared.desk.runs.thinking import thought
from shared.desk.runs.view import came_to, find_run
from shared.desk.services import Services
from shared.domain.conversation import Head
from shared.domain.customers import Customer, known
from shared.domain.errors import Permanent, Transient
from shared.domain.runs import Run, check_given, read_run, run_path
from shared.models.chat_model import ToolCall
from shared.ports import Data
from shared.runs.steps import Ask, Done, Given
from shared.security.tenancy import TenantStore
from shared.tools.call import canonical, check
from shared.tools.reach import needs_leave, ungranted
from shared.tools.registry import settings_of
from shared.tools.shape import ToolContext, ToolResult


class LetGo(Exception):
    """The run is no longer this process's to act for."""


@dataclass(frozen=True, kw_only=True)
class DeskSteps:
    """One run's means while it is advanced."""

    services: Services
    store: TenantStore
    run: Run
    published: Published
    workflow: Workflow
    head: Head | None = None
    customer: Customer | None = None

    @property
    def config(self) -> DeskConfig:
        """The desk's file, as it is published now."""
        return self.published.config

    @property
    def reaches(self) -> bool:
        """Whether there is somebody to whom what is sent can be said."""
        named = self.run.customer or (self.head.customer if self.head else "")
        return self.customer is not None or (self.head is not None and not named)

    @property
    def language(self) -> str:
        """Which the customer is spoken to in."""
        return (self.head.language if self.head else "") or self.config.desk.languages[0]

    def now(self) -> datetime:
        """The time, local at the desk."""
        return self.services.ports.clock.now().astimezone(ZoneInfo(self.config.desk.timezone))

    @cached_property
    def words(self) -> Mapping[str, Any]:
        """What templates may name of the desk and the customer."""
        hooks = hooks_of(self.services.public_url, self.store.tenant, self.run, self.workflow)
        return {"hooks": hooks} | names_of(
            self.config,
            customer=known(self.customer) if self.customer else {},
            language=self.language,
            channel=self.head.channel if self.head else "api",
            now=self.now().isoformat(timespec="minutes"),
        )

    async def begins(self, workflow: str, given: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        """Returns where a run of a workflow can be begun with this. Raises Permanent, saying why not."""
        check_given(given, context)
        await definition_of(self.services, self.store.tenant, self.run.desk, workflow, self.run.id)

    async def came_to(self, run: str) -> Mapping[str, Any]:
        """The outputs of a run that is over. Raises Permanent where they are kept no more."""
        found = await find_run(self.store, run)
        outputs, _ = await came_to(self.services, self.store, found)
        if found.large and not outputs:
            raise Permanent(f"what the run {run} came to is kept no more; begin it anew")
        return outputs

    async def act(self, node: Node, given: Given) -> Done:
        """Carry out a step once. Raises Transient, Permanent, LetGo where the run is not ours any more."""
        if (await self._found()).asked:
            raise LetGo
        if node.tool is not None:
            return await self.use(given.key, node.id, node.tool, given.arguments, granted=given.granted)
        if node.call is not None:
            planned = await dial(
                self.services,
                self.store.tenant,
                self.run.desk,
                purpose=given.purpose,
                customer=self.run.customer,
                errand=f"run:{self.run.id}",
                once=f"{given.key} {node.id}",
            )
            return Done(output={"planned_call": planned.id, "due": planned.due})
        return await thought(self, node, given)

    async def use(
        self,
        key: str,
        step: str,
        name: str,
        arguments: dict[str, Any],
        *,
        granted: frozenset[str] | None = None,
    ) -> Done:
        """What a tool of the desk came to; it acts once under a step's key, however often that is begun.

        `granted` are the calls people allowed so far; None where nobody can be asked.
        """
        call = ToolCall(id=step, name=name, arguments=arguments)
        await self._found()
        entry = self.config.tools.get(name)
        if entry is None or not entry.enabled:
            raise Permanent(f"the desk {self.run.desk} has no tool {name!r}; add it under tools:")
        effect = effect_id(key, f"{step}:{name}", canonical(self.services.tools, call), 0)
        why = ungranted(self.services.tools.tools.get(name), entry.grant)
        if why and effect not in (granted or ()):
            if granted is None or entry.grant != "each_time":
                raise Permanent(f"step {step}: {why}")
            question = f"May {name} act with {arguments}?"
            ask = Ask(question, rule=needs_leave([name]), grants=frozenset({effect}))
            return Done(output=None, ask=ask)

        async def run() -> ToolResult:
            return await self._used(call, effect)

        until = messages_until(self.config, self.services.ports.clock.now())
        about: Data = {"run": self.run.id, "step": step, "tool": name}
        result = await once(self.store, until, effect, about, run)
        if result.error:
            raise Permanent(f"{name} in step {step}: {result.error}")
        return Done(
            output=result.data,
            effects=result.effects,
            detail={"tool": name, "arguments": arguments, "sources": list(result.sources)},
        )

    async def _used(self, call: ToolCall, effect: str) -> ToolResult:
        """The tool's own result. Raises Transient where it is out of reach: the step is tried again."""
        checked = check(self.services.tools, call)
        if isinstance(checked, ToolResult):
            return checked
        tool, arguments = checked
        context = ToolContext(
            store=self.store,
            clock=self.services.ports.clock,
            now=self.now(),
            config=self.config,
            settings=settings_of(tool, self.config),
            knowledge=await self.services.knowledge(self.published),
            conversation=self.run.conversation,
            customer=self.run.customer,
            channel=self.head.channel if self.head else "api",
            language=self.language,
            call_id=effect,
        )
        try:
            async with asyncio.timeout(tool.TIMEOUT):
                return await tool.run(arguments, context)
        except TimeoutError as error:
            raise Transient(f"{tool.NAME} took longer than {tool.TIMEOUT:g} seconds") from error

    async def _found(self) -> Run:
        """The run as it is now. Raises LetGo where another has taken it over."""
        document = await self.store.get(run_path(self.run.id))
        now = read_run(document.data) if document else None
        if now is None or now.fence != self.run.fence:
            raise LetGo
        return now


async def steps_of(
    services: Services, store: TenantStore, run: Run, published: Published, workflow: Workflow
) -> DeskSteps:
    """The means of a run: its conversation and customer, where it has them."""
    document = await store.get(head_path(run.conversation)) if run.conversation else None
    head = read_head(document)
    customer = run.customer or (head.customer if head else "")
    return DeskSteps(
        services=services,
        store=store,
        run=run,
        published=published,
        workflow=workflow,
        head=head,
        customer=await find(store, customer) if customer else None,
    )
