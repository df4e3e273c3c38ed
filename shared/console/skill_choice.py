"""The skills of one colleague as a form offers them: what the desks ask for to tick, the rest to write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.desk.skills import Sought
from shared.domain.assignment import names_language, same_skill


@dataclass(frozen=True, slots=True)
class Tick:
    """One skill that may be ticked."""

    skill: str
    had: bool


@dataclass(frozen=True, slots=True)
class Skills:
    """The parts of the form."""

    departments: Sequence[Tick]
    special: Sequence[Tick]
    languages: Sequence[Tick]
    others: Sequence[str]  # those no desk asks for


def offered(sought: Sought, had: Sequence[str]) -> Skills:
    """What is offered to somebody who has these skills."""

    def ticks(skills: Sequence[str], same: Callable[[str, str], bool]) -> list[Tick]:
        return [Tick(skill, any(same(one, skill) for one in had)) for skill in skills]

    return Skills(
        departments=ticks(sought.departments, same_skill),
        special=ticks(sought.special, same_skill),
        languages=ticks(sought.languages, names_language),
        others=[one for one in had if not sought.asks(one)],
    )
