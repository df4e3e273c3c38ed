"""Hears when the caller speaks, by loudness alone: our silence is noticed whatever a vendor tells."""

import time
from collections.abc import Callable

import numpy as np
from livekit import rtc
from livekit.agents import utils
from livekit.agents.voice.io import AudioInput

LOUD, ABOVE_NOISE = 250.0, 3.0
"""What is speech: a root mean square above this, of 32,767, and above so many times the noise."""

A_WORD = 0.25
"""Seconds of speech that are taken for words; a click or a cough is shorter."""


class CallerVoice:
    """When the caller speaks. Times are time.monotonic()."""

    def __init__(self, *, silence: float) -> None:
        """`silence` is the seconds of it that end their turn."""
        self.speaking = False
        self.started_at: float | None = None  # of the newest words
        self.stopped_at = 0.0  # when they were last heard
        self.passed_on_at = 0.0  # when whoever answers was given what it had not been let hear
        self._silence = silence
        self._noise = LOUD / ABOVE_NOISE
        self._voiced = 0.0
        self._began = 0.0

    @property
    def said_at(self) -> float:
        """When the last of their words reached whoever answers."""
        return max(self.stopped_at, self.passed_on_at)

    @property
    def ended_at(self) -> float:
        """When their turn was over: so long after their last sound as a vendor waits for more."""
        return self.stopped_at + self._silence

    def forget(self) -> None:
        """What they said until now was said to somebody else."""
        self.started_at, self.speaking, self._voiced = None, False, 0.0

    def hear(self, frame: rtc.AudioFrame) -> None:
        """Take the next sound of the caller."""
        now = time.monotonic()
        samples = np.frombuffer(frame.data, dtype=np.int16)
        loudness = float(np.sqrt(np.mean(np.square(samples, dtype=np.float32)))) if len(samples) else 0.0
        if loudness > max(LOUD, ABOVE_NOISE * self._noise):
            if not self._voiced:
                self._began = now - frame.duration
            self._voiced += frame.duration
            if self._voiced >= A_WORD:
                if not self.speaking:
                    self.speaking, self.started_at = True, self._began
                self.stopped_at = now
            return
        self._noise += 0.02 * (min(loudness, LOUD) - self._noise)
        if now - max(self.stopped_at, self._began) >= self._silence:
            self.speaking, self._voiced = False, 0.0


class HeardInput(AudioInput):
    """The caller's sound on its way to the model, heard in passing; while `deaf` only silence goes on."""

    def __init__(self, source: AudioInput, hear: Callable[[rtc.AudioFrame], None]) -> None:
        super().__init__(label="Heard", source=source)
        self.deaf = False
        self._hear = hear

    async def __anext__(self) -> rtc.AudioFrame:
        frame = await super().__anext__()
        self._hear(frame)
        return utils.audio.silence_frame_like(frame) if self.deaf else frame
