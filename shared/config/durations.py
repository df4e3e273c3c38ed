"""How long, as people write it in a file: 30s, 5m, 24h or 7d."""

from datetime import timedelta
from typing import Annotated

from pydantic import StringConstraints

Duration = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,4}[smhd]$")]
"""30s, 5m, 1h or 7d."""
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def length(duration: str) -> timedelta:
    """The time a checked duration spans."""
    return timedelta(seconds=int(duration[:-1]) * _SECONDS[duration[-1]])
