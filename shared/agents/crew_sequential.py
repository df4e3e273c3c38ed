"""One after the other: each agent goes on from what those before it found."""

from shared.agents.crew import Came, Crew, findings


async def work(crew: Crew) -> Came:
    """The last one's answer; the first that fails ends it."""
    for at, who in enumerate(crew.spec.members):
        so_far = {"so_far": findings(crew.results)} if crew.results else {}
        result = await crew.ask(who, crew.task, str(at), so_far)
        if not result.success:
            return Came(failed=result)
    return Came(output=crew.results[-1].output)
