"""The stand-in for Gemini Live behind LiveKit's own plugin for Google: what the plugin makes of it."""

import asyncio

import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, function_tool, llm
from livekit.plugins.google.realtime import RealtimeModel

from tests import hearing, speech
from tests.standins.live_script import (
    Asked,
    Close,
    Drop,
    GoAway,
    Heard,
    Opened,
    Ready,
    Refuse,
    Says,
    ToolCall,
)

MODEL = "gemini-3.8-live"
QUICK = APIConnectOptions(max_retry=3, retry_interval=0.1, timeout=5)


@pytest.fixture
async def session(live):
    """A session of the plugin, and what it has told."""
    model = RealtimeModel(
        model=MODEL, api_key=live.key, instructions="You are a receptionist.", conn_options=QUICK
    )
    session = model.session()
    yield session
    await session.aclose()


async def spoken(event):
    """What one generation said: its sound, its words, its calls."""
    audio, words, calls = b"", "", []

    async def messages():
        nonlocal audio, words
        async for message in event.message_stream:
            async for frame in message.audio_stream:
                audio += frame.data.tobytes()
            async for text in message.text_stream:
                words += text

    async def functions():
        async for call in event.function_stream:
            calls.append(call)  # noqa: PERF401 - as they come

    await asyncio.gather(messages(), functions())
    return audio, words.strip(), calls


def generations(session):
    """The generations that come, as a queue."""
    queue = asyncio.Queue()
    session.on("generation_created", queue.put_nowait)
    return queue


def speak(session, text):
    """Speak into the session as a room's microphone does, only at once."""
    pcm = speech.pcm(text) + speech.silence(1.0)
    for at in range(0, len(pcm) - 960, 960):
        session.push_audio(rtc.AudioFrame(pcm[at : at + 960], 48_000, 1, 480))


async def test_a_greeting_is_generated(live, session):
    """The plugin's reply is the scene that was asked for, in sound and words."""
    live.scenes(Asked("greet"), Says("Welcome to Sunrise."))

    audio, words, _ = await spoken(await session.generate_reply(instructions="Greet the caller."))

    assert "Welcome to Sunrise." == words
    assert hearing.contains(audio, 24_000, "Welcome to Sunrise.")


async def test_what_is_said_is_heard_and_written_down(live, session):
    """The caller's words become a transcript, and an answer."""
    live.scenes(Heard("what are your opening hours"), Says("We are open from nine to five."))
    found, heard = generations(session), []
    session.on("input_audio_transcription_completed", heard.append)
    await live.wait("out", "setupComplete")
    speak(session, "what are your opening hours")

    _, words, _ = await spoken(await asyncio.wait_for(found.get(), 5))
    await live.wait("out", "serverContent", "turnComplete")

    assert "We are open from nine to five." == words
    async with asyncio.timeout(2):
        while not any(one.is_final for one in heard):  # noqa: ASYNC110 - the plugin has no event to wait for
            await asyncio.sleep(0.01)
    assert "what are your opening hours" == heard[-1].transcript


async def test_a_tool_is_called_and_answered(live, session):
    """The call comes with its arguments; its output leads to the next generation."""

    @function_tool
    async def check_slots(day: str) -> str:
        """Free times of a day."""
        return day

    live.scenes(Asked("slots"), ToolCall("check_slots", {"day": "tomorrow"}), Says("=check_slots.output"))
    found = generations(session)
    await session.update_tools([check_slots])
    async with asyncio.timeout(5):
        while not any("tools" in one.setup for one in live.sessions):  # noqa: ASYNC110 - it connects anew for them
            await asyncio.sleep(0.01)
    _, _, calls = await spoken(await session.generate_reply(instructions="Ask for slots."))
    (call,) = calls
    chat = session.chat_ctx
    chat.items.append(call)
    chat.items.append(
        llm.FunctionCallOutput(call_id=call.call_id, name=call.name, output="nine o'clock", is_error=False)
    )
    await found.get()
    await session.update_chat_ctx(chat)

    assert "nine o'clock" == (await spoken(await asyncio.wait_for(found.get(), 5)))[1]
    assert '{"day": "tomorrow"}' == call.arguments
    assert [] == live.complaints


@pytest.mark.parametrize("fault", [Close(1011), Drop(), GoAway(1.0)], ids=["1011", "drop", "goAway"])
async def test_a_broken_session_is_resumed(live, session, fault):
    """After the fault the plugin comes back by the last handle, to a model that knows what was said."""
    live.scenes(Asked("first"), Says("One."), Asked("second"), Says("Two."))
    await spoken(await session.generate_reply(instructions="first"))
    await live.wait("out", "sessionResumptionUpdate", count=2)
    async with asyncio.timeout(2):
        while not session.session_resumption_handle:  # noqa: ASYNC110 - the plugin has no event to wait for
            await asyncio.sleep(0.01)

    live.now(fault)
    await live.wait("out", "setupComplete", count=2)
    _, words, _ = await spoken(await session.generate_reply(instructions="second"))

    assert "Two." == words
    setup = live.noted("in", "setup")[-1].body["setup"]
    assert session.session_resumption_handle is not None
    assert setup["sessionResumption"]["handle"] in live.handles
    assert "One." in [each["parts"][0]["text"] for each in live.sessions[-1].memory]


@pytest.mark.parametrize("fault", [Close(1007), Close(1008)], ids=["1007", "1008"])
async def test_the_plugin_gives_up_on_what_cannot_be_mended(live, fault):
    """A context used up ends the session at once; a policy is tried again until the tries are over."""
    live.scenes(Ready(), fault)
    model = RealtimeModel(model=MODEL, api_key=live.key, conn_options=QUICK)
    session = model.session()
    errors = []
    session.on("error", errors.append)
    async with asyncio.timeout(10):
        while not (errors and not errors[-1].recoverable):  # noqa: ASYNC110 - the plugin has no event to wait for
            await asyncio.sleep(0.02)

    assert len(errors) == (1 if fault.code == 1007 else QUICK.max_retry + 1)
    await session.aclose()


async def test_a_refused_connection_is_told(live):
    """The plugin does not try again what never was connected."""
    live.scenes(Opened(times=0), Refuse(503))
    model = RealtimeModel(model=MODEL, api_key=live.key, conn_options=QUICK)
    session = model.session()
    errors = []
    session.on("error", errors.append)
    async with asyncio.timeout(10):
        while not errors:  # noqa: ASYNC110 - the plugin has no event to wait for
            await asyncio.sleep(0.02)

    assert [False] == [error.recoverable for error in errors]
    await session.aclose()
