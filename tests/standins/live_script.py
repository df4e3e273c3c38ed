"""How the Gemini Live stand-in is told what to do: scenes of a cue and the steps that follow it.

    Heard("book a blood test"), ToolCall("check_slots", {"day": "tomorrow"}), Says("There is nine o'clock"),
    Heard("the first please", times=1), After(200), Close(1011),

A text or argument that begins with "=" is a JMESPath expression over the tools' results by name, as in
`"=check_slots.slots[0].id"`: what a model would read out of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jmespath
import msgspec


class Opened(msgspec.Struct, tag=True):
    """Cue: somebody connects. The steps come before `setupComplete`, or in its place where they end it."""

    times: int = 1


class Ready(msgspec.Struct, tag=True):
    """Cue: a session is set up. The steps go on beside what else happens."""

    times: int = 0


class Asked(msgspec.Struct, tag=True):
    """Cue: the client asks for an answer by content or text in which `words` stand; none are any."""

    words: str = ""
    times: int = 0


class Heard(msgspec.Struct, tag=True):
    """Cue: the caller has said this, in a voice of espeak-ng; no text is anything at all."""

    text: str = ""
    voice: str = "en"
    times: int = 0


class After(msgspec.Struct, tag=True):
    """Wait."""

    ms: int


class Says(msgspec.Struct, tag=True):
    """Speak, with its transcription."""

    text: str
    voice: str = "en"


class ToolCall(msgspec.Struct, tag=True):
    """Call a tool, and unless told otherwise wait for what it answers."""

    name: str
    args: dict[str, Any] = {}
    wait: bool = True


class Transcribes(msgspec.Struct, tag=True):
    """Tell what the caller said only now; it is told before all else where no step says so."""


class GoAway(msgspec.Struct, tag=True):
    """Say that the connection ends in so many seconds, and end it then."""

    seconds: float = 60.0
    code: int = 1001


class Close(msgspec.Struct, tag=True):
    """Close with a code: 1007 bad argument or context used up, 1008 policy, 1011 internal error."""

    code: int
    reason: str = ""


class Drop(msgspec.Struct, tag=True):
    """Break the line without a close frame."""


class Refuse(msgspec.Struct, tag=True):
    """Refuse to connect, with an HTTP status; only after `Opened`."""

    status: int = 503


class Withhold(msgspec.Struct, tag=True):
    """Take everything from now on and say nothing any more."""


class Interrupt(msgspec.Struct, tag=True):
    """Believe that the caller speaks, though nobody does."""


Cue = Opened | Ready | Asked | Heard
Step = After | Says | ToolCall | Transcribes | GoAway | Close | Drop | Refuse | Withhold | Interrupt


@dataclass
class Scene:
    """A cue and what follows it."""

    cue: Cue
    steps: list[Step] = field(default_factory=list)
    played: int = 0


@dataclass
class Script:
    """The scenes, looked through in order; one that was played as often as its cue says is over."""

    scenes: list[Scene] = field(default_factory=list)

    def add(self, *parts: Cue | Step) -> None:
        """More scenes; the first part is a cue."""
        for part in parts:
            if isinstance(part, Cue):
                self.scenes.append(Scene(part))
            else:
                self.scenes[-1].steps.append(part)

    def opened(self) -> list[Step]:
        """What comes before `setupComplete`."""
        return self._play(scene for scene in self.scenes if isinstance(scene.cue, Opened)) or []

    def ready(self) -> list[Step] | None:
        """What goes on beside a session."""
        return self._play(scene for scene in self.scenes if isinstance(scene.cue, Ready))

    def asked(self, text: str) -> list[Step] | None:
        """The answer to words that came as text."""
        return self._play(
            scene
            for scene in self.scenes
            if (isinstance(scene.cue, Asked) and scene.cue.words.lower() in text.lower())
            or (isinstance(scene.cue, Heard) and scene.cue.text and scene.cue.text.lower() in text.lower())
        )

    def heard(self, text: str | None) -> list[Step] | None:
        """The answer to a sentence, or to one that was not understood."""
        return self._play(
            scene
            for scene in self.scenes
            if isinstance(scene.cue, Heard) and scene.cue.text in ("", text or "")
        )

    def sentences(self) -> list[tuple[str, str]]:
        """What callers may say, each with its voice."""
        cues = [scene.cue for scene in self.scenes]
        return [(cue.text, cue.voice) for cue in cues if isinstance(cue, Heard) and cue.text]

    def spoken(self) -> list[tuple[str, str]]:
        """What is said in answer, as far as it is known before."""
        steps = [step for scene in self.scenes for step in scene.steps if isinstance(step, Says)]
        return [(step.text, step.voice) for step in steps if not step.text.startswith("=")]

    def _play(self, fitting: Iterable[Scene]) -> list[Step] | None:
        for scene in fitting:
            if not scene.cue.times or scene.played < scene.cue.times:
                scene.played += 1
                return scene.steps
        return None


def resolved(value: Any, results: dict[str, Any]) -> Any:
    """A text or argument with its expressions answered from the tools' results."""
    if isinstance(value, str) and value.startswith("="):
        return jmespath.search(value[1:], results)
    if isinstance(value, dict):
        return {name: resolved(part, results) for name, part in value.items()}
    if isinstance(value, list):
        return [resolved(part, results) for part in value]
    return value


def read_parts(text: bytes) -> list[Cue | Step]:
    """Cues and steps from JSON, a list of maps such as {"type": "Says", "text": "Hi"}."""
    return msgspec.json.decode(text, type=list[Cue | Step])


def read_script(path: Path) -> list[Cue | Step]:
    """The same from a file."""
    return read_parts(path.read_bytes())
