"""Actions of a desk's file that nothing carries out: no error, they are passed over, and said to be."""

from collections.abc import Iterator

from shared.config.nodes import Node, Step, nearest, notice
from shared.config.problems import Notice
from shared.config.schema import DeskConfig
from shared.config.unavailable_words import WAYS

TRANSFER = "human_agent_transfer"
"""What every trigger does first: a person is asked for."""


def action_findings(root: Node, config: DeskConfig) -> list[Notice]:
    """A notice for every action around people that is none the desk can do when nobody is there."""
    fix = f"write one of {', '.join(WAYS)}"
    return [
        notice(nearest(root, path)[0], path, f"{action!r}, which nothing carries out; it is passed over", fix)
        for path, action in _written(config)
        if action not in WAYS and action != TRANSFER
    ]


def _written(config: DeskConfig) -> Iterator[tuple[tuple[Step, ...], str]]:
    own = config.behavior.escalation
    where: tuple[Step, ...] = ("behavior", "escalation")
    for index, trigger in enumerate(own.triggers):
        yield (*where, "triggers", index, "action"), trigger.action
    for index, kind in enumerate(own.handoff):
        yield (*where, "handoff", index, "fallback"), kind.fallback
    for index, entry in enumerate(own.human_unavailable):
        yield (*where, "human_unavailable", index, "action"), entry.action
