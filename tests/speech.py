"""What is said in tests: spoken by espeak-ng, brought to a rate by sox, kept in the temp folder."""

import hashlib
import math
import os
import shutil
import subprocess
import tempfile
import wave
from array import array
from functools import cache
from pathlib import Path

MICROPHONE = 48_000
"""Hertz at which callers speak."""


class MissingSpeechError(Exception):
    """espeak-ng or sox is not installed; the message says how to get it."""


def wav(text: str, rate: int = MICROPHONE, voice: str = "en") -> Path:
    """A WAV, 16 bits, one channel, in which a voice of espeak-ng says `text`. Raises MissingSpeechError."""
    for program in ("espeak-ng", "sox"):
        if shutil.which(program) is None:
            raise MissingSpeechError(f"no {program} on the path; run .ci/livekit")
    folder = Path(tempfile.gettempdir()) / f"frontdesk-speech-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder / f"{hashlib.sha256(f'{voice} {rate} {text}'.encode()).hexdigest()[:24]}.wav"
    if not made.exists():
        with tempfile.TemporaryDirectory(dir=folder) as new:
            said, at_rate = Path(new) / "said.wav", Path(new) / "rate.wav"
            # Padded, because espeak-ng stops so sharply that a resampler would cut the last sound.
            subprocess.run(["espeak-ng", "-v", voice, "-w", said, "--", text], check=True)
            change = ["-r", str(rate), "-c", "1", "-b", "16"]
            subprocess.run(["sox", "-D", "-G", said, *change, at_rate, "pad", "0", "0.05"], check=True)
            at_rate.rename(made)
    return made


@cache
def pcm(text: str, rate: int = MICROPHONE, voice: str = "en") -> bytes:
    """The same as samples alone: 16 bits, little-endian, one channel. Raises MissingSpeechError."""
    with wave.open(str(wav(text, rate, voice))) as file:
        return file.readframes(file.getnframes())


def pcm_or_tone(text: str, rate: int, voice: str = "en") -> bytes:
    """The words, or where nothing can speak them a tone of about their length: silence would mislead."""
    try:
        return pcm(text, rate, voice)
    except MissingSpeechError:
        return tone(440, max(0.4, len(text) * 0.06), rate)


def tone(hertz: float, seconds: float, rate: int = MICROPHONE, amplitude: int = 12_000) -> bytes:
    """A sine as samples."""
    step = 2 * math.pi * hertz / rate
    return array("h", (round(amplitude * math.sin(step * n)) for n in range(int(seconds * rate)))).tobytes()


def silence(seconds: float, rate: int = MICROPHONE) -> bytes:
    """Nothing, as samples."""
    return bytes(2 * int(seconds * rate))
