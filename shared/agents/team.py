"""A desk's team: who of it takes a message, who stands in, and the desk as each member knows it."""

from collections.abc import Sequence
from functools import lru_cache

from shared.config.agent import Specialist
from shared.config.schema import DeskConfig
from shared.domain.signals import Signals
from shared.knowledge.index import KnowledgeIndex
from shared.knowledge.read import Passage

_ENOUGH = 0.3
"""How much of a message's words must be of a member's matter, where nothing better tells whose it is."""


def chosen(team: Sequence[Specialist], signals: Signals, text: str, last: str) -> Specialist:
    """Who takes a message: by category, intent or words; else who answered `last`, else the general.

    The signals come first because they read what was said before: "yes, please" is a matter of somebody's.
    """
    by_name = {member.name: member for member in team}
    if signals.category in by_name:
        return by_name[signals.category]
    intent = signals.intent or ""
    for member in team:
        if any(own == intent or own in intent or (intent and intent in own) for own in member.intents):
            return member
    found = _matters(tuple((member.name, member.handles) for member in team)).search(text, 1)
    if found and found[0].score >= _ENOUGH:
        return by_name[found[0].source]
    return by_name.get(last) or general(team)


def general(team: Sequence[Specialist]) -> Specialist:
    """Who takes what nobody else takes."""
    return next(member for member in team if member.general)


def stand_in(team: Sequence[Specialist], member: Specialist) -> Specialist | None:
    """Who answers in a member's place: the one it names, else the general; None where that is itself."""
    other = next((one for one in team if one.name == member.backup), None) or general(team)
    return other if other.name != member.name else None


def as_member(config: DeskConfig, member: Specialist) -> DeskConfig:
    """The desk as one member of its team knows it: its own manner, rules, tools and files."""
    agent = config.agent
    own = {
        "personality": member.personality or agent.personality,
        "objectives": member.objectives or agent.objectives,
        "guidelines": (*agent.guidelines, f"You look after this: {member.handles}", *member.guidelines),
        "system_prompt": member.system_prompt or agent.system_prompt,
        "model": member.model or agent.model,
    }
    tools = {name: tool for name, tool in config.tools.items() if not member.tools or name in member.tools}
    files = member.knowledge or config.knowledge.files
    return config.model_copy(
        update={
            "agent": agent.model_copy(update=own),
            "tools": tools,
            "knowledge": config.knowledge.model_copy(update={"files": files}),
        }
    )


def all_at_once(config: DeskConfig) -> DeskConfig:
    """The desk where one voice has to be the whole team: everybody's rules, each under its matter."""
    agent = config.agent
    rules = [f"When it is about {one.handles}: {rule}" for one in agent.team for rule in one.guidelines]
    if not rules:
        return config
    return config.model_copy(
        update={"agent": agent.model_copy(update={"guidelines": (*agent.guidelines, *rules)})}
    )


@lru_cache(maxsize=256)
def _matters(team: tuple[tuple[str, str], ...]) -> KnowledgeIndex:
    return KnowledgeIndex([Passage(text=handles, source=name) for name, handles in team])
