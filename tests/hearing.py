"""Says what a piece of sound is: how loud, whether a tone, and which of some known sentences it is."""

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tests import speech

RATE = 16_000
"""Hertz at which sentences are compared; what comes at another rate is brought to it."""

FRAME = RATE // 50
BANDS = 20
SAME, LIKELY = 0.75, 0.6
"""How alike a sentence is that is found among others, and one that is the likeliest of some.

Over calls that stumbled the same sentence was 0.82 at least, another of three words or more 0.72 at most.
"""

PIECE, SLIP, TRIMMED = 25, 8, 20
"""Frames: compared at once; by how many a piece may come off its place; by how many the first."""

Samples = NDArray[np.float64]


def samples(pcm: bytes, rate: int = RATE) -> Samples:
    """PCM of 16 bits as numbers at the rate that is compared."""
    heard = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64)
    if rate == RATE or not heard.size:
        return heard
    step = rate / RATE
    if step > 1:  # the mean of the neighbours, so that what is too high does not fold down
        width = round(step)
        heard = np.convolve(heard, np.ones(width) / width, "same")
    return np.interp(np.arange(0, heard.size - 1, step), np.arange(heard.size), heard)


def loudness(pcm: bytes) -> float:
    """The root of the mean square, 0 to 32768."""
    heard = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64)
    return float(np.sqrt(np.mean(heard**2))) if heard.size else 0.0


def has_tone(pcm: bytes, rate: int, hertz: float, *, within: float = 15.0) -> bool:
    """Whether the strongest frequency of what is heard is `hertz`."""
    heard = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64)
    if loudness(pcm) < 100:
        return False
    strength = np.abs(np.fft.rfft(heard * np.hanning(heard.size)))
    return bool(abs(np.argmax(strength) * rate / heard.size - hertz) <= within)


def which(pcm: bytes, rate: int, known: Iterable[tuple[str, str]]) -> str | None:
    """The one of `known` sentences, each with its voice, that this is; None where it is none of them."""
    heard = _shape(samples(pcm, rate))
    pictures = [(text, _spoken(text, voice)) for text, voice in known]
    found = [
        (_alike(heard, picture, TRIMMED), text)
        for text, picture in pictures
        if abs(len(heard) - len(picture)) <= max(TRIMMED, len(picture) // 3)
    ]
    score, text = max(found, default=(0.0, ""))
    return text if score >= LIKELY else None


def contains(pcm: bytes, rate: int, text: str, voice: str = "en") -> bool:
    """Whether somewhere in what is heard the sentence is said.

    It should have three words or more; one that shares most of its words with another cannot be told from it.
    """
    heard, wanted = _shape(samples(pcm, rate), trim=False), _spoken(text, voice)
    first = wanted[:PIECE]
    return any(
        _agree(heard[start : start + PIECE], first) >= SAME / 2
        and _alike(heard[max(0, start - SLIP) :], wanted, 2 * SLIP) >= SAME
        for start in range(0, max(1, len(heard) - len(wanted) + SLIP), 2)
    )


@cache
def _spoken(text: str, voice: str) -> Samples:
    return _shape(samples(speech.pcm(text, RATE, voice)))


def _shape(heard: Samples, *, trim: bool = True) -> Samples:
    """The sound as a picture: a row for every 20 ms, a column for each band of frequency, in logarithms."""
    count = heard.size // FRAME
    if not count:
        return np.zeros((0, BANDS))
    frames = heard[: count * FRAME].reshape(count, FRAME) * np.hanning(FRAME)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    # Bands grow wider upwards, as those of an ear do; above 4 kHz a call carries little.
    edges = np.unique(np.geomspace(3, 4000 * FRAME / RATE, BANDS + 1).astype(int))
    picture = np.log(np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1) + 1e6)
    if not trim:
        return picture
    loud = np.flatnonzero(np.sqrt(np.mean(frames**2, axis=1)) > 150)
    return picture[loud[0] : loud[-1] + 1] if loud.size else np.zeros((0, BANDS))


def _alike(heard: Samples, wanted: Samples, slip: int) -> float:
    """How well what is heard agrees with a sentence, 1 at best.

    Piece by piece, each a little earlier or later than the one before, for a line stretches and stumbles.
    """
    score, place = 0.0, 0
    pieces = np.array_split(wanted, max(2, len(wanted) // PIECE))
    for piece in pieces:
        starts = range(max(0, place - slip), place + slip + 1)
        best, start = max((_agree(heard[start : start + len(piece)], piece), start) for start in starts)
        score += best / len(pieces)
        place, slip = start + len(piece), SLIP
    return score


def _agree(heard: Samples, wanted: Samples) -> float:
    """The correlation of two pictures; 0 where one is much shorter."""
    length = min(len(heard), len(wanted))
    if length < max(3, 0.8 * len(wanted)):
        return 0.0
    pair = [picture[:length] - picture[:length].mean() for picture in (heard, wanted)]
    size = np.linalg.norm(pair[0]) * np.linalg.norm(pair[1])
    return float(np.sum(pair[0] * pair[1]) / size) if size else 0.0
