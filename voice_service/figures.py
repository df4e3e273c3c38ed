"""Measures what a call is like while it lasts: times by stage, interruptions, feeling, and what it cost."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from livekit.agents import (
    AgentFalseInterruptionEvent,
    AgentSession,
    ConversationItemAddedEvent,
    llm,
    stt,
    tts,
)
from livekit.agents.metrics import LLMModelUsage, STTMetrics, TTSMetrics
from livekit.agents.voice.events import SessionUsageUpdatedEvent

from shared.config.speech_vendors import VENDORS
from shared.config.versions import Published
from shared.desk.commit import head_path, read_head
from shared.desk.services import Services
from shared.desk.spending import LEAST, budget_of
from shared.desk.transcript import read_transcript
from shared.domain.calls import Call, CallOutcome, Figures
from shared.domain.errors import FrontdeskError, Permanent
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.models.budget import BudgetEnded
from shared.models.chat_model import Usage
from shared.models.satisfaction import satisfaction_of
from shared.models.speech_prices import read_speech_prices
from shared.security.tenancy import TenantStore
from voice_service.call_state import CallState
from voice_service.desk_llm import DeskLLM
from voice_service.levels import Levels
from voice_service.traces import TRACES
from voice_service.ways_of_answering import Answered

log = logging.getLogger(__name__)

STAGES = {
    "transcription_delay": "stt",  # from the end of speech to its words
    "end_of_turn_delay": "endpointing",  # to the decision that it was the caller's last
    "llm_node_ttft": "thinking",  # of the answering alone, to its first words
    "tts_node_ttfb": "tts",  # from those to their first sound
    "e2e_latency": "whole",  # from the end of speech to the first sound
}
"""LiveKit's name of each time, and ours; of a realtime model, which tells no end of speech, it knows none."""

MOST = 500
"""Times kept of each stage; a long call's oldest go."""


class CallFigures:
    """One call's. `tier_cost` is asked what a spoken minute costs now; 0 = as its vendor."""

    def __init__(
        self,
        services: Services,
        store: TenantStore,
        state: CallState,
        published: Published,
        *,
        levels: Levels,
    ) -> None:
        self.tier_cost: Callable[[], float] = lambda: 0.0
        self.beside: Callable[[], dict[str, Any]] = dict  # what of this job is measured elsewhere, by name
        self.on_budget_end: Callable[[BudgetEnded], None] = lambda _: None  # called once, of a realtime model
        self.sentiments: list[float] = []
        self._services = services
        self._store = store
        self._state = state
        self._published = published
        self._levels = levels
        self._before = state.call.figures  # of jobs before this one
        self._stages: dict[str, list[float]] = defaultdict(list)
        self._counted = Figures()
        self._waited: float | None = None  # s the caller waited for the words that are not played yet
        self._turn_money = 0.0
        self._speech_money = 0.0
        self._realtime_money, self._realtime_tokens = 0.0, [0, 0]
        self._spent = 0.0  # of the speech, as the budget knows it
        self._without_money = False
        self._writing: asyncio.Task[None] | None = None

    def follow(self, session: "AgentSession[None]") -> None:
        """Listen to what LiveKit measures in a session, until the end of the call."""
        session.on("conversation_item_added", self._item_added)
        session.on("session_usage_updated", self._used)
        session.on("agent_false_interruption", self._false_interruption)
        self._writing = asyncio.create_task(self._write_regularly())

    def listen(self, *parts: "stt.STT[Any] | tts.TTS[Any]") -> None:
        """Count what these hear and speak."""
        for part in parts:
            part.on("metrics_collected", self._collected)

    def answered(self, answered: Answered) -> None:
        """Count an answer: how it came about, how long it took, how its caller sounded."""
        mode = self._state.call.mode
        if answered.tripped:
            self._add(breaker_trips=1)
        if answered.way == "canned" or (answered.way == "direct" and mode != "direct"):
            self._add(fallbacks=1)
        if thought := answered.thought:
            if thought.signals.sentiment is not None:
                self.sentiments.append(thought.signals.sentiment)
            self._turn_money += sum(step.money for step in thought.steps)
            self._add(
                input_tokens=sum(step.input for step in thought.steps),
                output_tokens=sum(step.output for step in thought.steps),
            )

    def judged(self, signals: Signals, step: Step | None) -> None:
        """Count how the caller's last words sounded, where they were judged beside the sound."""
        if signals.sentiment is not None:
            self.sentiments.append(signals.sentiment)
        if step is not None:
            self._speech_money += step.money  # no turn counts it against the budget
            self._add(input_tokens=step.input, output_tokens=step.output)

    def took(self, stage: str, seconds: float) -> None:
        """Count how long a stage of a spoken turn took, where file and level have it so."""
        detailed = self._published.config.voice.integration.detailed_metrics
        if seconds > 0 and detailed and self._levels.has("figures"):
            times = self._stages[stage]
            times.append(seconds * 1000)
            del times[:-MOST]

    def waited(self, seconds: float) -> None:
        """Count how long the caller waited for what begins to be heard now, where LiveKit does not know."""
        self._waited = seconds
        self.took("whole", seconds)

    async def satisfied(self, outcome: CallOutcome) -> float | None:
        """How satisfied the caller was, inferred from the talk; None where they said nothing, or too late."""
        store, config, call = self._store, self._published.config, self._state.call
        try:
            head = read_head(await store.get(head_path(call.conversation)))
            if head is None or not head.pending or not self._levels.has("figures"):
                return None
            talk = await read_transcript(store, call.conversation, head, config, head.last)
            route = self._services.models.route("fast")
            found = await satisfaction_of(route, talk.turns, self.sentiments, outcome)
        except FrontdeskError as error:
            log.warning("call.not_judged", extra={"call": call.id, "why": str(error)})
            return None
        self._speech_money += route.money
        await self._count_speech()
        return found

    def of(self, figures: Figures) -> Figures:
        """The figures with what is measured here in them."""
        new, before = msgspec.structs.replace(self._counted, **self.beside()), self._before
        feelings = self.sentiments
        return msgspec.structs.replace(
            figures,
            turns=before.turns + new.turns,
            interruptions=before.interruptions + new.interruptions,
            false_interruptions=before.false_interruptions + new.false_interruptions,
            silences=before.silences + new.silences,
            fallbacks=before.fallbacks + new.fallbacks,
            breaker_trips=before.breaker_trips + new.breaker_trips,
            latency_ms={name: both for name, times in self._stages.items() if (both := percentiles(times))}
            or before.latency_ms,
            sync_failures=before.sync_failures + self._state.sync_failures,
            unwritten=before.unwritten + new.unwritten,
            sync_ms=percentiles(self._state.sync_ms) or before.sync_ms,
            spoken_seconds=round(before.spoken_seconds + new.spoken_seconds, 1),
            sentiment=round(sum(feelings) / len(feelings), 3) if feelings else before.sentiment,
            money=round(before.money + self._turn_money + self._speech_money, 6),
            input_tokens=before.input_tokens + new.input_tokens,
            output_tokens=before.output_tokens + new.output_tokens,
            **{
                name: getattr(before, name) if getattr(new, name) is None else getattr(new, name)
                for name in ("jitter_ms", "loss", "concealed", "kbits")
            },
        )

    async def close(self) -> Figures:
        """The figures as they are at the end; what the speech cost is counted against the budget."""
        if self._writing:
            self._writing.cancel()
        await self._count_speech()
        return self.of(self._state.call.figures)

    async def _write_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._published.config.voice.integration.metrics_seconds)
            self._state.edit(self._with_figures)
            if await self._count_speech():
                self._levels.recovered("figures")
            await self._look_for_money()

    def _with_figures(self, call: Call) -> Call:
        return msgspec.structs.replace(call, figures=self.of(call.figures))

    async def _count_speech(self) -> bool:
        """Count what the speech cost since the last time; False where the store was busy."""
        owed = self._speech_money - self._spent
        if owed <= 0:
            return True
        budget = budget_of(self._services, self._store, self._published.config)
        try:
            await budget.spend(self._state.call.conversation, owed)
        except FrontdeskError as error:
            self._levels.failed("figures", str(error))
            return False
        self._spent += owed
        return True

    async def _look_for_money(self) -> None:
        """Tell where none is left for a realtime model, which asks nobody; a pipeline's turns do."""
        if self._state.call.mode != "realtime" or self._without_money:
            return
        budget = budget_of(self._services, self._store, self._published.config)
        try:
            await budget.settle(await budget.reserve(self._state.call.conversation, LEAST), 0.0)
        except BudgetEnded as ended:
            self._without_money = True
            self.on_budget_end(ended)
        except FrontdeskError as error:
            log.warning("call.money_not_looked_for", extra={"family": type(error).__name__})

    def _add(self, **by: float) -> None:
        now = {name: getattr(self._counted, name) + value for name, value in by.items()}
        self._counted = msgspec.structs.replace(self._counted, **now)

    def _item_added(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage):
            return
        if item.role == "user":
            self._add(turns=1)
        elif item.role == "assistant":
            self._add(interruptions=int(item.interrupted))
            if self._published.config.voice.integration.trace:
                times = {"e2e_latency": self._waited, **item.metrics}
                TRACES.turn(self._state.call, times, interrupted=item.interrupted)
            self._waited = None
        for name, stage in STAGES.items():
            seconds = item.metrics.get(name)
            if isinstance(seconds, int | float):
                self.took(stage, seconds)

    def _false_interruption(self, event: AgentFalseInterruptionEvent) -> None:
        self._add(false_interruptions=int(event.resumed))

    def _collected(self, measured: STTMetrics | TTSMetrics) -> None:
        if isinstance(measured, STTMetrics):
            self._speech_money += read_speech_prices().cost(
                "hears", _vendor(measured.label), measured.audio_duration
            )
        else:
            self._add(spoken_seconds=measured.audio_duration)
            per_minute = self.tier_cost()
            self._speech_money += (
                per_minute * measured.audio_duration / 60
                if per_minute
                else read_speech_prices().cost("speaks", _vendor(measured.label), measured.audio_duration)
            )

    def _used(self, event: SessionUsageUpdatedEvent) -> None:
        """Count the tokens of a realtime model; the desk's own are on its turns."""
        catalogue, now = self._services.models.catalogue, self._services.ports.clock.now()
        money, tokens = 0.0, [0, 0]
        for one in event.usage.model_usage:
            if not isinstance(one, LLMModelUsage) or one.provider == DeskLLM.PROVIDER:
                continue
            usage = Usage(input=one.input_tokens, cached=one.input_cached_tokens, output=one.output_tokens)
            tokens = [tokens[0] + usage.input, tokens[1] + usage.output]
            try:
                money += catalogue.cost(one.model, usage, now)
            except Permanent as error:
                log.warning("call.model_without_price", extra={"why": str(error)})
        self._speech_money += money - self._realtime_money
        self._add(
            input_tokens=tokens[0] - self._realtime_tokens[0],
            output_tokens=tokens[1] - self._realtime_tokens[1],
        )
        self._realtime_money, self._realtime_tokens = money, tokens


def _vendor(label: str) -> str:
    """Our name of the vendor whose plugin's class this is."""
    return next((name for name in VENDORS if name in label), "")


def percentiles(values: Sequence[float]) -> tuple[float, float] | None:
    """The 50th and the 95th, rounded to a tenth; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    last = len(ordered) - 1
    return round(ordered[len(ordered) // 2], 1), round(ordered[min(last, int(len(ordered) * 0.95))], 1)
