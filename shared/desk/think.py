"""Thinks about a question: as the desk, as whoever of its team it is for, or by the desk's workflow."""

from shared.desk.question import Question, ask
from shared.desk.spending import within_budget
from shared.desk.think_as_team import by_team
from shared.desk.think_by_workflow import by_workflow
from shared.desk.thinking_turn import Desk, Talk, ThinkingTurn, begun_in, mind, read_signs
from shared.desk.thought import Thought

__all__ = ["Desk", "think"]


async def think(desk: Desk, question: Question) -> Thought:
    """The thought that answers the question. Raises Transient or Permanent where there can be none."""
    thread = f"{question.turn}#{question.head.restarts}"
    begun = await begun_in(desk, thread)
    if begun is not None and (begun["covers"][1], begun["version"]) != (
        question.covers[1],
        question.published.version,
    ):
        # The turn that died covered less, or ran on an older version: finish that one as it was begun.
        versions, desk_id = desk.services.versions, question.published.desk
        published = await versions.version(desk_id, begun["version"]) or question.published
        question = await ask(
            desk.services,
            desk.store,
            question.conversation,
            head=question.head,
            published=published,
            upto=begun["covers"][1],
            beside=question.beside,
        )
    models, began = desk.services.models, desk.services.ports.clock.now()
    routes = [models.route(*question.config.agent.model.wanted), models.route("fast")]
    allowed = await desk.after.enter_async_context(
        within_budget(
            desk.services,
            desk.store,
            config=question.config,
            conversation=question.conversation,
            request=question.request,
            routes=routes,
        )
    )
    turn = ThinkingTurn(desk, question, routes, allowed, began)
    if question.config.agent.workflow:
        return await by_workflow(turn)
    if question.config.agent.team:
        return await by_team(turn, thread, begun)
    return await mind(turn, question, routes[0], Talk(thread, begun), read=read_signs(turn))
