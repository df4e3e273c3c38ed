"""The time of the machine; Google keeps its machines' clocks right."""

from datetime import UTC, datetime

from shared.ports import Clock


class GoogleClock(Clock):
    """Now, as the machine tells it."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)
