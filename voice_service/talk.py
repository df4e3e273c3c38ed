"""The desk's side of one call in realtime mode: the model, its tools, its transcript, tied together."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from livekit import rtc
from livekit.agents import (
    NOT_GIVEN,
    Agent,
    AgentSession,
    ConversationItemAddedEvent,
    UserInputTranscribedEvent,
    llm,
)
from livekit.agents.voice import room_io

from shared.bootstrap import Process
from shared.config.versions import Published
from shared.desk.calls.judging import judge_last_words
from shared.desk.commit import head_path, read_head
from shared.desk.services import Services
from shared.domain.calls import Figures
from shared.domain.effects import HandOver
from shared.domain.errors import NotConnected
from shared.security.tenancy import TenantStore
from voice_service.call_means import CallMeans
from voice_service.call_state import CallState
from voice_service.call_tools import call_tools, own_tools
from voice_service.caller_voice import CallerVoice, HeardInput
from voice_service.desk_agent import DeskAgent, DeskTools
from voice_service.fallback import VoiceAlone, fallback
from voice_service.instructions import Told, instruct
from voice_service.interruptions import Interruptions
from voice_service.lasting import LastingModel, LastingSession
from voice_service.our_sound import OurSound, published_as
from voice_service.pipeline import CONNECTING, Pipeline, orchestrated
from voice_service.prices import Prices
from voice_service.quality import Line
from voice_service.realtime import realtime_model
from voice_service.realtime_words import RealtimeWords
from voice_service.recording import Recorder
from voice_service.speaking import Speaking
from voice_service.transcript import Transcript

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A call that a job holds, and what it works with."""

    process: Process
    services: Services
    store: TenantStore
    state: CallState
    published: Published
    room: rtc.Room


class Talk:
    """A desk that talks with a caller."""

    def __init__(self, hold: Hold, *, hang_up: Callable[[str], None]) -> None:
        services, store, state, published = hold.services, hold.store, hold.state, hold.published
        self.hold = hold
        self.state = state
        self.choices: tuple[tuple[str, str], ...] = ()  # what was offered last: (id, title)
        self.on_hand_over: Callable[[HandOver], None] = lambda _: None
        self.on_machine: Callable[[str], None] = lambda _: None  # called where no person took a call of ours
        self.silences: Callable[[], int] = lambda: 0  # how often the watchdog had to speak
        self.told: Told | None = None
        voice = published.config.voice
        self.caller = CallerVoice(silence=voice.turn_detection.silence_duration_ms / 1000)
        self.transcript = Transcript(services, store, lambda: state.call, published, after_heard=self._judge)
        self.tools = DeskTools(
            services, store, lambda: state.call, published,
            settled=self.transcript.settled, offered=self._offered,
        )  # fmt: skip
        self.session: AgentSession[None] = AgentSession(
            vad=None,
            turn_handling={"turn_detection": "realtime_llm"},
            conn_options=CONNECTING,
            user_away_timeout=None,
            aec_warmup_duration=None,
        )
        self.speaking = Speaking(self.session)
        self.speaking.on_deaf = self.hear_or_not
        self.interruptions = Interruptions(self.caller, ask=self._ask)
        self.recorder = Recorder.of(self.session, services, store, state, published.config)
        self._words = RealtimeWords(
            self.transcript, self.tools, self.interruptions,
            called=lambda answer: self._model is not None and answer in self._model.inner.called,
            stopped_by_us=lambda: self.frozen or self.speaking.cut,
        )  # fmt: skip
        self.line = Line(hold.room)
        self.prices: Prices | None = None
        self.sound: OurSound | None = None
        self.frozen = False  # a person has the word
        self.began_at = time.monotonic()
        self._before = voice.turn_detection.prefix_padding_ms / 1000  # s of sound from before their words
        self._deaf_since = 0.0  # since when the model hears nothing
        self.saying_stored = 0  # words under way that stand in the conversation already
        self.pressed_at = 0.0  # when the caller pressed a key last
        self._own = call_tools(
            state, hold.room, hang_up=hang_up,
            machine=lambda heard: self.on_machine(heard),  # noqa: PLW0108  it is set later
        )  # fmt: skip
        if self.recorder and voice.recording.consent == "ask":
            self._own.append(self.recorder.consent())
        self.means = CallMeans.of(
            hold.process.settings, services, store, state, published,
            transcript=self.transcript, tools=own_tools(self._own),
        )  # fmt: skip
        self.means.figures.beside = self._measured
        self.pipeline: Pipeline | None = None
        self._alone: VoiceAlone | None = None
        self._io: room_io.RoomIO | None = None
        self._model: LastingModel | None = None
        self._ear: HeardInput | None = None

    @property
    def lasting(self) -> LastingSession | None:
        """The model's session, where the desk speaks in realtime."""
        return self._model.lasting if self._model else None

    @property
    def unanswered_since(self) -> float | None:
        """When the caller began to say what nothing of ours has followed; time.monotonic()."""
        answered = self.sound and self.sound.last_at > self.caller.said_at + 0.05
        return None if answered else self.caller.started_at

    @property
    def heard_at(self) -> float:
        """When the caller spoke or pressed a key last; time.monotonic()."""
        return max(self.caller.stopped_at, self.pressed_at)

    async def start(self, caller: rtc.RemoteParticipant | None) -> None:
        """Begin to listen and to be heard. Raises NotConnected or Permanent where the desk has no model."""
        told = self.told = await self.instruct()
        self.session.on("conversation_item_added", self._item_added)
        self.session.on("user_input_transcribed", self._transcribed)
        self.means.figures.follow(self.session)
        agent = await self._agent(told)
        await self._open_room(caller)
        await self.session.start(agent, record=False)
        if lasting := self.lasting:
            lasting.ask = self._ask
            lasting.context = lambda: agent.chat_ctx
        self.hear_or_not()

    async def instruct(self) -> Told:
        """What a realtime model is told, as the call is now. Raises NotThere or Permanent."""
        hold, call = self.hold, self.state.call
        return await instruct(hold.services, hold.store, call, hold.published, self.means.tools)

    async def fall_back(self) -> None:
        """Answer what waits another way than by the realtime model, from now on where that can hear."""
        if self.pipeline:
            return
        await self.transcript.finish()  # a model that is silent may not have said that the caller ended
        await self.speaking.silence()  # what it began and does not say would be waited for
        if self._alone is None:
            made = await fallback(self.means)
            if isinstance(made, Pipeline):
                made.agent.takes_over = True
                self.session.update_agent(self._by(made))
                return
            self._alone = made
        if self._alone:
            await self._alone.answer(self.session)

    async def answer_what_waits(self) -> None:
        """Have a pipeline answer what was heard before it had the word; a realtime model is told of it."""
        head = read_head(await self.hold.store.get(head_path(self.state.call.conversation)))
        if self.pipeline and head and head.pending > head.answered:
            self.session.generate_reply()

    async def _agent(self, told: Told) -> Agent:
        """The desk in the call's mode; in realtime where what the mode needs is not connected."""
        if self.state.call.mode != "realtime":
            try:
                return self._by(await orchestrated(self.means))
            except NotConnected as error:
                log.warning("call.in_realtime", extra={"call": self.state.call.id, "why": str(error)})
        agent = self._spoken(told)
        if self.state.call.mode != "realtime":
            self.state.change(mode="realtime")
        return agent

    def _by(self, pipeline: Pipeline) -> Agent:
        """The desk as a pipeline speaks for it from now on, with a voice that says what it is given."""
        self.pipeline, self._model = pipeline, None
        self.speaking.shape = pipeline.aloud
        pipeline.agent.whole = lambda: self.speaking.uninterruptible > 0
        pipeline.follow(self.session)
        return pipeline.agent

    def _spoken(self, told: Told) -> Agent:
        """The desk as its realtime model speaks for it."""
        hold = self.hold
        services, config = hold.services, hold.published.config
        model = realtime_model(
            hold.process.settings, services.models.catalogue, services.ports.clock, config, told.language
        )
        self._model = LastingModel(model, listening=lambda: self.unanswered_since, before=self._before)
        return DeskAgent(
            told.system,
            words=self._is_saying,
            history=told.history,
            tools=[*self.tools.of(told.tools), *self._own],
            model=self._model,
        )

    async def _open_room(self, caller: rtc.RemoteParticipant | None) -> None:
        options = room_io.RoomOptions(
            text_input=False,
            audio_input=room_io.AudioInputOptions(auto_gain_control=False),
            audio_output=room_io.AudioOutputOptions(track_publish_options=published_as()),
            close_on_disconnect=False,
            participant_identity=caller.identity if caller else NOT_GIVEN,
        )
        self._io = room_io.RoomIO(self.session, self.hold.room, options=options)
        await self._io.start()
        heard, said = self.session.input.audio, self.session.output.audio
        if heard is not None:
            self._ear = self.session.input.audio = HeardInput(heard, self.caller.hear)
        if said is not None:
            self.sound = OurSound(said)
            self.sound.on_begin = self._begin_to_answer
            self.session.output.audio = self.sound
            if self.hold.published.config.voice.uninterruptible.prices:
                self.prices = Prices(self.speaking, self.sound)
        if self.recorder:
            self.recorder.listen()

    def said_since(self, at: float) -> bool:
        """Whether something of ours has begun to be heard since; time.monotonic()."""
        return self.sound is not None and self.sound.sounding and self.sound.began_at > at

    def hear_or_not(self) -> None:
        """Let the model hear the caller, or not: while a person has the word, and in what is said whole.

        A pipeline hears what is said into words that are said whole, and answers it after them.
        """
        lasting, speaking, now = self.lasting, self.speaking, time.monotonic()
        if lasting is None:
            if self.pipeline:
                self.pipeline.hear_or_not(self.session, self._ear, deaf=self.frozen)
            return
        before, lasting.hearing = lasting.hearing, "now"
        if self.frozen or speaking.uninterruptible > speaking.answered_after:
            lasting.hearing = "never"
        elif speaking.uninterruptible:
            lasting.hearing = "later"
        if before == "now":
            self._deaf_since = now
        spoke, again = self.caller.started_at, (before, lasting.hearing) == ("later", "now")
        if again and spoke and self.caller.stopped_at > self._deaf_since:
            self.caller.passed_on_at = now
            lasting.hear_again(max(spoke - self._before, self._deaf_since))

    async def close(self) -> None:
        """Stop talking; what was said is written down, and where it was recorded, kept."""
        self.interruptions.close()
        try:
            await self.line.look()
            await self.session.aclose()
            if self._io:
                await self._io.aclose()
            await self.transcript.close()
            for part in [one for one in (self.pipeline, self._alone) if one]:
                await part.close()
            await self.means.figures.close()
        finally:
            if self.recorder:  # last, for a busy store is waited for
                await self.recorder.keep()

    def figures(self) -> Figures:
        """What the call was like so far, with the jobs that had it before."""
        return self.means.figures.of(self.state.call.figures)

    def _measured(self) -> dict[str, Any]:
        interruptions, quality = self.interruptions, self.line.quality
        stopped = {} if self.pipeline else {
            "interruptions": interruptions.count, "false_interruptions": interruptions.false
        }  # fmt: skip
        return {
            **stopped,
            "jitter_ms": quality.jitter_ms,
            "loss": quality.loss,
            "concealed": quality.concealed,
            "kbits": quality.kbits,
            "silences": self.silences(),
            "spoken_seconds": self.sound.spoken_seconds if self.sound else 0.0,
            "unwritten": self.transcript.lost,
        }

    def _begin_to_answer(self) -> None:
        """Count how long the caller waited for a realtime model; of a pipeline LiveKit tells."""
        if not (self.pipeline or self.frozen or self.saying_stored) and self.unanswered_since:
            self.means.figures.waited(time.monotonic() - self.caller.said_at)

    def _is_saying(self, piece: str) -> None:
        if self.prices:
            self.prices.take(piece)

    def _ask(self, instructions: str) -> None:
        if not self.frozen:
            self.speaking.ask(instructions)

    def _offered(self, choices: Sequence[tuple[str, str]]) -> None:
        if choices:
            self.choices = tuple(choices)

    def _transcribed(self, event: UserInputTranscribedEvent) -> None:
        if event.item_id and not event.is_final and not self.pipeline:
            self.transcript.caller_says(event.item_id, event.transcript, final=False)

    def _item_added(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage) or not item.text_content:
            return
        if item.role == "assistant" and not self.state.call.first_word_at:
            self.state.change(first_word_at=self.state.now)
            self.means.agents.stage("talking")
        if item.role == "assistant" and self.state.call.deaths:
            self.state.change(deaths=0)
        if item.role == "assistant" and self.saying_stored:
            return
        if item.role == "assistant" and self.prices:
            self.prices.end()
        (self.pipeline or self._words).write(item)

    async def _judge(self) -> None:
        signals, step, wanted = await judge_last_words(
            self.hold.services, self.hold.store, self.state.call, self.hold.published, tuple(self.tools.steps)
        )
        self.means.figures.judged(signals, step)
        self.means.agents.qualified(signals.qualification)
        if wanted is not None:
            self.on_hand_over(wanted)
