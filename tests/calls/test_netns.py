"""A call over a line that loses packets: the loss is real, the words come through, nothing is left behind."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from tests.calls.caller import calling, token
from tests.calls.netns import MissingNamespaceError, apart, spawn
from tests.livekit_server import cache
from voice_service.livekit_server import running

SENTENCE = "There is nine o'clock tomorrow."


async def heard_at_loss(percent):
    """What a caller hears of somebody who repeats a sentence, with so much of it lost."""
    with apart() as there, running(cache=cache(), host=there.near, interface=there.interface) as server:
        if percent:
            there.lose(percent, server.media_port)
        async with calling(server, "room", "ann") as ann:
            key = token(server, "room", "bob")
            words = [sys.executable, "-m", "tests.calls.far_caller", server.url, key, "8", SENTENCE]
            far = await asyncio.to_thread(spawn, there, words, {})
            try:
                assert "joined" == (await asyncio.to_thread(far.stdout.readline)).strip()
                told = asyncio.create_task(asyncio.to_thread(far.stdout.readline))
                while not told.done():
                    await ann.say(SENTENCE)
                    await asyncio.sleep(0.3)
                return json.loads(await told), there.dropped() if percent else 0
            finally:
                far.kill()
                far.communicate()


async def test_without_loss_all_arrives():
    """The line itself takes nothing away."""
    told, _ = await heard_at_loss(0)

    assert told["received"] > 200
    assert told["lost"] <= 2
    assert told["sentence"]
    assert told["longest_silence"] < 1.5


async def test_a_fifth_is_lost_and_the_words_come_through():
    """At 20 % about so many packets are lost, little of the sound is made up, and no silence grows of it."""
    told, dropped = await heard_at_loss(20)

    assert 0.12 < told["lost"] / (told["lost"] + told["received"]) < 0.28
    assert dropped >= told["lost"]
    assert told["longest_silence"] < 1.5
    assert told["sentence"]


def test_nothing_is_left_behind():
    """After the block network and cable are gone, also where it failed."""
    with pytest.raises(ZeroDivisionError), apart() as there:
        raise ZeroDivisionError

    listed = subprocess.run(["ip", "netns", "list"], check=True, capture_output=True, text=True).stdout
    assert there.name not in listed
    assert (
        0
        != subprocess.run(
            ["ip", "link", "show", there.interface], check=False, capture_output=True
        ).returncode
    )


def test_without_root_it_is_said_so(monkeypatch):
    """The message says what is needed."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(MissingNamespaceError, match="needs root"), apart():
        pass
