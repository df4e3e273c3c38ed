"""Plans, carries the plan out, looks back, and plans anew with what it learned, until its goal is reached.

A plan's step may use what an earlier one found (`$1.slots[0].id`). What has acted once is not done again
by a later plan: its result is read.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, cast

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from shared.agents.executions import Execution, similar
from shared.agents.form import formed
from shared.agents.hands import observed
from shared.agents.shape import Thought
from shared.agents.work import Work, shortened
from shared.domain.errors import Permanent
from shared.domain.identity import new_id
from shared.models.chat_model import ToolCall, Turn
from shared.tools.reach import reach_of
from shared.tools.shape import ToolResult

_REFERENCE = re.compile(r"^\$(\d+)(?:\.(.+))?$")
_RESULTS = 20_000  # characters of what steps came to, as the model is told them

PLAN: dict[str, object] = {
    "title": "Plan",
    "type": "object",
    "properties": {
        "steps": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer", "description": "1, 2, 3…"},
                    "description": {"type": "string"},
                    "tool": {
                        "type": "string",
                        "description": "a tool's name, or empty for a step of thinking",
                    },
                    "input": {"type": "string", "description": "the tool's arguments, a JSON object as text"},
                    "expected_output": {"type": "string"},
                    "critical": {"type": "boolean", "description": "whether the plan fails with this step"},
                },
                "required": ["id", "description", "tool", "input", "critical"],
            },
        },
        "estimated_duration": {"type": "number", "description": "seconds"},
        "required_tools": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["steps", "estimated_duration", "required_tools"],
}
REFLECTION: dict[str, object] = {
    "title": "Reflection",
    "type": "object",
    "properties": {
        "goal_achieved": {"type": "boolean"},
        "final_output": {"type": "string", "description": "the answer to the task; empty where it failed"},
        "failure_reason": {"type": "string", "description": "the root cause; empty where it succeeded"},
        "learned": {"type": "string", "description": "what the next plan has to do differently"},
    },
    "required": ["goal_achieved", "final_output", "failure_reason", "learned"],
}
_PLANNING = """\
Write a plan that reaches the goal: at most {most} steps, only with these tools:
{tools}
A step may use what an earlier one found: write "$1.path" as a value, where 1 is that step's id and path is \
JMESPath over its result. Mark as critical a step without which the goal cannot be reached."""
_LOOKING_BACK = "Look at what the plan's steps came to. Is the goal reached? If not, what is the root cause?"


class NoPlan(Permanent):
    """The goal was not reached, however often it was planned anew."""


@dataclass(slots=True)
class _Attempt:
    """One plan being carried out."""

    steps: list[dict[str, Any]]
    results: dict[int, dict[str, object]] = field(default_factory=dict)  # by the step's id
    broken: str = ""  # the critical step that failed, and why


async def think(work: Work) -> Any:
    """The agent's answer. Raises NoPlan, and what asking raises."""
    turns = work.turns()
    done: dict[tuple[str, str], ToolResult] = {}
    learned = [*_remembered(await _similar(work))]
    reason = ""
    for _ in range(work.agent.spec.retries + 1):
        work.iterations += 1
        plan = await _planned(work, turns, learned)
        reason = _wrong(work, plan)
        if reason:
            learned.append(f"A plan that could not be carried out: {reason}.")
            continue
        attempt = _Attempt(cast("list[dict[str, Any]]", plan["steps"]))
        await _carried_out(work, attempt, done, turns)
        if work.hands.asked:
            return None
        back = await _looked_back(work, attempt, turns)
        if back["goal_achieved"] and not attempt.broken:
            return await work.in_form(str(back["final_output"]), turns)
        reason = attempt.broken or str(back["failure_reason"]) or "no reason was found"
        told = shortened({"steps": attempt.steps, "results": attempt.results}, _RESULTS)
        learned.append(f"A plan that failed: {told}\nWhy: {reason}\nLearned: {back['learned']}")
    raise NoPlan(f"the goal was not reached in {work.iterations} plans; the last failed because {reason}")


async def _similar(work: Work) -> list[Execution]:
    return await similar(work.means.store, work.means.config.desk.id, work.agent.name, work.task)


def _remembered(past: list[Execution]) -> list[str]:
    return [
        f"A plan that reached a similar goal ({one.goal[:200]}): {json.dumps(one.plan, ensure_ascii=False)}"
        for one in past
        if one.plan
    ]


async def _planned(work: Work, turns: tuple[Turn, ...], learned: list[str]) -> dict[str, object]:
    tools = "\n".join(
        f"- {tool.name}: {tool.description} Input: {json.dumps(tool.parameters, ensure_ascii=False)}"
        for tool in work.hands.told
    )
    also = _PLANNING.format(most=work.agent.spec.max_iterations, tools=tools or "- (none)")
    known = tuple(Turn(role="customer", text=text) for text in learned)
    request = work.request((*known, *turns), also=also)
    plan = await formed(work.asking, request, PLAN, kept=work.acts)
    work.plan = plan
    words = "; ".join(f"{step['id']}. {step['description']}" for step in cast("list[Any]", plan["steps"]))
    work.trace.append(Thought(who=work.agent.name, thought=f"Plan: {words or '(no steps)'}"))
    return plan


def _wrong(work: Work, plan: dict[str, object]) -> str:
    """Why a plan cannot be begun; empty where it can."""
    steps = cast("list[dict[str, Any]]", plan["steps"])
    mine = {tool.name for tool in work.hands.told}
    wanted = {*cast("list[str]", plan["required_tools"]), *(step["tool"] for step in steps if step["tool"])}
    if not steps:
        return "it has no steps"
    if len(steps) > work.agent.spec.max_iterations:
        return f"it has {len(steps)} steps, {work.agent.spec.max_iterations} is the most"
    if wanted - mine:
        return (
            f"it needs {', '.join(sorted(wanted - mine))}; there are {', '.join(sorted(mine)) or 'no tools'}"
        )
    return ""


async def _carried_out(
    work: Work, attempt: _Attempt, done: dict[tuple[str, str], ToolResult], turns: tuple[Turn, ...]
) -> None:
    for step in attempt.steps:
        try:
            result = await _step(work, attempt, step, done, turns)
        except ValueError as error:
            result = {"error": str(error)}
        attempt.results[step["id"]] = result
        if work.hands.asked:
            return
        if result.get("error") and step["critical"]:
            attempt.broken = f"step {step['id']} ({step['description']}): {result['error']}"
            return


async def _step(
    work: Work,
    attempt: _Attempt,
    step: dict[str, Any],
    done: dict[tuple[str, str], ToolResult],
    turns: tuple[Turn, ...],
) -> dict[str, object]:
    """What one step came to. Raises ValueError saying what is wrong with its input."""
    if not step["tool"]:
        so_far = Turn(role="customer", text=f"Found so far: {shortened(attempt.results, _RESULTS)}")
        request = work.request((*turns, so_far, Turn(role="customer", text=step["description"])))
        text = (await work.asking.ask(request, kept=work.acts)).text
        work.trace.append(Thought(who=work.agent.name, thought=text))
        return {"text": text}
    arguments = _filled(_read(step["input"]), attempt.results)
    call = ToolCall(id=new_id(), name=step["tool"], arguments=arguments)
    spelt = work.hands.spelt(call)
    result = done.get(spelt)
    if result is None:
        result = await work.hands.act(call)
        if not result.error and reach_of(work.means.tools.tools[call.name]) != "looks":
            done[spelt] = result
    seen = observed(result)
    work.trace.append(
        Thought(
            who=work.agent.name,
            thought=step["description"],
            action=call.name,
            arguments=arguments,
            observation=seen,
        )
    )
    return seen


def _read(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        raise ValueError(f"its input {text[:80]!r} is no JSON object") from None


def _filled(value: Any, results: dict[int, dict[str, object]]) -> Any:
    """The value with what it refers to of earlier steps. Raises ValueError for what is not there."""
    if isinstance(value, dict):
        return {key: _filled(each, results) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, results) for each in value]
    found = _REFERENCE.match(value) if isinstance(value, str) else None
    if found is None:
        return value
    result = results.get(int(found[1]))
    if result is None:
        raise ValueError(f"{value!r} refers to step {found[1]}, which was not carried out before")
    try:
        part = jmespath.search(found[2], result) if found[2] else result
    except JMESPathError as error:
        raise ValueError(f"{value!r} is no JMESPath: {error}") from error
    if part is None:
        raise ValueError(f"{value!r} finds nothing in what step {found[1]} came to")
    return part


async def _looked_back(work: Work, attempt: _Attempt, turns: tuple[Turn, ...]) -> dict[str, object]:
    told = shortened({"plan": attempt.steps, "results": attempt.results}, _RESULTS)
    if attempt.broken:
        told += f"\nIt stopped at {attempt.broken}"
    request = work.request((*turns, Turn(role="customer", text=told)), also=_LOOKING_BACK)
    back = await formed(work.asking, request, REFLECTION, kept=work.acts)
    seen = back["final_output"] if back["goal_achieved"] else back["failure_reason"]
    work.trace.append(Thought(who=work.agent.name, thought=f"Looking back: {seen}"))
    return back
