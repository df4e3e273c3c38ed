"""What a caller hears, with the times it was heard at, and the questions a test asks of it."""

from dataclasses import dataclass, field
from itertools import pairwise

from tests import hearing

RATE = hearing.RATE
AUDIBLE = 100.0
"""Loudness (of 32768) above which 10 ms are sound: below lie a codec's noise and what fills lost packets."""

FRAME_SECONDS = 0.01


@dataclass
class Recording:
    """Sound of everybody who spoke, by who it was; instants are of time.monotonic()."""

    heard: dict[str, list[tuple[float, bytes]]] = field(default_factory=dict)  # 10 ms each, at RATE
    audible: list[float] = field(default_factory=list)  # instants of frames that are sound

    def add(self, who: str, at: float, frame: bytes) -> None:
        """Another 10 ms of somebody."""
        self.heard.setdefault(who, []).append((at, frame))
        if hearing.loudness(frame) >= AUDIBLE:
            self.audible.append(at)

    def pcm(self, who: str = "", since: float = 0.0, until: float = float("inf")) -> bytes:
        """What one was heard to say between two instants, at RATE; who is not named is the first heard."""
        frames = self.heard.get(who or next(iter(self.heard), ""), [])
        return b"".join(frame for at, frame in frames if since <= at <= until)

    def first_audio_after(self, instant: float) -> float | None:
        """When after an instant something was first heard; None where nothing was."""
        return next((at for at in self.audible if at >= instant), None)

    def longest_silence(self, since: float, until: float) -> float:
        """The longest time in seconds between two instants in which nobody was heard."""
        within = [since, *(at for at in sorted(self.audible) if since < at < until), until]
        return max((later - at for at, later in pairwise(within)), default=0.0)

    def has_tone(self, hertz: float, since: float, until: float, who: str = "") -> bool:
        """Whether between two instants a tone was heard."""
        return hearing.has_tone(self.pcm(who, since, until), RATE, hertz)

    def has_words(self, text: str, since: float = 0.0, who: str = "", voice: str = "en") -> bool:
        """Whether after an instant somebody was heard to say a sentence, in a voice of espeak-ng."""
        return hearing.contains(self.pcm(who, since), RATE, text, voice)
