"""The stand-in for Gemini Live, asked by Google's own client: sessions, speech, tools, resumption."""

import asyncio

import pytest
from google import genai
from google.genai import types

from tests import hearing, speech
from tests.standins.live_script import After, Asked, GoAway, Heard, Ready, Says, ToolCall

CONFIG = {
    "response_modalities": ["AUDIO"],
    "input_audio_transcription": {},
    "output_audio_transcription": {},
    "session_resumption": {},
    "realtime_input_config": {"automatic_activity_detection": {"silence_duration_ms": 300}},
    "tools": [{"function_declarations": [{"name": "check_slots", "description": "free times"}]}],
}


@pytest.fixture
def connect(live):
    """A function that opens a session."""
    client = genai.Client()

    def opened(model="gemini-3.8-live", **config):
        return client.aio.live.connect(model=model, config={**CONFIG, **config})

    return opened


async def say(session, text, voice="en"):
    """Speak into a session as a microphone does, only faster."""
    pcm = speech.pcm(text, 16_000, voice) + speech.silence(0.6, 16_000)
    for at in range(0, len(pcm), 1600):
        await session.send_realtime_input(
            audio=types.Blob(data=pcm[at : at + 1600], mime_type="audio/pcm;rate=16000")
        )
        await asyncio.sleep(0.001)


async def turn(session):
    """A turn as the client gives it: sound, and the words on both sides."""
    audio, heard, said = b"", "", ""
    async for message in session.receive():
        audio += message.data or b""
        if content := message.server_content:
            heard += content.input_transcription.text if content.input_transcription else ""
            said += content.output_transcription.text if content.output_transcription else ""
    return audio, heard.strip(), said.strip()


async def ask(session, text):
    await session.send_client_content(turns=types.Content(role="user", parts=[types.Part(text=text)]))


async def test_what_the_caller_says_is_understood_and_answered(live, connect):
    """A sentence of the script is heard as that sentence, and answered in speech with its words."""
    live.scenes(
        Heard("I want to book a blood test"), Says("There is nine o'clock tomorrow."),
        Heard("goodbye"), Says("Have a nice day."),
    )  # fmt: skip
    async with connect() as session:
        await say(session, "I want to book a blood test")
        audio, heard, said = await turn(session)
        await say(session, "goodbye")
        _, second, _ = await turn(session)

    assert ("I want to book a blood test", "There is nine o'clock tomorrow.") == (heard, said)
    assert hearing.contains(audio, 24_000, "There is nine o'clock tomorrow.")
    assert "goodbye" == second


async def test_it_answers_after_its_thinking_time(live, connect):
    """From the end of the caller's words to the first sound it takes what was set, and a little."""
    live.scenes(Heard("goodbye"), Says("Have a nice day."))
    live.thinking = 0.3
    async with connect() as session:
        await say(session, "goodbye")
        await turn(session)

    ended = live.noted("own", "speech_ended")[0].at
    first = live.noted("out", "serverContent", "modelTurn")[0].at
    assert 0.3 <= first - ended < 0.6


async def test_a_sentence_that_is_not_known_is_not_guessed(live, connect):
    """What no scene names is not taken for the nearest sentence."""
    live.scenes(Heard("I want to book a blood test"), Says("Gladly."))
    async with connect() as session:
        await say(session, "what are your opening hours on Sundays")
        _, heard, said = await turn(session)

    assert ("(not understood)", "I did not catch that.") == (heard, said)


async def test_a_greeting_is_asked_for(live, connect):
    """Content that asks for an answer is answered by the scene whose words it has."""
    live.scenes(Asked("greet"), Says("Welcome to Sunrise."))
    async with connect() as session:
        await ask(session, "Greet the caller.")
        assert "Welcome to Sunrise." == (await turn(session))[2]


async def test_a_tool_is_called_and_its_result_is_said(live, connect):
    """The call has an id, its answer is waited for, and later steps read it."""
    live.scenes(Asked("slots"), ToolCall("check_slots", {"day": "tomorrow"}), Says("=check_slots.slots[0]"))
    async with connect() as session:
        await ask(session, "any slots?")
        async for message in session.receive():
            for call in (message.tool_call and message.tool_call.function_calls) or []:
                answer = types.FunctionResponse(
                    id=call.id, name=call.name, response={"slots": ["nine o'clock"]}
                )
                await session.send_tool_response(function_responses=answer)
            last = message

    assert {"day": "tomorrow"} == call.args
    assert last.server_content.turn_complete
    assert last.usage_metadata.total_token_count > 0
    assert "nine o'clock" == live.sessions[0].memory[-1]["parts"][0]["text"]


async def test_an_answer_nobody_waits_for_is_a_complaint(live, connect):
    """A tool's result with an id that was never given is not taken."""
    async with connect() as session:
        answer = types.FunctionResponse(id="made-up", name="check_slots", response={})
        await session.send_tool_response(function_responses=answer)
        await live.wait("in", "toolResponse")

    assert ["an answer for 'made-up', which no call waits for"] == live.complaints


async def test_a_caller_who_speaks_interrupts(live, connect):
    """Speech that is under way stops and says that it was interrupted."""
    live.scenes(
        Asked(), Says("This is a very long answer that goes on and on and on, and does not come to an end.")
    )
    live.speed = 1
    async with connect() as session:
        await ask(session, "hello")
        await live.wait("out", "serverContent", "modelTurn")
        await say(session, "goodbye")
        kinds = [message.server_content async for message in session.receive() if message.server_content]

    assert any(content.interrupted for content in kinds)
    assert not any(content.generation_complete for content in kinds)
    assert len(live.noted("out", "serverContent", "modelTurn")) < 40


async def test_a_caller_who_speaks_ends_calls_that_wait(live, connect):
    """Calls that were not answered are cancelled by their ids."""
    live.scenes(Asked(), ToolCall("check_slots"), Says("Never."))
    async with connect() as session:
        await ask(session, "hello")
        call = (await live.wait("out", "toolCall"))[0].body["functionCalls"][0]
        await say(session, "goodbye")
        cancelled = await live.wait("out", "toolCallCancellation")

    assert {"ids": [call["id"]]} == cancelled[0].body


async def test_a_session_is_resumed_with_what_it_knows(live, connect):
    """The handle of a turn's end brings what was said; while it speaks there is none."""
    live.scenes(Asked("first"), Says("One."), Asked("second"), Says("Two."))
    async with connect() as session:
        await ask(session, "first")
        await turn(session)
        update = (await live.wait("out", "sessionResumptionUpdate", count=2))[-1].body
    async with connect(session_resumption={"handle": update["newHandle"]}) as session:
        await ask(session, "second")
        await turn(session)

    assert [False, True] == [
        one.body["resumable"] for one in live.noted("out", "sessionResumptionUpdate")[:2]
    ]
    assert ["first", "One.", "second", "Two."] == [
        each["parts"][0]["text"] for each in live.sessions[1].memory
    ]


async def test_the_end_is_announced_and_comes(live, connect):
    """After goAway there is the time it names, then the connection is closed."""
    live.scenes(Ready(), After(50), GoAway(0.2))
    async with connect() as session:
        message = await anext(session.receive())
        with pytest.raises(genai.errors.APIError) as closed:
            await anext(session.receive())

    assert "0.2s" == message.go_away.time_left
    assert 1001 == closed.value.code


async def test_by_their_own_word_speakers_begin_and_end(live, connect):
    """With detection off, what lies between activityStart and activityEnd is the sentence."""
    live.scenes(Heard("yes please"), Says("Done."))
    config = {"automatic_activity_detection": {"disabled": True}}
    async with connect(realtime_input_config=config) as session:
        await session.send_realtime_input(activity_start={})
        await say(session, "yes please")
        await session.send_realtime_input(activity_end={})

        assert ("yes please", "Done.") == (await turn(session))[1:]
