"""What a realtime model's words count as, once LiveKit tells that they were played."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import llm

from tests.unit.calls.line import Line
from voice_service import interruptions
from voice_service.caller_voice import CallerVoice
from voice_service.desk_agent import DeskTools
from voice_service.interruptions import Interruptions
from voice_service.realtime_words import RealtimeWords
from voice_service.speaking import Speaking
from voice_service.transcript import Transcript


async def nothing() -> None:
    """Judges no words."""


def place(line: Line) -> Any:
    """Where a job of the call works."""
    return line.front.services, line.front.store, lambda: line.call, line.published


def tools_of(line: Line, transcript: Transcript) -> DeskTools:
    """The desk's tools, as one job has them."""
    return DeskTools(*place(line), settled=transcript.settled, offered=lambda _: None)


@pytest.fixture
def asked() -> list[str]:
    """What the model was asked to say."""
    return []


@pytest.fixture
def call(line: Line, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> "Realtime":
    """A call in realtime mode without a room."""
    monkeypatch.setattr(interruptions, "WAITS", 0.01)
    return Realtime(line, asked)


class Realtime:
    """What a job has of a realtime call whose caller has not spoken for long."""

    def __init__(self, line: Line, asked: list[str]) -> None:
        self.called: set[str] = set()
        self.stopped_by_us = False
        self.transcript = Transcript(*place(line), after_heard=nothing)
        self.tools = tools_of(line, self.transcript)
        caller = CallerVoice(silence=0.8)
        caller.stopped_at = -10.0
        self.interruptions = Interruptions(caller, ask=asked.append)
        self.words = RealtimeWords(
            self.transcript,
            self.tools,
            self.interruptions,
            called=self.called.__contains__,
            stopped_by_us=lambda: self.stopped_by_us,
        )

    def played(self, text: str, *, interrupted: bool = False) -> None:
        """LiveKit tells so."""
        self.words.write(llm.ChatMessage(id="one", role="assistant", content=[text], interrupted=interrupted))

    async def looked(self) -> None:
        """Once a noise would have been taken for one."""
        if self.interruptions._waiting:
            await self.interruptions._waiting


async def test_what_a_noise_stopped_is_gone_on_with(call: Realtime, asked: list[str]) -> None:
    """A vendor took it for the caller's voice, and the caller said nothing."""
    call.played("We are open from nine", interrupted=True)
    await call.looked()

    assert ["We are open from nine" in one for one in asked] == [True]
    assert (0, 1) == (call.interruptions.count, call.interruptions.false)


async def test_what_we_stopped_ourselves_is_not_gone_on_with(call: Realtime, asked: list[str]) -> None:
    """The desk does not talk into a colleague's first words, nor say again what a key has answered."""
    call.stopped_by_us = True
    call.played("We are open from nine", interrupted=True)
    await call.looked()

    assert [] == asked
    assert 0 == call.interruptions.count


def test_what_we_stop_counts_as_stopped_by_us_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as LiveKit takes to tell of it."""
    session: Any = SimpleNamespace(interrupt=lambda **_: None)
    mouth, now = Speaking(session), time.monotonic()
    assert not mouth.cut
    mouth.stop()
    assert mouth.cut
    monkeypatch.setattr(time, "monotonic", lambda: now + 60)
    assert not mouth.cut


async def test_words_before_a_tools_result_do_not_answer_the_caller(line: Line, call: Realtime) -> None:
    """A model says "one moment" and calls a tool: asked again by the next job, it acts no second time."""
    call.transcript.caller_says("u1", "Book me at nine", final=True)
    await call.tools._act("check_slots", {})
    call.called.add("one")
    call.played("One moment, I am looking.")
    await call.transcript.settled()
    await tools_of(line, call.transcript)._act("check_slots", {})

    assert 1 == len(await line.effects())


async def test_words_after_a_tools_result_do(line: Line, call: Realtime) -> None:
    """What is asked for next is another act, be it by the same tool."""
    call.transcript.caller_says("u1", "Book me at nine", final=True)
    await call.tools._act("check_slots", {})
    call.played("There is a slot at nine.")
    call.transcript.caller_says("u2", "And on Tuesday?", final=True)
    await call.transcript.settled()
    await tools_of(line, call.transcript)._act("check_slots", {})

    assert 2 == len(await line.effects())
