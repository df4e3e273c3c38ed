"""Until they agree: each answers for itself, then the most votes, a judge, or a bounded debate decides."""

from collections import Counter
from typing import Any

from shared.agents.crew import Came, Crew, findings, words
from shared.agents.shape import AgentResult

_JUDGE = "Judge the answers the others gave to this task: which is best, and why?"
_DEBATE = "The others answered this task as you are told. Keep your answer or change it, on the merits alone."


async def work(crew: Crew) -> Came:
    """The answer that carries; it fails where nobody answers, or where nobody can break a tie."""
    results = await crew.ask_all("vote", [(who, crew.task) for who in crew.spec.members])
    rounds = 1
    while crew.spec.agree_by == "debate" and rounds < crew.spec.max_rounds and not _agreed(crew, results):
        others = {"answers": findings(results)}
        task = f"{crew.task}\n{_DEBATE}"
        results = await crew.ask_all(f"debate{rounds}", [(who, task) for who in crew.spec.members], others)
        rounds += 1
    answered = [result for result in results if result.success]
    if crew.asked_for() or not answered:
        return Came(failed=next(result for result in results if not result.success))
    if crew.spec.agree_by == "judge":
        return await _judged(crew, answered)
    votes = Counter(_vote(crew, result) for result in answered)
    (most, count), *rest = votes.most_common()
    if rest and rest[0][1] == count:
        return await _judged(crew, answered)
    chosen = next(result for result in answered if _vote(crew, result) == most)
    note = f"{count} of {len(results)} agree" + (f" after {rounds} rounds" if rounds > 1 else "")
    return Came(output=chosen.output, note=note)


def _agreed(crew: Crew, results: list[AgentResult]) -> bool:
    return all(one.success for one in results) and len({_vote(crew, one) for one in results}) == 1


def _vote(crew: Crew, result: AgentResult) -> str:
    """What of an answer has to agree, in one spelling."""
    output = result.output
    if crew.spec.key and isinstance(output, dict):
        output = output.get(crew.spec.key)
    return " ".join(words(output).casefold().split())


async def _judged(crew: Crew, answered: list[AgentResult]) -> Came:
    if crew.spec.lead is None:
        return Came(
            error="its members do not agree and it has no lead to judge; write lead: in the desk's file"
        )
    numbered = {str(at): result.output for at, result in enumerate(answered, 1)}
    task = f"{crew.task}\n{_JUDGE}"
    verdict = await crew.ask(crew.spec.lead, task, "judge", {"answers": numbered}, _form(len(answered)))
    if not verdict.success:
        return Came(failed=verdict)
    chosen: Any = answered[int(verdict.output["best"]) - 1]
    return Came(output=chosen.output, note=f"{crew.spec.lead} chose {chosen.agent}: {verdict.output['why']}")


def _form(most: int) -> dict[str, Any]:
    best = {"type": "integer", "minimum": 1, "maximum": most}
    return {
        "title": "Verdict",
        "type": "object",
        "properties": {"best": best, "why": {"type": "string"}},
        "required": ["best", "why"],
    }
