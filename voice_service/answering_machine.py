"""Tells whether a machine took a call of ours, by what is heard of it in the first seconds.

Some words are a machine's alone; of others two have to come in one long breath at the beginning. Nobody is
taken for a machine by how long they speak. LiveKit's own detection asks a language model about the transcript
of a pipeline, which a call in realtime mode has not, and keeps us silent until it has decided.
"""

import time
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
from livekit.agents import AgentSession, UserInputTranscribedEvent

from shared.domain.errors import Permanent
from voice_service.caller_voice import CallerVoice

_DATA = Path(__file__).with_name("machine_words.yaml")

LISTENS_FOR = 40.0
"""Seconds from the answering in which words are a machine's; who talks with us longer is a person."""

LONG_BREATH = 4.0
"""Seconds of speech without a pause that few people take when they pick up."""


UNFINISHED = "-"
"""The name of what an ear that has none for its pieces is still hearing."""


class MachineWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Phrases by language; all are listened for, since a network speaks its own."""

    tells: dict[str, tuple[str, ...]]  # a machine's alone
    hints: dict[str, tuple[str, ...]]  # people's too, but for two of them in one long breath

    def found(self, said: str, *, long_breath: bool) -> str:
        """What gives a machine away in what was said; empty where nothing does."""
        tells, hints = _within(said, self.tells), _within(said, self.hints)
        if tells:
            return tells[0]
        return ", ".join(hints) if long_breath and len(hints) > 1 else ""


class AnsweringMachine:
    """Listens on one call of ours. `found` is called once, with the phrase that was heard."""

    def __init__(
        self, session: "AgentSession[None]", caller: CallerVoice, *, found: Callable[[str], None]
    ) -> None:
        self._caller = caller
        self._found = found
        self._words = read_machine_words()
        self._since = time.monotonic()
        self._first: float | None = None  # when they began to speak
        self._said: dict[str, str] = {}  # by the vendor's name for a piece
        self._over = False
        session.on("user_input_transcribed", self._heard)

    def _heard(self, event: UserInputTranscribedEvent) -> None:
        if self._over:
            return
        self._said[event.item_id or UNFINISHED] = event.transcript
        if event.is_final and not event.item_id:
            self._said[f"{len(self._said)}"] = self._said.pop(UNFINISHED)
        phrase = self._words.found(" ".join(self._said.values()), long_breath=self._long_breath())
        self._over = bool(phrase) or time.monotonic() - self._since > LISTENS_FOR
        if phrase:
            self._found(phrase)

    def _long_breath(self) -> bool:
        """Whether they have spoken long since they began, without a pause."""
        began = self._caller.started_at
        self._first = self._first or began
        return began is not None and began == self._first and self._caller.stopped_at - began >= LONG_BREATH


def _within(said: str, phrases: dict[str, tuple[str, ...]]) -> list[str]:
    words = f" {_plain(said)} "
    return [one for language in phrases.values() for one in language if f" {_plain(one)} " in words]


@cache
def read_machine_words(path: Path = _DATA) -> MachineWords:
    """The phrases in a file, read once. Raises Permanent naming what is wrong in it."""
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=MachineWords)
    except msgspec.MsgspecError as error:
        raise Permanent(f"{path.name}: {error}; mend that entry") from error


def _plain(words: str) -> str:
    """Words as they are compared: small, without marks, one space between them."""
    kept = (
        " " if unicodedata.category(one)[0] in "PSZ" else one for one in words.casefold() if one not in "'’"
    )
    return " ".join("".join(kept).split())
