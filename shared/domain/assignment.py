"""Who of a tenant's people is given a conversation: skill first, then who knew the customer, then load."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from shared.domain.colleagues import Colleague, has_room, is_there
from shared.domain.handovers import Handover


def fits(colleague: Colleague, handover: Handover) -> bool:
    """Whether somebody has one of the skills a handover asks for; where it asks for none, anybody has."""
    return not colleague.removed and (
        not handover.departments or _shared(handover.departments, colleague) > 0
    )


def able(handover: Handover, colleagues: Iterable[Colleague], now: datetime) -> list[Colleague]:
    """Who could take it now or as soon as they have room: they fit, are there, and did not pass it."""
    return [
        one
        for one in colleagues
        if fits(one, handover) and is_there(one, now) and one.id not in handover.passed
    ]


def choose(
    handover: Handover,
    colleagues: Iterable[Colleague],
    now: datetime,
    *,
    language: str = "",
    knew: Sequence[str] = (),
) -> Colleague | None:
    """Who is offered it, or None where nobody who is able has room.

    Of those, in this order: most of the special skills it asks for, the customer's `language` among their
    skills, who knew the customer (`knew`, ids, the latest first), the smaller part of their capacity in
    use, the longest without a new one.
    """

    def rank(one: Colleague) -> tuple[int, bool, int, float, str, str]:
        known = knew.index(one.id) if one.id in knew else len(knew)
        load = len(one.holding) / one.capacity
        return (
            -_shared(handover.specialization, one),
            not speaks(one, language),
            known,
            load,
            one.given_at,
            one.id,
        )

    return min((one for one in able(handover, colleagues, now) if has_room(one)), key=rank, default=None)


def has_skill(colleague: Colleague, skill: str) -> bool:
    """Whether a skill, in any spelling, is among somebody's."""
    return _shared((skill,), colleague) > 0


def speaks(colleague: Colleague, language: str) -> bool:
    """Whether a language, by its tag, is among somebody's skills; `hi` answers for `hi-IN`."""
    return any(names_language(skill, language) for skill in colleague.skills)


def same_skill(one: str, other: str) -> bool:
    """Whether two spellings are one skill."""
    return _plain(one) == _plain(other)


def names_language(skill: str, language: str) -> bool:
    """Whether a skill is a language, by its tag."""
    spoken = language.partition("-")[0].lower()
    return bool(spoken) and _plain(skill).partition(" ")[0] == spoken


def _shared(wanted: Iterable[str], colleague: Colleague) -> int:
    return len({_plain(one) for one in wanted} & {_plain(one) for one in colleague.skills})


def _plain(skill: str) -> str:
    """A skill as it is compared: `Customer_Support` and `customer support` are one."""
    return " ".join(skill.casefold().replace("_", " ").replace("-", " ").split())
