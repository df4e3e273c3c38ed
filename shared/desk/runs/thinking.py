"""Has an agent or a crew of the desk think for a step of a run, by the registry and in the desk's means."""

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from shared.agents.desk_facts import facts_of
from shared.agents.known import agents_of
from shared.agents.registry import run as think
from shared.agents.shape import AgentResult, Means
from shared.config.agent import ModelChoice
from shared.config.agents import AgentSpec
from shared.config.schema import DeskConfig
from shared.config.workflows import Node
from shared.desk.retention import messages_until
from shared.desk.spending import budget_of
from shared.domain.customers import known
from shared.domain.errors import FrontdeskError, Permanent, Transient
from shared.domain.receipts import Step
from shared.models.chat_model import Briefing
from shared.runs.steps import Ask, Done, Given
from shared.tools.reach import needs_leave

if TYPE_CHECKING:
    from shared.desk.runs.carry_out import DeskSteps

TASK, PROFILE = "task", "model_profile"
"""Keys of a step's config that are none of an agent's own: what it is to do, and its model by profile."""


async def thought(steps: "DeskSteps", node: Node, given: Given) -> Done:
    """What the step's agent or crew came to: an object of its form, else `{text: its words}`.

    Raises Transient for what may go better later, Permanent for what will not, with what it cost.
    """
    name = str(node.agent or node.crew)
    task = str(given.config.get(TASK) or "")
    result = await think(name, task, _context(given), await _means(steps, node, given))
    if result.asked:
        asked = {one.effect: f"{one.tool} with {one.arguments}" for one in result.asked}
        question = f"May {result.agent} use {' and '.join(asked.values())}?"
        rule = needs_leave([one.tool for one in result.asked])
        return Done(output=None, ask=Ask(question, rule=rule, grants=frozenset(asked)), money=result.money)
    if not result.success:
        raise _failure(result)
    output = result.output if isinstance(result.output, dict) else {"text": result.output}
    if result.confidence is not None:
        output = {"confidence": result.confidence, **output}
    return Done(output=output, effects=result.effects, money=result.money, detail=_told(result))


def _failure(result: AgentResult) -> FrontdeskError:
    error: FrontdeskError = Permanent(result.error)
    if result.passing:
        error = Transient(result.error, retry_after=result.retry_after)
    error.money = result.money
    return error


def _context(given: Given) -> dict[str, Any]:
    """What it is given beside its task: its arguments, else all that the run knows."""
    return given.arguments or {name: value for name, value in given.known.items() if name != "run"}


async def _means(steps: "DeskSteps", node: Node, given: Given) -> Means:
    services, config = steps.services, _configured(steps.config, node, given.config)
    now = steps.now()
    details = known(steps.customer) if steps.customer else {}
    return Means(
        store=steps.store,
        clock=services.ports.clock,
        models=services.models,
        tools=services.tools,
        config=config,
        knowledge=await services.knowledge(steps.published),
        run=given.key,
        node=node.id,
        now=now,
        expires=messages_until(config, services.ports.clock.now()),
        attempt=given.attempt,
        conversation=steps.run.conversation,
        customer=steps.run.customer,
        channel=steps.head.channel if steps.head else "api",
        language=steps.language,
        briefing=Briefing(
            desk_name=config.desk.name,
            agent_name=config.agent.name,
            languages=config.desk.languages,
            language=steps.language,
            now=now.isoformat(timespec="minutes"),
            customer=details,
            facts=facts_of(config, now),
        ),
        budget=budget_of(services, steps.store, config),
        meter=given.meter,
        granted=given.granted,
    )


def _configured(config: DeskConfig, node: Node, settings: dict[str, Any]) -> DeskConfig:
    """The file with the step's settings laid over its agent's own. Raises Permanent naming a wrong one."""
    own = {key: value for key, value in settings.items() if key not in (TASK, PROFILE)}
    profile = settings.get(PROFILE)
    if not (own or profile):
        return config
    agent = agents_of(config).get(str(node.agent))
    if agent is None:
        raise Permanent(f"step {node.id} has settings for {node.agent or node.crew!r}, no agent; remove them")
    written = agent.spec.model_dump(exclude_unset=True) | own
    if profile:
        written["model"] = ModelChoice(profile=profile).model_dump()
    try:
        spec = AgentSpec.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise Permanent(f"step {node.id}: config.{place}: {first['msg']}; correct the workflow") from error
    return config.model_copy(update={"agents": {**config.agents, agent.name: spec}})


def _told(result: AgentResult) -> dict[str, Any]:
    models = [step.name for step in result.steps if step.kind == "model"]
    return {
        "agent": result.agent,
        "model": models[-1] if models else "",
        "iterations": result.iterations,
        "thoughts": [one.thought or one.action for one in result.trace],
        "calls": [_call(step) for step in result.steps],
    }


def _call(step: Step) -> dict[str, Any]:
    """A question to a model, by the form it asked for, or a call of a tool."""
    call: dict[str, Any] = {"kind": step.kind, "name": step.name, "duration_ms": round(step.ms, 3)}
    if form := step.detail.get("form"):
        call["form"] = form
    return call | ({"error": step.error} if step.error else {})
