"""The page of a voice room, and what is said of calls: policy, words in each language, figures."""

import json
import re

import httpx
import pytest
from starlette.applications import Starlette

from shared.console import voice_page
from shared.console.call_origins import call_origins
from shared.console.call_view import bars, facts
from shared.console.call_words import clock, number_of, seconds_of
from shared.console.drawing import HERE
from shared.domain.calls import Call, Figures
from tests.unit.web.conftest import publish

CLOUD = ".livekit.cloud"  # sends browsers on to regions of its own
LIVEKIT = "wss://calls.example:7443"
VOICE = HERE / "static" / "voice"


@pytest.fixture
def look(house):
    """A function that asks for a desk's room; `livekit` empty is not connected."""

    async def ask(desk="front", livekit=LIVEKIT):
        routes = voice_page.routes(
            board=house.board, desks=house.versions, livekit=livekit, local_only_open=False
        )
        transport = httpx.ASGITransport(Starlette(routes=routes), client=("203.0.113.9", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="https://desk.example") as browser:
            return await browser.get(f"/voice/{desk}")

    return ask


@pytest.fixture
async def called(house):
    """The desk `talk`, which takes calls from the browser."""
    text = json.dumps(
        {
            "tenant": {"id": "talk", "name": "Talk"},
            "desk": {"id": "talk", "name": "Talk & <Tell>", "languages": ["en"]},
            "voice": {
                "enabled": True,
                "mode": "realtime",
                "recording": {"enabled": True, "consent": "announce"},
            },
            "channels": {"room": {}},
        }
    )
    await publish(house.versions, text, "talk/talk.yaml")


def call(**more):
    """A call that is over."""
    return Call(
        id="c", desk="front", conversation="v", customer="k", room="r", direction="inbound", account="+1",
        contact="+919812345678", state="ended", started_at="2026-11-20T10:00:00.000000Z", **more,
    )  # fmt: skip


@pytest.mark.usefixtures("called")
async def test_the_page_lets_the_microphone_and_the_line_in_and_nothing_else(look):
    """The policy names LiveKit's address, the microphone is the page's own, nothing is inline."""
    answer = await look("talk")
    policy = answer.headers["content-security-policy"]

    assert 200 == answer.status_code
    assert f"connect-src 'self' {LIVEKIT} https://calls.example:7443;" in policy
    assert "unsafe" not in policy
    assert "microphone=(self)" in answer.headers["permissions-policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", answer.text)
    assert 'data-recording="announce"' in answer.text
    assert "Talk &amp; &lt;Tell&gt;" in answer.text


@pytest.mark.usefixtures("called")
async def test_whoever_is_not_here_is_told_no_settings(look):
    """Where calls are not connected a customer reads that they are not possible, and no more."""
    answer = await look("talk", livekit="")

    assert 'data-trouble="unconnected"' in answer.text
    assert "LIVEKIT" not in answer.text


async def test_a_desk_without_a_room_is_not_found(look):
    """A desk that takes no calls says so; one that is none has no page."""
    without, none = await look("front"), await look("nowhere")

    assert (404, 404) == (without.status_code, none.status_code)
    assert 'data-trouble="off"' in without.text
    assert "No desk answers here" in none.text


@pytest.mark.parametrize(
    ("address", "origins"),
    [
        ("ws://127.0.0.1:7880", "ws://127.0.0.1:7880 http://127.0.0.1:7880"),
        ("https://calls.example", "wss://calls.example https://calls.example"),
        ("wss://key:secret@calls.example", "wss://calls.example https://calls.example"),  # never a secret
        ("wss://a.livekit.cloud", f"wss://a{CLOUD} https://a{CLOUD} wss://*{CLOUD} https://*{CLOUD}"),
        ("", ""),
        ("calls.example; script-src *", ""),  # no address at all
    ],
)  # fmt: skip
def test_the_origins_of_a_line(address, origins):
    """A policy gets the socket and its plain twin, and nothing of what else an address holds."""
    assert origins == call_origins(address)


def test_the_room_says_every_word_in_each_language():
    """English and Hindi have the same entries with the same values, and what the page says is there."""
    english, hindi = (VOICE / "room-words.js").read_text("utf-8").split("\n  hi: {")
    entries = [dict(re.findall(r'^    (\w+): "(.*)",$', part, re.MULTILINE)) for part in (english, hindi)]
    values = [{key: set(re.findall(r"\{\w+\}", text)) for key, text in part.items()} for part in entries]
    sources = "".join(file.read_text("utf-8") for file in VOICE.glob("*.js"))
    said = set(re.findall(r'\bsay\("(\w+)"', sources))

    assert len(entries[0]) > 40
    assert values[0] == values[1]
    assert set() == said - set(entries[0])


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (65, "1:05"), (3600, "1:00:00"), (-3, "0:00")])
def test_a_length_is_told_as_a_telephone_tells_it(seconds, words):
    """Minutes and seconds, hours where there are."""
    assert words == clock(seconds)


def test_a_call_lasts_from_when_both_sides_were_there():
    """One nobody answered lasted as long as it was tried; a number is the network's alone."""
    ended = "2026-11-20T10:01:00.000000Z"
    spoken = call(answered_at="2026-11-20T10:00:20.000000Z", ended_at=ended)

    assert (40, 60, 0) == (seconds_of(spoken), seconds_of(call(ended_at=ended)), seconds_of(call()))
    assert "+919812345678" == number_of(spoken)


def test_figures_are_told_with_their_units_and_none_is_invented():
    """Stages come in their order, longest last bar full; what nobody measured is not shown."""
    told = call(
        figures=Figures(
            turns=3,
            latency_ms={"zeta": (5, 9), "tts": (1, 2), "whole": (800, 1400)},
            loss=0.0124,
            sentiment=0.64,
        )
    )  # fmt: skip

    assert [("Whole turn", 1400), ("Speaking", 2), ("Zeta", 9)] == [
        (one.name, one.slow) for one in bars(told)
    ]
    assert {1400} == {one.of for one in bars(told)}
    assert [("Their turns", "3"), ("Sound", "1.2% lost"), ("Mood", "64%")] == facts(told)
    assert ([], []) == (bars(call()), facts(call()))
