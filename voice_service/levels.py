"""How much of the voice is on: all of it, less without the parts that failed, or a model alone."""

import logging
from collections.abc import Callable
from typing import Literal

from shared.domain.calls import Level

log = logging.getLogger(__name__)

Part = Literal["desk", "tiers", "figures"]
ON: dict[Level, frozenset[Part]] = {
    "full": frozenset({"desk", "tiers", "figures"}),
    "partial": frozenset({"desk"}),
    "minimal": frozenset(),
}
"""Which parts are on at each level."""


class Levels:
    """One call's level; `told` hears of each change, to keep it on the call."""

    def __init__(self, told: Callable[[Level], None]) -> None:
        self.level: Level = "full"
        self._failed: set[Part] = set()
        self._told = told

    def has(self, part: Part) -> bool:
        """Whether a part is on."""
        return part in ON[self.level]

    def failed(self, part: Part, why: str) -> None:
        """A part broke: go on without it and what it needs."""
        if part not in self._failed:
            log.warning("call.part_failed", extra={"part": part, "why": why})
            self._failed.add(part)
            self._settle()

    def recovered(self, part: Part) -> None:
        """It works again."""
        if part in self._failed:
            log.info("call.part_recovered", extra={"part": part})
            self._failed.discard(part)
            self._settle()

    def _settle(self) -> None:
        level: Level = "minimal" if "desk" in self._failed else "partial" if self._failed else "full"
        if level != self.level:
            self.level = level
            self._told(level)
