"""Goes over to a new connection before the vendor ends the old one, at a moment when nobody speaks."""

import asyncio
import time

from voice_service.talk import Talk

LOOKS_EVERY = 0.2
MARGIN = 2.0
"""Seconds before the vendor's end from which it is done whether anybody speaks or not."""

LONGEST = 60.0
"""Seconds that a rollover of our own waits for a quiet moment."""


class Rollover:
    """Watches the age of a talk's connection."""

    def __init__(self, talk: Talk, *, minutes: float) -> None:
        self._talk = talk
        self._seconds = minutes * 60

    async def run(self) -> None:
        """Watch until the call is over."""
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            await self.look()

    async def look(self) -> None:
        """Go over to a new connection if it is time; the old one serves until then."""
        lasting = self._talk.lasting
        if lasting is None or lasting.renewing or lasting.connection.ended.is_set():
            return
        now, connection = time.monotonic(), lasting.connection
        due = min(connection.opened_at + self._seconds, connection.goes_at or float("inf"))
        last = connection.goes_at - MARGIN if connection.goes_at else due + LONGEST
        is_due = connection.goes_at is not None or now >= due
        if is_due and (self.quiet() or now >= last):
            await lasting.take_new_connection("the connection grows old", resume=True, quiet=self.quiet)

    def quiet(self) -> bool:
        """Whether the connection is not needed just now; what it has said already may still be heard."""
        talk, lasting = self._talk, self._talk.lasting
        if lasting is None or talk.caller.speaking or talk.tools.running or lasting.asked_since:
            return False
        return not lasting.connection.busy and talk.unanswered_since is None
