"""Wakes who looks at a list that is no conversation: tickets, calls, callbacks, runs, colleagues, notices."""

import logging

from shared.domain.errors import FrontdeskError
from shared.ports import Ports

log = logging.getLogger(__name__)


def tickets_key(tenant: str) -> str:
    """The key whose watchers are woken when a tenant's tickets change."""
    return f"tickets/{tenant}"


def calls_key(tenant: str) -> str:
    """The key whose watchers are woken when a call of a tenant comes to another point."""
    return f"calls/{tenant}"


def callbacks_key(tenant: str) -> str:
    """The key whose watchers are woken when a tenant's promised calls change."""
    return f"callbacks/{tenant}"


def runs_key(tenant: str) -> str:
    """The key whose watchers are woken when a run of a tenant comes to another point."""
    return f"runs/{tenant}"


def colleagues_key(tenant: str) -> str:
    """The key whose watchers are woken when who is there, or who works there, changes."""
    return f"colleagues/{tenant}"


def notices_key(tenant: str, colleague: str) -> str:
    """The key whose watchers are woken when a colleague is told something."""
    return f"notices/{tenant}/{colleague}"


async def wake(ports: Ports, key: str) -> None:
    """Wake them. A hint that is lost loses nothing: what it announces is stored."""
    try:
        await ports.live.notify(key)
    except FrontdeskError as error:
        log.warning("live.hint_lost", extra={"family": type(error).__name__})
