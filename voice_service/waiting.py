"""Waiting for what has no event of its own."""

import asyncio
import time
from collections.abc import Callable


async def until(holds: Callable[[], bool], *, seconds: float, step: float = 0.05) -> bool:
    """Whether something came to hold in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(step)
    return True
