"""What an operator's collector is told of calls: how each turn went, and never what was said in it."""

import pytest
from livekit.agents import ConversationItemAddedEvent, llm

from shared.config.settings import read_settings
from tests.standins.otlp_collector import OtlpCollector
from tests.unit.calls.line import Line
from tests.unit.calls.scripted import ScriptedModel
from tests.unit.voice.test_ways_of_answering import voiced, ways
from voice_service.call_state import CallState
from voice_service.figures import CallFigures
from voice_service.levels import Levels
from voice_service.traces import TRACES


@pytest.fixture
def collector():
    """One that this process's traces go to."""
    with OtlpCollector() as server:
        TRACES.connect(read_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": server.url}))
        yield server


async def figures_of(line: Line) -> CallFigures:
    state = await CallState.claim(line.front.services, "acme", line.call, job="j", worker="w")
    return CallFigures(
        line.front.services, line.front.store, state, line.published, levels=Levels(lambda _: None)
    )


def played(text: str, *, interrupted: bool = False) -> ConversationItemAddedEvent:
    """Words of ours that began to be heard at 100 s, 0.8 s after the caller's last."""
    item = llm.ChatMessage(role="assistant", content=[text], interrupted=interrupted)
    item.metrics = {"started_speaking_at": 100.0, "stopped_speaking_at": 104.0, "e2e_latency": 0.8}
    return ConversationItemAddedEvent(item=item)


async def test_each_turn_comes_to_the_operators_collector(
    line: Line, model: ScriptedModel, collector: OtlpCollector
) -> None:
    """The desk's thinking with its way, and what was played with its times, whichever mode the call is in."""
    model.script = [["We open at eight."]]
    await ways(line).ask("When do you open?")
    (await figures_of(line))._item_added(played("We open at eight.", interrupted=True))
    await TRACES.close()

    thinking, turn = collector.spans
    assert ("agent_processing", "desk", 17) == (
        thinking.name, thinking.attributes["frontdesk.way"], thinking.attributes["frontdesk.input_length"],
    )  # fmt: skip
    assert ("turn", 99.2, 104.0) == (turn.name, turn.began, turn.ended)
    assert {
        "frontdesk.call_id": line.call.id, "frontdesk.mode": "orchestrated", "frontdesk.interrupted": True,
    } == turn.attributes  # fmt: skip
    assert "frontdesk-voice" == turn.service
    assert not any(b"eight" in body or b"you open" in body for body in collector.bodies)


async def test_a_turn_of_a_realtime_model_begins_with_its_callers_last_word(
    line: Line, collector: OtlpCollector
) -> None:
    """LiveKit does not know how long they waited, and we do; the next words were waited for by nobody."""
    figures = await figures_of(line)
    for waited in (0.6, None):
        event = played("We open at eight.")
        assert isinstance(event.item, llm.ChatMessage)
        del event.item.metrics["e2e_latency"]
        if waited:
            figures.waited(waited)
        figures._item_added(event)
    await TRACES.close()

    assert [99.4, 100.0] == [round(turn.began, 3) for turn in collector.spans]


async def test_a_file_that_wants_no_traces_has_none(line: Line, collector: OtlpCollector) -> None:
    """Nothing of its calls leaves."""
    await voiced(line, integration={"trace": False})
    (await figures_of(line))._item_added(played("We open at eight."))
    await TRACES.close()

    assert [] == collector.spans


async def test_a_collector_that_is_away_holds_up_no_call(line: Line) -> None:
    """What it does not take is lost."""
    TRACES.connect(read_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}))
    (await figures_of(line))._item_added(played("We open at eight."))

    await TRACES.close()
