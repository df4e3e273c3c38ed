"""Which state of a conversation may follow which: one table, which every change goes by."""

from typing import Literal

from shared.domain.errors import Permanent

State = Literal[
    "new", "ai_processing", "finished", "handover", "pending_human", "human_active", "resolved", "back_to_ai"
]

FROZEN: frozenset[State] = frozenset({"handover", "pending_human", "human_active"})
"""States in which a person has the word, or is asked for, and the desk keeps silent."""

FOLLOWS: dict[State, frozenset[State]] = {
    "new": frozenset({"ai_processing", "handover", "human_active", "resolved"}),
    "ai_processing": frozenset({"finished", "handover", "human_active", "resolved"}),
    "finished": frozenset({"ai_processing", "handover", "human_active", "resolved"}),
    "handover": frozenset({"pending_human", "human_active", "back_to_ai", "resolved"}),
    "pending_human": frozenset({"human_active", "back_to_ai", "resolved"}),
    "human_active": frozenset({"pending_human", "back_to_ai", "resolved"}),
    "back_to_ai": frozenset({"ai_processing", "finished", "handover", "human_active", "resolved"}),
    "resolved": frozenset({"new", "handover", "human_active"}),
}
"""`handover`: a person is asked for; `pending_human`: in a queue for one; `human_active`: somebody has it."""


def check_follows(before: State, after: State) -> None:
    """Returns if a conversation may go from one state to the other, or stays. Raises Permanent."""
    if before != after and after not in FOLLOWS[before]:
        may = ", ".join(sorted(FOLLOWS[before]))
        raise Permanent(f"a conversation that is {before} cannot become {after}; it can become {may}")


def of_people(before: State, after: State) -> bool:
    """Whether a change concerns people, and so is written down with who made it and why."""
    people = FROZEN | {"resolved", "back_to_ai"}
    return before != after and (after in people or before in FROZEN | {"resolved"})
