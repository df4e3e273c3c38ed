"""Ears for what a colleague and the caller say: one that fails hears on, one that is wanting is let be."""

from types import SimpleNamespace

import pytest
from livekit.agents import APIConnectionError, APIStatusError, llm

from shared.domain.errors import NotConnected, Transient
from tests.unit.telephony.carried import carried
from voice_service import overheard

CALLER = SimpleNamespace(identity="caller", sid="PA_1", track_publications={})


@pytest.fixture
async def ears(line, monkeypatch):
    """Ears in whose room the caller stands; how often they began to hear, with each failure before."""
    monkeypatch.setattr(overheard, "LOOKS_EVERY", 0.01)
    course = await carried(line)
    made = course.people._overheard
    made._on = True
    monkeypatch.setattr(course.talk.hold.room, "_remote_participants", {"caller": CALLER})

    async def follow(*failures):
        tried = []

        async def hear(_):
            tried.append(1)
            if len(tried) <= len(failures):
                raise failures[len(tried) - 1]
            made.end()

        monkeypatch.setattr(made, "_hear", hear)
        await made._follow(CALLER)
        return len(tried)

    return follow


@pytest.mark.parametrize(
    "failure",
    [
        APIConnectionError("no ear"),
        APIStatusError("too many", status_code=429),
        llm.RealtimeError("the connection ended"),
        Transient("busy"),
    ],
    ids=lambda one: type(one).__name__,
)
async def test_an_ear_that_failed_hears_on(ears, caplog, failure):
    """A vendor's bad moment costs the words of that moment, and is told."""
    assert 3 == await ears(failure, failure)
    assert 2 == [record.message for record in caplog.records].count("call.not_overheard")


async def test_ears_that_are_not_connected_are_not_asked_for_again(ears):
    """What has to be set up first does not come about during a call."""
    assert 1 == await ears(NotConnected("gemini"))
