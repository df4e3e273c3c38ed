"""All at once: each agent answers for itself, and what they found is merged."""

from shared.agents.crew import Came, Crew, findings

_MERGE = "Merge what the others found into one answer to the task; where they contradict each other, say so."


async def work(crew: Crew) -> Came:
    """The lead's merger, or without a lead everybody's answer by name; it fails where all fail."""
    results = await crew.ask_all("side", [(who, crew.task) for who in crew.spec.members])
    if crew.asked_for() or not any(result.success for result in results):
        return Came(failed=next(result for result in results if not result.success))
    if crew.spec.lead is None:
        named = zip(crew.spec.members, results, strict=True)
        return Came(output={who: result.output for who, result in named if result.success})
    task = f"{crew.task}\n{_MERGE}"
    merged = await crew.ask(crew.spec.lead, task, "merge", {"findings": findings(results)})
    return Came(output=merged.output) if merged.success else Came(failed=merged)
