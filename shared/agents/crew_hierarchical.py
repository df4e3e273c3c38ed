"""A lead over specialists: the lead shares out the work, they do their parts, the lead puts them together."""

from typing import Any

from shared.agents.crew import Came, Crew, findings

_ASSIGN = (
    "Share this task out among your specialists, each a part of its own; leave out whom it does not need."
)
_ASSEMBLE = "Put together what your specialists did into one answer to the task."


async def work(crew: Crew) -> Came:
    """The lead's answer over its specialists' parts."""
    lead = crew.spec.lead
    if lead is None:
        return Came(error="a hierarchical crew has no lead; write lead: in the desk's file")
    shared_out = await crew.ask(
        lead, f"{crew.task}\n{_ASSIGN}", "assign", {"specialists": dict(crew.able)}, _form(crew.spec.members)
    )
    if not shared_out.success:
        return Came(failed=shared_out)
    parts = [(part["who"], part["task"]) for part in shared_out.output["parts"]]
    if not parts:
        return Came(error=f"{lead} gave no specialist a part")
    results = await crew.ask_all("part", parts[: 2 * len(crew.spec.members)])
    if crew.asked_for() or not any(result.success for result in results):
        return Came(failed=next(result for result in results if not result.success))
    also = {
        "parts": [dict(task=part[1], **found) for part, found in zip(parts, findings(results), strict=False)]
    }
    whole = await crew.ask(lead, f"{crew.task}\n{_ASSEMBLE}", "assemble", also)
    return Came(output=whole.output) if whole.success else Came(failed=whole)


def _form(members: tuple[str, ...]) -> dict[str, Any]:
    part = {
        "type": "object",
        "properties": {"who": {"type": "string", "enum": list(members)}, "task": {"type": "string"}},
        "required": ["who", "task"],
    }
    return {
        "title": "Assignment",
        "type": "object",
        "properties": {"parts": {"type": "array", "items": part}},
        "required": ["parts"],
    }
