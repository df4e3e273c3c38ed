"""Stops asking a model that keeps failing, and lets one request through now and then to see if it is back."""

from datetime import datetime, timedelta

from shared.ports import Clock

_FAILURES = 3
_WINDOW = timedelta(seconds=30)
_REST = timedelta(seconds=30)
_LONGEST = timedelta(minutes=10)


class Breaker:
    """One circuit for each name, in this process: three failures within 30 s open it for 30 s."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[str, list[datetime]] = {}
        self._open_until: dict[str, datetime] = {}

    def admits(self, name: str) -> bool:
        """Whether to ask now. When a rest is over, one caller is let through and the others rest on."""
        until = self._open_until.get(name)
        if until is None:
            return True
        now = self._clock.now()
        if now < until:
            return False
        # The probe may never report, if its caller is gone; so it too only holds the door for a rest.
        self._open_until[name] = now + _REST
        return True

    def succeeded(self, name: str) -> None:
        """It answered: close the circuit and forget its failures."""
        self._failures.pop(name, None)
        self._open_until.pop(name, None)

    def failed(self, name: str, *, rest: float | None = None) -> None:
        """It failed. A `rest` the vendor asks for, in seconds, opens the circuit at once."""
        now = self._clock.now()
        recent = [at for at in self._failures.get(name, ()) if now - at < _WINDOW]
        self._failures[name] = [*recent, now][-_FAILURES:]
        if rest:
            self._open_until[name] = now + min(timedelta(seconds=rest), _LONGEST)
        elif name in self._open_until or len(self._failures[name]) >= _FAILURES:
            self._open_until[name] = now + _REST
