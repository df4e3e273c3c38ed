"""Lets a member of a desk's team take a turn: chosen by what the words show, watched, and stood in for."""

import logging
from dataclasses import replace

from shared.agents import team
from shared.agents.executions import Execution, keep
from shared.agents.health import Health, health
from shared.config.agent import Specialist
from shared.config.versions import Published
from shared.desk.question import Question, asked_of
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.domain.errors import FrontdeskError
from shared.domain.instants import stamp
from shared.domain.signals import Signals
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)


def member_named(question: Question, name: str) -> Specialist | None:
    """The member of the desk's team of that name."""
    return next((one for one in question.config.agent.team if one.name == name), None)


def meant(question: Question, signals: Signals) -> Specialist:
    """Whose matter of the team the question is."""
    own = question.config.agent.team
    return team.chosen(own, signals, last_words(question), question.head.answered_by)


async def takes(services: Services, question: Question, signals: Signals) -> Specialist:
    """Who of the team takes the turn; one that is unwell is stood in for."""
    member = meant(question, signals)
    other = team.stand_in(question.config.agent.team, member)
    if other is None:
        return member
    state = await member_health(services, question.published, member)
    return member if state.is_healthy else other


async def member_health(services: Services, published: Published, member: Specialist) -> Health:
    """How a member of a desk's team fared lately."""
    store, now = services.tenant(published.tenant), services.ports.clock.now()
    return await health(store, published.desk, _place(member), now, seconds=services.turn_seconds)


def put_to(services: Services, question: Question, member: Specialist) -> Question:
    """The question as it is put to one member: its own words, tools, files and model."""
    config = team.as_member(question.config, member)
    published = question.published
    known = {file: sha for file, sha in published.knowledge.items() if file in config.knowledge.files}
    return replace(
        question,
        published=replace(published, config=config, knowledge=known),
        request=asked_of(services.tools, config, question),
    )


async def keep_turn(
    services: Services,
    store: TenantStore,
    question: Question,
    member: Specialist,
    *,
    ms: float,
    money: float = 0.0,
    said: str = "",
    error: str = "",
) -> None:
    """Keep how a member's turn went, as long as its words: health is read from it, and nothing else."""
    now = services.ports.clock.now()
    execution = Execution(
        agent=_place(member),
        type="team",
        run=question.turn,
        node="turn",
        goal=last_words(question)[:500],
        success=not error,
        at=stamp(now),
        ms=round(ms, 1),
        money=money,
        iterations=1,
        results=said[:500],
        error=error[:500],
        trouble="model" if error else "",
    )
    until, attempt = messages_until(question.config, now), question.head.failures
    try:
        await keep(store, question.config.desk.id, execution, expires=until, attempt=attempt)
    except FrontdeskError as busy:  # an answer is not thrown away for its record
        log.warning("team.not_kept", extra={"family": type(busy).__name__})


def last_words(question: Question) -> str:
    """What the customer said last."""
    return next((turn.text for turn in reversed(question.request.turns) if turn.role == "customer"), "")


def _place(member: Specialist) -> str:
    return f"team.{member.name}"
