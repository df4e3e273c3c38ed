"""Wakes whoever looks at a tenant's inbox when a row of it changes, a few times a second at most."""

import asyncio
import logging
from time import monotonic
from weakref import WeakKeyDictionary

from shared.domain.conversation import Head
from shared.ports import Live

log = logging.getLogger(__name__)

PAUSE = 0.3
"""Seconds between two hints for one tenant: a hundred conversations that change at once are one look."""


class _Pace:
    """When each tenant's inbox was last woken through one Live, and what is still to be told."""

    def __init__(self) -> None:
        self.told: dict[str, float] = {}
        self.later: dict[str, asyncio.Task[None]] = {}


_paces: WeakKeyDictionary[Live, _Pace] = WeakKeyDictionary()


def inbox_key(tenant: str) -> str:
    """The key whose watchers are woken when a tenant's inbox changes."""
    return f"inbox/{tenant}"


def shows_in_inbox(before: Head | None, after: Head) -> bool:
    """Whether a row of the inbox looks different after a change."""
    return before is None or _row(before) != _row(after)


def _row(head: Head) -> tuple[object, ...]:
    return head.state, head.assignee, head.last, head.unread, head.snoozed_until, head.handover


def wake_inbox(live: Live, tenant: str) -> None:
    """Wake them at once, or at the end of the pause where they were woken just now. Never waits."""
    pace = _paces.setdefault(live, _Pace())
    if tenant in pace.later:
        return
    wait = max(0.0, pace.told.get(tenant, -PAUSE) + PAUSE - monotonic())
    pace.later[tenant] = asyncio.get_running_loop().create_task(_tell(live, pace, tenant, wait))


async def _tell(live: Live, pace: _Pace, tenant: str, wait: float) -> None:
    await asyncio.sleep(wait)
    del pace.later[tenant]
    pace.told[tenant] = monotonic()
    try:
        await live.notify(inbox_key(tenant))
    except Exception as error:  # noqa: BLE001 - a hint that is lost loses nothing, and its store may be closed
        log.debug("inbox.hint_lost", extra={"family": type(error).__name__})
