"""A clock a test moves."""

from datetime import UTC, datetime, timedelta


class SetClock:
    """Stands still until `pass_`."""

    def __init__(self, at: str = "2026-11-20T16:59:00") -> None:
        self.at = datetime.fromisoformat(at).replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The time it was set to."""
        return self.at

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
