"""How long and how often an adapter asks: one deadline, one quick second try, and few of those in all."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

from shared.domain.errors import Transient
from shared.models.chat_model import Answer, Delta
from shared.models.failures import Unusable

Pieces = AsyncGenerator[Delta | Answer, None]
"""What one asking yields: deltas, then the whole answer."""

_SHORT = 5.0  # seconds; a vendor that asks for a longer pause is left to the caller to replace
_EARNED = 0.08  # second tries each request earns: with the reserve, at most a tenth on top from 200 on
_RESERVE = 3.0
_MOST = 10.0


class Overloaded(Transient):
    """The vendor, or the line to it, failed for the moment: a quick second try may help."""


class RetryBudget:
    """Second tries are earned by first ones, so that an outage is never met with twice the load."""

    def __init__(self) -> None:
        self._left = _RESERVE

    def earn(self) -> None:
        """Count a request that was made for the first time."""
        self._left = min(_MOST, self._left + _EARNED)

    def spend(self) -> bool:
        """Whether a second try is affordable; if so it is paid."""
        if self._left < 1:
            return False
        self._left -= 1
        return True


async def ask_patiently(
    ask: Callable[[], Pieces], *, seconds: float, budget: RetryBudget, shown: bool = True
) -> AsyncIterator[Delta | Answer]:
    """The pieces of `ask()`, begun anew once where that may help and nobody has seen a piece yet.

    `seconds` cover everything, pauses too; `shown=False` keeps deltas back, so that even a
    half-told answer can be begun anew. Raises what `ask` raises, and Transient at the deadline.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    budget.earn()
    for first in (True, False):
        told = False
        try:
            async with aclosing(ask()) as pieces:
                while (piece := await _next(pieces, deadline, seconds)) is not None:
                    if shown or isinstance(piece, Answer):
                        told = True
                        yield piece
        except Transient as error:
            pause = _pause(error)
            left = deadline - asyncio.get_running_loop().time()
            if told or not first or pause is None or pause >= left or not budget.spend():
                raise
        else:
            return
        await asyncio.sleep(pause)


async def whole(pieces: AsyncIterator[Delta | Answer]) -> Answer:
    """The answer at the end of a stream. Raises Unusable where the stream ends without one."""
    last: Delta | Answer | None = None
    async for piece in pieces:  # to the very end, so that its connection is given back
        last = piece
    if not isinstance(last, Answer):
        raise Unusable("the model's stream ended without an answer; ask again")
    return last


async def _next(pieces: Pieces, deadline: float, seconds: float) -> Delta | Answer | None:
    # The clock runs only while the model is awaited: a deadline that fell due during a `yield`
    # would cancel whoever reads us instead.
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(pieces, None)
    except TimeoutError:
        raise Transient(f"the model did not finish within {seconds:g} s; try another or later") from None


def _pause(error: Transient) -> float | None:
    """Seconds to wait before a second try, or None where it would be no use."""
    if isinstance(error, Unusable):
        return 0.0
    if error.retry_after is not None:
        return error.retry_after + random.uniform(0, 0.1) if error.retry_after <= _SHORT else None
    return random.uniform(0.05, 0.25) if isinstance(error, Overloaded) else None
