"""When somebody speaks and when they have ended, by how loud it is: as a vendor's server would find it."""

from collections import deque
from dataclasses import dataclass, field

from tests.hearing import loudness

FRAME_MS = 20
LOUD = 300
"""Louder than a line's noise, softer than any word; of 32768."""

BEFORE_MS = 200
"""What is kept from before a beginning, for it is soft."""


@dataclass
class VoiceActivity:
    """Takes PCM of 16 bits as it comes; says "started", and "ended" once it was quiet for long enough."""

    rate: int = 16_000
    prefix_ms: int = 20  # so long must be loud to be a beginning
    silence_ms: int = 500  # so long must be quiet to be an end
    automatic: bool = True  # else it begins and ends by `begin` and `end` alone
    speaking: bool = False
    said: bytes = b""  # the last sentence, whole
    _spoken: bytearray = field(default_factory=bytearray)
    _rest: bytes = b""
    _loud: int = 0
    _quiet: int = 0
    _before: deque[bytes] = field(default_factory=lambda: deque(maxlen=BEFORE_MS // FRAME_MS))

    def feed(self, pcm: bytes) -> list[str]:
        """What begins or ends with these samples."""
        size = self.rate * FRAME_MS // 1000 * 2
        data = self._rest + pcm
        whole = len(data) // size * size
        self._rest = data[whole:]
        found = (self._frame(data[at : at + size]) for at in range(0, whole, size))
        return [event for event in found if event]

    def begin(self) -> None:
        """Somebody speaks, by their own word."""
        self.speaking, self._quiet, self._loud = True, 0, 0
        self._spoken = bytearray(b"".join(self._before))

    def end(self) -> None:
        """Nobody speaks any more; `said` is what was."""
        self.said = bytes(self._spoken)
        self.speaking, self._quiet, self._loud = False, 0, 0
        self._spoken = bytearray()
        self._before.clear()

    def _frame(self, frame: bytes) -> str:
        loud = loudness(frame) > LOUD
        if not self.speaking:
            self._before.append(frame)
            self._loud = self._loud + FRAME_MS if loud else 0
            if self.automatic and self._loud >= max(FRAME_MS, self.prefix_ms):
                self.begin()
                return "started"
            return ""
        self._spoken += frame
        self._quiet = 0 if loud else self._quiet + FRAME_MS
        if self._quiet < self.silence_ms or not self.automatic:
            return ""
        self.end()
        return "ended"
