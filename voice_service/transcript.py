"""Writes down what both sides say, in the order it was said, beside the sound."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.config.versions import Published
from shared.desk.calls.spoken import heard, said
from shared.desk.services import Services
from shared.domain.calls import Call
from shared.domain.errors import FrontdeskError, Transient
from shared.domain.receipts import Step
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

LAST_PIECE = 1.5
"""Seconds that our words wait for the end of the caller's, which the vendor tells late."""

AGAIN, AGAIN_AT_MOST = 0.2, 5.0
"""Seconds after which words that the store did not take are offered again: at first, and in the end."""

PATIENCE = 6.0
"""Seconds that anybody waits for words to be written."""


@dataclass(frozen=True, slots=True)
class Words:
    """One side's words, with the name LiveKit gave them."""

    item: str
    text: str
    caller: bool = False
    answers: bool = True
    by: str | None = None  # the colleague who said it; empty where they have no name here
    to_person: bool = False  # said to a colleague, who answers it
    steps: tuple[Step, ...] = ()
    turn: str | None = None  # the turn that committed them as its answer
    trace: tuple[dict[str, object], ...] = ()  # the tools behind them
    judged: bool = False  # whether a turn judges them itself


class Transcript:
    """The written side of a call. `after_heard` is called once the caller's words are written."""

    def __init__(
        self,
        services: Services,
        store: TenantStore,
        call: Callable[[], Call],
        published: Published,
        *,
        after_heard: Callable[[], Awaitable[None]],
    ) -> None:
        self.turns = 0
        self.lost = 0  # words that were not written and will not be
        self._services = services
        self._store = store
        self._call = call
        self._published = published
        self._after_heard = after_heard
        self._unfinished: dict[str, str] = {}  # the caller's words so far, by item
        self._seen: set[str] = set()
        self._waiting = deque[Words]()
        self._held: list[Words] = []  # ours, which follow what the caller has not ended
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._judging: set[asyncio.Task[None]] = set()

    def caller_says(
        self, item: str, text: str, *, final: bool, judged: bool = False, to_person: bool = False
    ) -> None:
        """Take words of the caller, which grow until they are final."""
        if item in self._seen or not text.strip():
            return
        if not final:
            self._unfinished[item] = text
            return
        self._unfinished.pop(item, None)
        self._seen.add(item)
        self._put(Words(item, text.strip(), caller=True, judged=judged, to_person=to_person))
        if not self._unfinished:
            self._release()

    def we_said(
        self,
        item: str,
        text: str,
        *,
        answers: bool = True,
        by: str | None = None,
        steps: tuple[Step, ...] = (),
        turn: str | None = None,
        trace: tuple[dict[str, object], ...] = (),
    ) -> None:
        """Take words of ours that were played; they stand after what the caller said before them."""
        if item in self._seen or not text.strip():
            return
        self._seen.add(item)
        words = Words(item, text.strip(), answers=answers, by=by, steps=steps, turn=turn, trace=trace)
        if not self._unfinished:
            self._put(words)
            return
        self._held.append(words)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LAST_PIECE, self._give_up_waiting)

    async def settled(self) -> None:
        """Returns once what was said so far is written, or after a while where the store does not take it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self._writing and not self._writing.done():
                    await asyncio.shield(self._writing)

    async def finish(self) -> None:
        """Write down what was said so far, whatever of it is unfinished."""
        self._give_up_waiting()
        await self.settled()

    async def close(self) -> None:
        """Write down what is left; what the store does not take by now is lost."""
        await self.finish()
        if self._writing and not self._writing.done():
            self._writing.cancel()
            self.lost += len(self._waiting)
            log.error("call.words_lost", extra={"call": self._call().id, "count": len(self._waiting)})
        if self._judging:
            await asyncio.wait(self._judging, timeout=3)
        for task in self._judging:
            task.cancel()

    def _give_up_waiting(self) -> None:
        for item, text in list(self._unfinished.items()):
            self.caller_says(item, text, final=True)
        self._release()

    def _release(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        for words in self._held:
            self._put(words)
        self._held.clear()

    def _put(self, words: Words) -> None:
        self._waiting.append(words)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._waiting:
            words, pause = self._waiting[0], AGAIN
            while not await self._taken(words):
                await asyncio.sleep(pause)
                pause = min(2 * pause, AGAIN_AT_MOST)
            self._waiting.popleft()

    async def _taken(self, words: Words) -> bool:
        """Whether the store is done with the words: they are written, or never can be."""
        try:
            await self._write_one(words)
        except FrontdeskError as error:
            log.warning("call.words_not_written", extra={"call": self._call().id, "why": str(error)})
            if isinstance(error, Transient):
                return False
            self.lost += 1
        return True

    async def _write_one(self, words: Words) -> None:
        services, store, config = self._services, self._store, self._published.config
        if words.caller:
            place = services, store, self._call(), words.item, words.text
            if await heard(*place, config=config, to_person=words.to_person) is None:
                return
            self.turns += 1
            if words.judged or words.to_person:
                return
            judging = asyncio.create_task(self._judge())
            self._judging.add(judging)
            judging.add_done_callback(self._judging.discard)
            return
        await said(
            services, store, self._call(), words.item, words.text, config=config,
            by=words.by or "", spoken=words.by is not None, answers=words.answers,
            version=self._published.version, steps=words.steps, turn=words.turn, trace=words.trace,
        )  # fmt: skip

    async def _judge(self) -> None:
        try:
            await self._after_heard()
        except FrontdeskError as error:
            log.warning("call.not_judged", extra={"call": self._call().id, "why": str(error)})
