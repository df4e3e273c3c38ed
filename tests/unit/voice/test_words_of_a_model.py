"""What a realtime model's words count as, once LiveKit tells that they were played."""

from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import ConversationItemAddedEvent, llm

from tests.unit.calls.line import Line
from voice_service import interruptions
from voice_service.caller_voice import CallerVoice
from voice_service.desk_agent import DeskTools
from voice_service.interruptions import Interruptions
from voice_service.speaking import Speaking
from voice_service.talk import Talk
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
def talk(line: Line, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A talk in realtime mode without a room, in which nobody has spoken for long."""
    monkeypatch.setattr(interruptions, "WAITS", 0.01)
    made: Any = Talk.__new__(Talk)
    made.frozen, made.saying_stored, made.pipeline, made.prices = False, 0, None, None
    made.state = SimpleNamespace(call=SimpleNamespace(first_word_at="x", deaths=0))
    made.caller = CallerVoice(silence=0.8)
    made.caller.stopped_at = -10.0
    made.speaking = Speaking(SimpleNamespace(interrupt=lambda **_: None))  # type: ignore[arg-type]
    made.interruptions = Interruptions(made.caller, ask=asked.append)
    made.transcript = Transcript(*place(line), after_heard=nothing)
    made.tools = tools_of(line, made.transcript)
    made._model = SimpleNamespace(inner=SimpleNamespace(called=set()))
    return made


def played(text: str, name: str = "one", *, interrupted: bool = False) -> ConversationItemAddedEvent:
    """LiveKit tells so."""
    item = llm.ChatMessage(id=name, role="assistant", content=[text], interrupted=interrupted)
    return ConversationItemAddedEvent(item=item)


async def looked(talk: Any) -> None:
    """Once a noise would have been taken for one."""
    if talk.interruptions._waiting:
        await talk.interruptions._waiting


async def test_what_a_noise_stopped_is_gone_on_with(talk: Any, asked: list[str]) -> None:
    """A vendor took it for the caller's voice, and the caller said nothing."""
    talk._item_added(played("We are open from nine", interrupted=True))
    await looked(talk)

    assert ["We are open from nine" in one for one in asked] == [True]
    assert (0, 1) == (talk.interruptions.count, talk.interruptions.false)


@pytest.mark.parametrize("why", ["a colleague took the call", "a key was pressed"])
async def test_what_we_stopped_ourselves_is_not_gone_on_with(talk: Any, asked: list[str], why: str) -> None:
    """The desk does not talk into a colleague's first words, nor say again what a key has answered."""
    talk.speaking.stop()
    talk.frozen = why == "a colleague took the call"
    talk._item_added(played("We are open from nine", interrupted=True))
    await looked(talk)

    assert [] == asked
    assert 0 == talk.interruptions.count


async def test_words_before_a_tools_result_do_not_answer_the_caller(line: Line, talk: Any) -> None:
    """A model says "one moment" and calls a tool: asked again by the next job, it acts no second time."""
    talk.transcript.caller_says("u1", "Book me at nine", final=True)
    await talk.tools._act("check_slots", {})
    talk._model.inner.called.add("one")
    talk._item_added(played("One moment, I am looking."))
    await talk.transcript.settled()
    await tools_of(line, talk.transcript)._act("check_slots", {})

    assert 1 == len(await line.effects())


async def test_words_after_a_tools_result_do(line: Line, talk: Any) -> None:
    """What is asked for next is another act, be it by the same tool."""
    talk.transcript.caller_says("u1", "Book me at nine", final=True)
    await talk.tools._act("check_slots", {})
    talk._item_added(played("There is a slot at nine."))
    talk.transcript.caller_says("u2", "And on Tuesday?", final=True)
    await talk.transcript.settled()
    await tools_of(line, talk.transcript)._act("check_slots", {})

    assert 2 == len(await line.effects())
