"""A turn of a call knows what call it is on, and may do with it what a realtime model may."""

from livekit import rtc
from livekit.agents import AgentSession

from shared.models.chat_model import ToolCall
from tests.unit.calls.line import Line
from tests.unit.calls.scripted import ScriptedModel, call
from tests.unit.voice.test_ways_of_answering import Heard, voiced, ways
from voice_service.call_state import CallState
from voice_service.call_tools import call_tools, own_tools
from voice_service.recording import Recorder


async def on_call(line: Line, **changes: object) -> tuple[Heard, CallState, list[str]]:
    """A call that is so, its state, and why it was hung up."""
    state = await CallState.claim(line.front.services, "acme", line.call, job="j", worker="w")
    state.change(**changes)
    heard, hung_up = ways(line), list[str]()
    heard.ways._call = lambda: state.call
    tools = call_tools(state, rtc.Room(), hang_up=hung_up.append, machine=hung_up.append)
    front = line.front
    recorder = Recorder(AgentSession(), front.services, front.store, state, line.published.config)
    heard.ways._tools = own_tools([*tools, recorder.consent()])
    return heard, state, hung_up


async def test_a_turn_knows_why_we_called_and_what_was_noted(line: Line, model: ScriptedModel) -> None:
    """So do its rules for prices, whether the desk thinks or a model alone."""
    await voiced(line, pricing={"always_mention_specific_prices": True})
    told = {"direction": "outbound", "purpose": "Your parcel came back", "context": {"door": "blue"}}
    heard, state, _ = await on_call(line, **told)
    model.script = [["Hello, your parcel came back."], ["Directly."]]

    await heard.ask("Who is there?")
    state.change(mode="direct")
    await heard.ask("And?")

    for asked in model.asked:
        for words in ("Why: Your parcel came back.", "door: blue", "Say the price itself"):
            assert words in asked.system
    assert "end_call" in [tool.name for tool in model.asked[0].tools]
    assert () == model.asked[1].tools
    assert "end_call" not in model.asked[1].system


async def test_a_turn_may_end_the_call_and_note_something_for_later(line: Line, model: ScriptedModel) -> None:
    """The call's own tools act beside the desk's, and a wrong call of one is told to the model."""
    heard, state, hung_up = await on_call(line)
    half = ToolCall(id="1", name="set_context", arguments={"name": "door"})
    whole = ToolCall(id="2", name="set_context", arguments={"name": "door", "value": "blue"})
    model.script = [[half], [whole, call("end_call", reason="done")], ["Goodbye."]]

    answered = await heard.ask("That is all, the door is blue.")

    assert ("desk", ["Goodbye."], ["done"]) == (answered.way, heard.aloud, hung_up)
    assert {"door": "blue"} == state.call.context
    (receipt,) = await line.receipts()
    assert ["set_context needs value", None, None] == [
        step.error for step in receipt.steps if step.kind == "tool"
    ]


async def test_a_turn_notes_whether_the_call_may_be_recorded(line: Line, model: ScriptedModel) -> None:
    """Whoever was asked is never answered from what others were told, and the model knows of the question."""
    model.script = [["We open at eight."]]
    await ways(line).ask("No")
    await line.another_caller()
    heard, state, _ = await on_call(line, recording="asked")
    model.script = [[call("recording_consent", agreed=False)], ["Thank you."]]

    await heard.ask("No")

    assert ["Thank you."] == heard.aloud
    assert "if the call may be recorded" in model.asked[-1].system
    assert "refused" == state.call.recording
