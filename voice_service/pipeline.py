"""Builds a call's pipeline: what hears, the desk that answers, what speaks, and what is kept of it."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

from livekit.agents import AgentSession, APIConnectOptions, llm, stt
from livekit.agents.voice.agent_session import SessionConnectOptions

from shared.config.versions import Published
from shared.config.voice import TextToSpeech
from voice_service.aloud import tongue_of
from voice_service.answer_cache import AnswerCache
from voice_service.breaker import breaker_of
from voice_service.call_means import CallMeans
from voice_service.caller_voice import HeardInput
from voice_service.desk_llm import ANSWER, ONCE, DeskLLM
from voice_service.for_the_ear import for_the_ear
from voice_service.speech_keys import SpeechKeys, speech_keys
from voice_service.speech_vendors import ear, mouth
from voice_service.spoken_desk import SpokenDesk, listens
from voice_service.talked_over import TalkedOver
from voice_service.tasks import Tasks
from voice_service.tiers import Tiers
from voice_service.voices import SPEAKING, Voices
from voice_service.ways_of_answering import Answered, Ways

HEARING = APIConnectOptions(max_retry=60, retry_interval=0.5, timeout=5.0)
"""A call that lost its ear asks for another one until it ends."""

ENDS_WITHIN = 1.0
"""Seconds, after the pause that ends a turn, in which a pipeline has noticed that it ended."""

CONNECTING = SessionConnectOptions(
    stt_conn_options=HEARING,
    llm_conn_options=ONCE,
    tts_conn_options=SPEAKING,
    max_unrecoverable_errors=10_000,  # what follows a failure is ours to say; the call goes on
)
"""How a session of ours asks its vendors; given to `AgentSession` when it is made."""


@dataclass(kw_only=True)
class Pipeline:
    """One call's. The session runs `agent`; `ways` answers, and what it tells reaches all that keep it."""

    means: CallMeans
    agent: SpokenDesk
    hears: stt.STT[Any]
    ways: Ways
    voices: Voices
    tiers: Tiers
    tasks: Tasks

    def __post_init__(self) -> None:
        self.ways.told = self.told

    def follow(self, session: "AgentSession[None]") -> None:
        """Look after a session that runs the agent, or is about to."""
        session.options.interruption["discard_audio_if_uninterruptible"] = False
        TalkedOver(session, self.tasks, pause=self.agent.pause + 0.3)
        self.means.figures.listen(self.hears, self.voices)

    def hear_or_not(self, session: "AgentSession[None]", ear: HeardInput | None, *, deaf: bool) -> None:
        """Let it hear the caller, or silence, and nothing once that has ended what it heard of them.

        Cut off within a caller's words it would wait for their end, and say nothing more.
        """
        if ear is None:
            return
        ear.deaf = deaf
        if not deaf:
            session.input.set_audio_enabled(True)
            return
        later = asyncio.get_running_loop().call_later
        later(self.agent.pause + ENDS_WITHIN, lambda: session.input.set_audio_enabled(not ear.deaf))

    def aloud(self, words: str) -> str:
        """Words that are given, as they are said."""
        return for_the_ear(words, tongue_of(words, self.ways.language))

    def write(self, item: llm.ChatMessage) -> None:
        """Write down what was heard or played, as LiveKit tells it."""
        text, transcript = item.text_content or "", self.means.transcript
        if item.role == "user":
            transcript.caller_says(item.id, text, final=True, judged=True)
        elif item.role == "assistant":
            told = item.extra.get(ANSWER) or {}
            transcript.we_said(
                item.id,
                text,
                answers=False,  # a turn commits its own answer; any other word is one in between
                turn=told.get("turn"),
                trace=tuple(told.get("trace") or ()),
            )

    async def told(self, answered: Answered) -> None:
        """Keep what an answer came to: on the call, in the figures, in the voice's level."""
        means, thought = self.means, answered.thought
        means.figures.answered(answered)
        if thought is None:
            return
        means.agents.stage("transferring" if thought.handover else "talking")
        means.agents.qualified(thought.signals.qualification)
        self.tasks.begin(self._consider(thought.signals.qualification))

    async def close(self) -> None:
        """End it with its call."""
        await self.ways.close()
        await self.tasks.done()
        await self.tiers.close()
        await self.voices.aclose()
        await self.hears.aclose()

    async def _consider(self, qualification: float | None) -> None:
        await self.tiers.consider(qualification)


async def ways_of(means: CallMeans) -> Ways:
    """How a call is answered, with what its desk's other calls have learnt."""
    published, clock = means.published, means.services.ports.clock
    kept = published.config.voice.integration
    return Ways(
        means.services,
        means.store,
        lambda: means.state.call,
        published,
        levels=means.levels,
        breaker=await breaker_of(means.services, means.store, published),
        cache=AnswerCache(
            means.store, clock, published.desk, size=kept.cache_size, seconds=kept.cache_seconds
        ),
        lost=means.lost,
        tools=means.tools,
    )


def ears_of(published: Published, keys: SpeechKeys) -> stt.STT[Any]:
    """What hears on a desk's calls. Raises NotConnected where nothing does."""
    voice, desk = published.config.voice, published.config.desk
    language = voice.language or desk.languages[0]
    tongues = list(dict.fromkeys([language, *voice.greeting.supported_languages, *desk.languages]))
    return ear(voice, keys, languages=tongues, listens=listens(voice.turn_detection))


async def orchestrated(means: CallMeans) -> Pipeline:
    """The pipeline of a call in orchestrated or direct mode, or of one that realtime left.

    Raises NotConnected where nothing hears or nothing speaks.
    """
    published, state = means.published, means.state
    voice = published.config.voice
    language = voice.language or published.config.desk.languages[0]
    secrets, tenant = means.services.ports.secrets, published.tenant
    keys = await speech_keys(means.settings, secrets, tenant, voice, session=means.http)
    hears = ears_of(published, keys)
    blocks = {tier.id: tier.tts for tier in voice.tiers.levels} or {"": voice.tts or TextToSpeech()}
    make = [(name, partial(mouth, block, voice, keys, language=language)) for name, block in blocks.items()]
    voices = Voices(make, begins=state.call.tier if state.call.tier in blocks else "")
    if voices.level != state.call.tier:
        state.change(tier=voices.level)
    costs = {tier.id: tier.cost_per_minute for tier in voice.tiers.levels}
    means.figures.tier_cost = lambda: costs.get(voices.level, 0.0)
    ways, tasks = await ways_of(means), Tasks()
    return Pipeline(
        means=means,
        agent=SpokenDesk(voice, hears=hears, thinks=DeskLLM(ways), speaks=voices),
        hears=hears,
        ways=ways,
        voices=voices,
        tiers=Tiers(means, voices, begin=tasks.begin),
        tasks=tasks,
    )
