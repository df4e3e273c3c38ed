"""How much web chat and the voice room take: from one visitor, and at one desk from all visitors together.

A visitor is a session, which anybody may make anew; so the desk has a limit of its own. There is none by
address: behind a proxy, and in one office, many visitors share one.
"""

import math
from collections.abc import Callable
from datetime import datetime

from shared.domain.errors import Transient
from shared.security.pace import Pace, Rate

MESSAGES = Rate(burst=12, per_minute=40)
UPLOADS = Rate(burst=6, per_minute=12)
CALLS = Rate(burst=4, per_minute=6)
"""Of one visitor: more than anybody types, sends or calls."""

DESK_MESSAGES = Rate(burst=500, per_minute=1000)
DESK_UPLOADS = Rate(burst=150, per_minute=300)
DESK_CALLS = Rate(burst=60, per_minute=120)
"""Of one desk: a hundred visitors who each send five messages in one second, and ten a minute from then."""


class TooMuch(Transient):
    """More than is taken at once; `retry_after` is in whole seconds."""


class ChatLimit:
    """A visitor's pace, and that of the desk they write to."""

    def __init__(self, now: Callable[[], datetime], visitor: Rate, desk: Rate) -> None:
        self._visitors, self._desks = Pace(now, visitor), Pace(now, desk)

    def take(self, desk: str, visitor: str) -> None:
        """Returns where there is room. Raises TooMuch; a refused visitor takes nothing of the desk's."""
        if wait := self._visitors.wait(f"{desk} {visitor}"):
            raise TooMuch(
                "That is more than this chat takes from one visitor at once. Wait a moment.",
                retry_after=_whole(wait),
            )
        if wait := self._desks.wait(desk):
            raise TooMuch("This chat is very busy just now. Wait a moment.", retry_after=_whole(wait))


def _whole(seconds: float) -> int:
    return max(1, math.ceil(seconds))
