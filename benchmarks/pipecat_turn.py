"""Pipecat's side of a spoken turn, in an environment of its own: each line that comes in is a turn.

The same as the other sides: ears and mouth that take no time, a language model that waits (its milliseconds
are the argument), speech over after 200 ms of quiet and answered at once. It writes the milliseconds from the
last sound of the caller to the first of the answer.
"""

import asyncio
import itertools
import math
import struct
import sys
import time

from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams
from pipecat.frames.frames import (
    InputAudioRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner

RATE, OUT_RATE, FRAME = 16_000, 24_000, 160
SPEECH, QUIET, ANSWER_SECONDS = 0.8, 0.2, 0.4
SETTLES = 0.6


def tone(hertz, seconds, rate):
    """A sine, 16 bits."""
    return struct.pack(
        f"<{int(seconds * rate)}h",
        *(round(12_000 * math.sin(2 * math.pi * hertz * at / rate)) for at in range(int(seconds * rate))),
    )


def loud(pcm):
    """Whether it is a sound."""
    return max(struct.unpack(f"<{len(pcm) // 2}h", pcm), default=0) > 1000


class Microphone(BaseInputTransport):
    """Silence in real time, and a tone in it when asked."""

    def __init__(self, params):
        super().__init__(params)
        self.waiting, self.ended_at = b"", 0.0
        self._task = None

    async def start(self, frame):
        """Begin."""
        await super().start(frame)
        await self.set_transport_ready(frame)
        self._task = asyncio.create_task(self._speak())

    async def _speak(self):
        due = time.monotonic()
        while True:
            due = max(due + FRAME / RATE, time.monotonic() - 0.1)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            data, self.waiting = self.waiting[: FRAME * 2], self.waiting[FRAME * 2 :]
            if data:
                self.ended_at = time.monotonic()
            await self.push_audio_frame(InputAudioRawFrame(data.ljust(FRAME * 2, b"\0"), RATE, 1))


class Earpiece(BaseOutputTransport):
    """Plays in real time, and notes when it began."""

    def __init__(self, params):
        super().__init__(params)
        self.first_at, self.until = None, 0.0

    async def start(self, frame):
        """Begin."""
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame):
        """Play it."""
        now = time.monotonic()
        if loud(frame.audio):
            self.first_at = self.first_at or now
        self.until = max(self.until, now) + frame.num_frames / frame.sample_rate
        await asyncio.sleep(max(0.0, self.until - now))
        return True


class Detector(VADAnalyzer):
    """Speech is what is loud."""

    def num_frames_required(self):
        """Of 10 ms."""
        return FRAME

    def voice_confidence(self, buffer):
        """One or nothing."""
        return float(loud(buffer))


class Ear(STTService):
    """Knows the words when speech ends."""

    def __init__(self):
        super().__init__(ttfs_p99_latency=QUIET)
        self.count = itertools.count(1)

    async def run_stt(self, audio):  # noqa: ARG002  the base's shape
        """Nothing before the end."""
        yield None

    async def process_frame(self, frame, direction):
        """See above."""
        await super().process_frame(frame, direction)
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            words = f"Is there anything free on the {next(self.count)}?"
            await self.push_frame(TranscriptionFrame(words, "caller", "", finalized=True))


class Model(FrameProcessor):
    """Answers after a while."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    async def process_frame(self, frame, direction):
        """See above."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        await self.push_frame(LLMFullResponseStartFrame())
        await asyncio.sleep(self.seconds)
        await self.push_frame(LLMTextFrame("There is nine o'clock."))
        await self.push_frame(LLMFullResponseEndFrame())


class Mouth(TTSService):
    """A tone for every sentence."""

    def __init__(self):
        super().__init__(
            sample_rate=OUT_RATE, push_start_frame=True, push_stop_frames=True, stop_frame_timeout_s=0.3
        )
        self.sound = tone(600, ANSWER_SECONDS, OUT_RATE)

    async def run_tts(self, text, context_id):  # noqa: ARG002
        """The tone."""
        yield TTSAudioRawFrame(self.sound, OUT_RATE, 1, context_id=context_id)


async def until(holds):
    """Returns once it does, or after 20 seconds."""
    give_up = time.monotonic() + 20
    while not holds():
        if time.monotonic() > give_up:
            return
        await asyncio.sleep(0.01)


async def main():
    """Serve turns until the input ends."""
    params = TransportParams(
        audio_in_enabled=True,
        audio_out_enabled=True,
        audio_in_sample_rate=RATE,
        audio_out_sample_rate=OUT_RATE,
    )
    microphone, earpiece = Microphone(params), Earpiece(params)
    stops = [SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.0)]
    heard = LLMUserAggregatorParams(
        user_turn_strategies=UserTurnStrategies(stop=stops),
        vad_analyzer=Detector(
            params=VADParams(confidence=0.5, start_secs=0.05, stop_secs=QUIET, min_volume=0)
        ),
    )
    pair = LLMContextAggregatorPair(LLMContext(), user_params=heard)
    model = Model(int(sys.argv[1]) / 1000)
    line = [microphone, Ear(), pair.user(), model, Mouth(), earpiece, pair.assistant()]
    rates = PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=OUT_RATE)
    worker = PipelineWorker(Pipeline(line), params=rates, idle_timeout_secs=None)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    loop = asyncio.get_running_loop()
    await asyncio.sleep(2)
    print("ready", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        earpiece.first_at, microphone.waiting = None, tone(440, SPEECH, RATE)
        await until(lambda: not microphone.waiting and earpiece.first_at is not None)
        print((earpiece.first_at - microphone.ended_at) * 1000 if earpiece.first_at else "never", flush=True)
        await until(lambda: time.monotonic() > earpiece.until)
        await asyncio.sleep(SETTLES)
    await worker.cancel()
    await running


if __name__ == "__main__":
    asyncio.run(main())
