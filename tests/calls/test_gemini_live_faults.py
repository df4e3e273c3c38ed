"""How the stand-in for Gemini Live fails, as Google's client sees it: refused, closed, broken, silent."""

import asyncio
import json
import subprocess
import sys

import httpx
import pytest
from google import genai
from google.genai import types
from websockets.exceptions import InvalidStatus

from tests import speech
from tests.standins.live_script import (
    Asked,
    Close,
    Drop,
    Heard,
    Interrupt,
    Opened,
    Ready,
    Refuse,
    Says,
    Withhold,
)

CONFIG = {"response_modalities": ["AUDIO"]}


@pytest.fixture
def connect(live):
    """A function that opens a session."""
    client = genai.Client()
    return lambda model="gemini-3.8-live": client.aio.live.connect(model=model, config=CONFIG)


async def ask(session, text="hello", role="user"):
    await session.send_client_content(turns=types.Content(role=role, parts=[types.Part(text=text)]))


@pytest.mark.parametrize("code", [1007, 1008, 1011])
async def test_a_close_code_reaches_the_client(live, connect, code):
    """In the middle of a sentence the connection is closed with the code; the next session is well."""
    live.scenes(Asked(times=1), Says("One moment."), Close(code), Asked(), Says("Here I am."))
    async with connect() as session:
        await ask(session)
        with pytest.raises(genai.errors.APIError) as closed:
            [message async for message in session.receive()]
    async with connect() as session:
        await ask(session)
        messages = [message async for message in session.receive()]

    assert code == closed.value.code
    assert messages[-1].server_content.turn_complete


async def test_a_line_that_breaks_says_nothing(live, connect):
    """Without a close frame the client sees an abnormal end."""
    live.scenes(Ready(), Drop())
    async with connect() as session:
        with pytest.raises(genai.errors.APIError) as broken:
            [message async for message in session.receive()]

    assert 1006 == broken.value.code


async def test_sessions_that_are_open_are_struck_when_asked(live, connect):
    """A fault may come at any moment, into every session there is."""
    async with connect() as session:
        live.now(Close(1011))
        with pytest.raises(genai.errors.APIError) as closed:
            [message async for message in session.receive()]

    assert 1011 == closed.value.code


async def test_a_connection_is_refused(live, connect):
    """The handshake is answered with a status of HTTP, as often as was told."""
    live.scenes(Opened(times=1), Refuse(503))
    with pytest.raises(InvalidStatus, match="503"):
        async with connect():
            pass
    async with connect() as session:
        await ask(session)
        assert [message async for message in session.receive()]


async def test_a_session_may_never_be_set_up(live, connect):
    """It takes the setup and says nothing."""
    live.scenes(Opened(), Withhold())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5), connect():
            pass

    assert "models/gemini-3.8-live" == live.noted("in", "setup")[0].body["setup"]["model"]


async def test_it_may_take_everything_and_say_nothing(live, connect):
    """What is withheld stays withheld until another session."""
    async with connect() as session:
        live.now(Withhold())
        await ask(session)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await anext(session.receive())


async def test_it_may_believe_to_be_interrupted(live, connect):
    """An interruption nobody made stops what is being said."""
    live.scenes(Asked(), Says("This sentence is long enough to be in the middle of it when it is stopped."))
    live.speed = 1
    async with connect() as session:
        await ask(session)
        await live.wait("out", "serverContent", "modelTurn")
        live.now(Interrupt())
        messages = [message async for message in session.receive()]

    assert any(message.server_content and message.server_content.interrupted for message in messages)


@pytest.mark.parametrize(
    ("model", "key", "code", "words"),
    [
        ("gemini-9-live", "test-key", 1008, "is not found"),  # not a model that is live
        ("gemini-3.8-live", "other", 1007, "API key not valid"),
    ],
)
async def test_a_wrong_model_or_key_is_refused(live, model, key, code, words):
    """The close code and the reason are those of Google."""
    client = genai.Client(api_key=key)
    with pytest.raises(genai.errors.APIError, match=words) as refused:
        async with client.aio.live.connect(model=model, config=CONFIG) as session:
            await anext(session.receive())

    assert code == refused.value.code


async def test_history_of_no_role_is_refused(live, connect):
    """Turns are the user's or the model's; any other is a bad argument."""
    async with connect() as session:
        await ask(session, role="system")
        with pytest.raises(genai.errors.APIError) as closed:
            await anext(session.receive())

    assert 1007 == closed.value.code


async def test_a_handle_that_was_never_given_is_refused(live):
    """Only what can be resumed is."""
    config = {**CONFIG, "session_resumption": {"handle": "made-up"}}
    with pytest.raises(genai.errors.APIError) as closed:
        async with genai.Client().aio.live.connect(model="gemini-3.8-live", config=config) as session:
            await anext(session.receive())

    assert 1008 == closed.value.code


def test_words_are_answered_at_the_same_address(live):
    """The desk's model of text and the call's model have one address."""
    with genai.Client() as client:
        answer = client.models.generate_content(model="gemini-3.8-flash", contents="hi")

    assert "You said: hi" == answer.text


async def test_by_hand_it_serves_a_script_and_is_led_over_http(tmp_path, monkeypatch):
    """By itself it tells its settings, answers by a file, takes more scenes, strikes and tells its log."""
    script = tmp_path / "scenes.json"
    script.write_text(json.dumps([{"type": "Asked"}, {"type": "Says", "text": "From a file."}]))
    command = [sys.executable, "-m", "tests.standins.gemini_live", "--script", str(script), "--thinking", "0"]
    begun = await asyncio.to_thread(subprocess.Popen, command, stdout=subprocess.PIPE, text=True)
    with begun as process:
        for _ in range(3):
            monkeypatch.setenv(*process.stdout.readline().strip().split("=", 1))
        client = genai.Client()
        async with client.aio.live.connect(model="gemini-3.8-live", config=CONFIG) as session:
            await ask(session)
            spoken = [message.data async for message in session.receive() if message.data]
            async with httpx.AsyncClient(base_url=client._api_client._http_options.base_url) as control:
                added = await control.post("/_control/scenes", json=[{"type": "Heard", "text": "goodbye"}])
                struck = await control.post("/_control/now", json=[{"type": "Close", "code": 1011}])
                log = (await control.get("/_control/log")).json()
        process.terminate()

    assert len(b"".join(spoken)) == len(speech.pcm("From a file.", 24_000))
    assert ({"scenes": 2}, {"sessions": 1}) == (added.json(), struck.json())
    assert ["own opened", "in setup", "out setupComplete"] == [
        f"{one['way']} {one['kind']}" for one in log["log"][:3]
    ]
    assert 0 == process.returncode


def test_what_can_be_heard_is_found_by_its_scene(live):
    """Where a cue's times are over, the next scene that fits has its turn; an empty cue fits all."""
    live.scenes(Heard("yes", times=1), Says("A"), Heard("yes"), Says("B"), Heard(), Says("C"))

    assert ["A", "B", "B", "C"] == [live.live.heard(said)[0].text for said in ("yes", "yes", "yes", None)]
