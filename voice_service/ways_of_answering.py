"""Answers what a caller said, one way or the next: as known, by the desk, by a model alone, honestly.

The desk has until its deadline to begin. One that has acted is awaited and its caller kept company; one
that has not is cut off before its commit, and a model alone answers the same words.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Literal, Protocol

from opentelemetry import trace

from shared.config.versions import Published
from shared.desk.beside import OwnTool
from shared.desk.calls.aside import say_aside
from shared.desk.calls.direct import DirectTurn
from shared.desk.calls.giving_up import give_up, once_more, words_given_up
from shared.desk.calls.repeating import RepeatedTurn
from shared.desk.calls.spoken import heard
from shared.desk.calls.turn import Say, SpokenTurn
from shared.desk.services import Services
from shared.desk.thought import Thought
from shared.domain.calls import Call
from shared.domain.errors import Contested, FrontdeskError, Transient
from shared.models.budget import BudgetEnded
from shared.security.tenancy import TenantStore
from voice_service.aloud import Aloud
from voice_service.answer_cache import AnswerCache, key_of
from voice_service.breaker import DeskBreaker, tell_others
from voice_service.levels import Levels
from voice_service.traces import TRACES

log = logging.getLogger(__name__)

FILLERS = {
    "en": ("One moment, please.", "I am looking into it."),
    "hi": ("एक क्षण, कृपया।", "मैं देख रही हूँ।"),
}
"""What keeps a caller company where the desk's file has no words for it."""

Way = Literal["desk", "direct", "cache", "canned"]


class Turn(Protocol):
    """One way of answering once."""

    spoke: bool

    @property
    def acted(self) -> bool:
        """Whether a tool has run."""
        ...

    async def run(self, say: Say) -> Thought | None:
        """The answer, said and committed."""
        ...

    async def summarise(self) -> None:
        """What may wait until it is on its way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What answering once came to."""

    way: Way
    thought: Thought | None  # None where nobody may answer, or nothing waits
    ms: float
    first_ms: float | None  # until its first words were ready
    wanted: Way  # the way that was tried first
    tripped: bool = False  # whether the breaker opened by it


class Ways:
    """One call's. `told` hears of every answer; `lost` is called once another job has the call."""

    def __init__(
        self,
        services: Services,
        store: TenantStore,
        call: Callable[[], Call],
        published: Published,
        *,
        levels: Levels,
        breaker: DeskBreaker,
        cache: AnswerCache,
        lost: Callable[[], None],
        tools: Mapping[str, OwnTool] | None = None,
    ) -> None:
        """`tools` are those of the call itself, beside the desk's."""
        self.language = published.config.voice.language or published.config.desk.languages[0]
        self._services = services
        self._store = store
        self._call = call
        self._published = published
        self.levels = levels
        self.quiet = False  # whether nothing that is heard is answered any more
        self.told: Callable[[Answered], Awaitable[None]] = _nobody
        self._breaker = breaker
        self._cache = cache
        self._lost = lost
        self._tools = tools
        self._heard: set[str] = set()
        self._failed = 0  # answers running that nothing but an apology could give
        self._fillers = 0
        self._aloud: Aloud | None = None  # the answer under way
        self._beside: set[asyncio.Task[None]] = set()

    async def answer(self, item: str, text: str, say: Say) -> Answered:
        """Answer the caller's words; `item` is their own name, the same for every telling.

        Cancelled, it lets go, and the next answer covers the same words.
        """
        self._aloud = aloud = Aloud(say, self.language)
        began, trips = perf_counter(), self._breaker.trips
        try:
            with self._traced(text) as span:
                await self._write_down(item, text.strip())
                wanted, known = await self._wanted(text)
                way, thought = await self._answer(wanted, known, text, aloud)
                span.set_attribute("frontdesk.way", way)
        finally:
            self._aloud = None
        answered = Answered(
            way=way,
            thought=thought,
            ms=(perf_counter() - began) * 1000,
            first_ms=aloud.first_ms,
            wanted=wanted,
            tripped=self._breaker.trips > trips,
        )
        if thought is not None and thought.language:
            self.language = thought.language
        await self.told(answered)
        return answered

    async def aside(self, wanted: str, say: Say) -> None:
        """Say what is wanted beside the turns; where nothing puts it into words, nothing is said."""
        aloud = Aloud(say, self.language)
        try:
            place = self._services, self._store, self._call(), self._published
            await say_aside(*place, wanted=wanted, say=aloud.whole)
        except FrontdeskError as error:
            log.warning("call.aside_not_said", extra={"call": self._call().id, "why": str(error)})

    async def keep_company(self) -> bool:
        """Say that we are at it, within the answer under way; False where none is, or it speaks already."""
        if self._aloud is None or self._aloud.said:
            return False
        await self._aloud.whole(self._filler())
        return True

    async def close(self) -> None:
        """End what runs beside the sound."""
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    @property
    def _may_fall_back(self) -> bool:
        """Whether a model alone may answer where the desk does not."""
        return self._published.config.voice.integration.fallback_to_direct

    async def _write_down(self, item: str, text: str) -> None:
        """Write down what was heard, so that a turn finds it; whoever tells it again changes nothing."""
        if text and item not in self._heard:
            config = self._published.config
            await heard(self._services, self._store, self._call(), item, text, config=config)
            self._heard.add(item)

    async def _wanted(self, text: str) -> tuple[Way, str]:
        """The way to try first, and the answer where it is known."""
        if self._call().mode == "direct":
            return "direct", ""
        if self._repeatable() and (known := await self._cache.find(self._key(text))):
            return "cache", known
        if not self._breaker.admits():
            self.levels.failed("desk", "it rests after failures")
            return "direct" if self._may_fall_back else "canned", ""
        return "desk", ""

    def _repeatable(self) -> bool:
        """Only the first words of who called us stand for themselves; others mean what was said before them.

        So do those of who was asked whether the call may be recorded.
        """
        call = self._call()
        alone = len(self._heard) == 1 and not (call.opening or call.recording)
        return alone and call.direction != "outbound"

    def _key(self, text: str) -> tuple[int, str, str, str]:
        return key_of(self._published.version, self._call().agent, self.language, text)

    async def _answer(self, wanted: Way, known: str, text: str, aloud: Aloud) -> tuple[Way, Thought | None]:
        place = self._services, self._store, self._call(), self._published
        try:
            if wanted == "cache":
                return "cache", await self._run(RepeatedTurn(*place, known), aloud)
            if wanted == "desk":
                done, thought = await self._by_desk(text, aloud)
                if done:
                    return "desk", thought
            if wanted == "canned":
                raise Transient("the desk rests after failures, and its file wants no model alone")
            return "direct", await self._run(DirectTurn(*place), aloud)
        except Contested:
            self._lost()
            return wanted, None
        except FrontdeskError as error:
            return await self._honestly(error, aloud)

    async def _by_desk(self, text: str, aloud: Aloud) -> tuple[bool, Thought | None]:
        """Whether the desk answered, and its thought; where it failed unheard, another way may answer."""
        place = self._services, self._store, self._call(), self._published
        turn = SpokenTurn(*place, tools=self._tools)
        try:
            thought = await self._within_deadline(turn, aloud)
        except (Contested, BudgetEnded):
            raise
        except FrontdeskError as error:
            log.warning("call.desk_failed", extra={"call": self._call().id, "why": str(error)})
            if self._breaker.failed():
                self.levels.failed("desk", str(error))
                await tell_others(self._services, self._store, self._published)
            if turn.spoke or not self._may_fall_back:
                raise
            return False, None
        self._breaker.succeeded()
        self.levels.recovered("desk")
        if thought is not None and self._repeatable():
            await self._cache.keep(self._key(text), thought)
        return True, thought

    async def _within_deadline(self, turn: SpokenTurn, aloud: Aloud) -> Thought | None:
        """What the desk thought. Raises Transient where it was cut off, having done and said nothing."""
        voice = self._published.config.voice
        running = asyncio.create_task(self._run(turn, aloud))
        try:
            await asyncio.wait({running}, timeout=voice.deadline_ms / 1000)
            if not running.done() and not turn.spoke:
                if not turn.acted and self._may_fall_back:
                    raise Transient("the desk did not begin to answer before its deadline")
                await self.keep_company()
            return await asyncio.shield(running)
        finally:
            running.cancel()
            await asyncio.wait({running})

    async def _run(self, turn: Turn, aloud: Aloud) -> Thought | None:
        """A turn, with what it offers beside its text; an error nobody foresaw is a passing one."""
        try:
            thought = await turn.run(aloud)
        except FrontdeskError:
            raise
        except Exception as error:
            log.exception("call.turn_broke", extra={"call": self._call().id})
            raise Transient("an unexpected error, described in the logs") from error
        if thought is not None:
            self._failed = 0
            await aloud.rest(thought)
            summing = asyncio.create_task(turn.summarise())
            self._beside.add(summing)
            summing.add_done_callback(self._summed)
        return thought

    def _summed(self, summing: "asyncio.Task[None]") -> None:
        self._beside.discard(summing)
        if not summing.cancelled() and (error := summing.exception()):
            log.warning("call.summary_put_off", extra={"family": type(error).__name__})

    async def _honestly(self, error: FrontdeskError, aloud: Aloud) -> tuple[Way, Thought | None]:
        """Say that it did not work; the second time, and where trying again cannot help, ask a person."""
        log.warning("call.not_answered", extra={"call": self._call().id, "why": str(error)})
        self._failed += 1
        if isinstance(error, Transient) and self._failed == 1:
            await aloud.whole(once_more(self.language))
            return "canned", None
        call = self._call()
        try:
            thought = await give_up(self._services, self._store, call, self._published, error)
        except FrontdeskError as busy:
            log.warning("call.not_given_up", extra={"call": call.id, "why": str(busy)})
            await aloud.whole(once_more(self.language))
            return "canned", None
        if thought is not None:
            await aloud.whole(words_given_up(self._services, call, self._published, thought))
        return "canned", thought

    def _filler(self) -> str:
        words = self._published.config.voice.watchdog.fillers
        words = words or FILLERS.get(self.language[:2], FILLERS["en"])
        self._fillers += 1
        return words[(self._fillers - 1) % len(words)]

    @contextlib.contextmanager
    def _traced(self, text: str) -> Iterator[trace.Span]:
        """A span around the answering, where the desk's file wants traces; it holds no words."""
        if not self._published.config.voice.integration.trace:
            yield trace.INVALID_SPAN
            return
        with TRACES.tracer.start_as_current_span("agent_processing") as span:
            span.set_attribute("frontdesk.call_id", self._call().id)
            span.set_attribute("frontdesk.input_length", len(text))
            yield span


async def _nobody(_: Answered) -> None:
    """Nobody keeps what an answer came to."""
