"""Which skills a tenant's desks ask of people: what is offered where a colleague's skills are written."""

from dataclasses import dataclass

from shared.config.versions import Versions
from shared.domain.assignment import names_language, same_skill


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Skills in the words of the desks' files, each once."""

    departments: tuple[str, ...]  # one of which a person must have, where a desk names some
    special: tuple[str, ...]  # which come first
    languages: tuple[str, ...]  # tags

    def asks(self, skill: str) -> bool:
        """Whether a desk looks for a skill, in any spelling."""
        named = (*self.departments, *self.special)
        return any(same_skill(skill, one) for one in named) or any(
            names_language(skill, one) for one in self.languages
        )


async def sought(versions: Versions, tenant: str) -> Sought:
    """What the desks of a tenant ask for, as they run."""
    configs = [one.config for one in await versions.running(tenant)]
    kinds = [kind for config in configs for kind in config.behavior.escalation.handoff]
    return Sought(
        departments=_once([skill for kind in kinds for skill in kind.departments]),
        special=_once([skill for kind in kinds for skill in kind.specialization]),
        languages=tuple(dict.fromkeys(tag for config in configs for tag in config.desk.languages)),
    )


def _once(skills: list[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for skill in skills:
        if not any(same_skill(skill, one) for one in kept):
            kept.append(skill)
    return tuple(kept)
