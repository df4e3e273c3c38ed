"""The machine's own time."""

from datetime import UTC, datetime


class EmbeddedClock:
    """The Clock port on the system clock."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)
