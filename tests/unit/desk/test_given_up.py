"""A turn that its model leaves alone gives up in time, takes back what it showed, and is tried again."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from shared.config.manifest import read_manifest
from shared.config.settings import MOST_TURN_SECONDS
from shared.desk.commit import live_key
from shared.desk.take_turn import MOST_RESTARTS, PAUSES
from shared.domain.instants import instant
from shared.models.summary import summary_request
from tests.house.tree import ROOT
from tests.journeys.house import until
from tests.standins.gemini import GeminiServer
from tests.standins.model_server import Fault, Step
from tests.unit.desk.front import Front

WORDS = "We are open from eight. Come along. We close at eight in the evening, on Sundays too."


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer() as server:
        yield server


@pytest.fixture
def environment(gemini: GeminiServer) -> dict[str, str]:
    keys = {"GEMINI_API_KEY": gemini.key, "GOOGLE_GEMINI_BASE_URL": gemini.url}
    return {**keys, "FRONTDESK_TURN_SECONDS": "3"}


def falters(gemini: GeminiServer, fault: Fault) -> None:
    """From now on the signals come, and the answer comes to nothing this way."""

    def rule(body: dict[str, Any]) -> Step:
        return Step(data={"sentiment": 0.5}) if gemini.schema(body) else Step(text=WORDS, fault=fault)

    gemini.rule = rule


@contextlib.asynccontextmanager
async def watched(front: Front) -> AsyncIterator[list[dict[str, Any]]]:
    """The partials a reader of the conversation is shown, in order."""
    shown: list[dict[str, Any]] = []
    notes = front.services.ports.live.watch(live_key(front.store.tenant, front.conversation))

    async def watch() -> None:
        async for note in notes:
            shown.extend([note] if note and note.get("event") == "partial" else [])

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    try:
        yield shown
        await asyncio.sleep(0.2)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await notes.aclose()


@pytest.fixture
async def front(front: Front) -> Front:
    """A desk whose model need not be loaded first."""
    await front.services.models.adapters["gemini"].warm()
    return front


async def test_what_was_shown_of_an_answer_that_breaks_off_leaves_the_screen(
    front: Front, gemini: GeminiServer
) -> None:
    """The sentences already shown are followed by an empty partial of the same message."""
    falters(gemini, "hang_midway")
    await front.say("When are you open?")
    async with watched(front) as shown:
        await front.turn()

    assert "We are open from eight." in shown[0]["text"]
    assert "" == shown[-1]["text"]
    assert 1 == len({note["message_id"] for note in shown})


async def test_what_a_killed_turn_showed_leaves_the_screen_when_the_desk_gives_up(
    front: Front, gemini: GeminiServer
) -> None:
    """A process that was killed takes nothing back: whoever ends its turn does."""
    falters(gemini, "hang_midway")
    await front.say("When are you open?")
    await front.say("On Sundays?")
    async with watched(front) as shown:
        for _ in range(len(PAUSES) + 1):
            shown.clear()
            turn = asyncio.create_task(front.turn(wait=60))
            await until(lambda: bool(shown))
            turn.cancel()
            await asyncio.gather(turn, return_exceptions=True)
        (begun,) = {note["message_id"] for note in shown}
        shown.clear()
        await front.turn(wait=60)

    assert "handover" == (await front.head()).state
    assert begun in [note["message_id"] for note in shown if note["text"] == ""]


async def test_a_model_that_hangs_ends_the_attempt_before_the_platform_would(
    front: Front, gemini: GeminiServer
) -> None:
    """Nothing was said and nothing is lost: the lease has run out, and a later alarm tries again."""
    front.services = dataclasses.replace(front.services, turn_seconds=0.5)
    falters(gemini, "hang")
    await front.say("When are you open?")

    async with asyncio.timeout(10):  # ends a broken run
        await front.turn()

    head = await front.head()
    assert (0, 1, 0) == (head.answered, head.pending, head.failures)
    assert instant(head.lease_until) <= front.clock.now()
    for _ in PAUSES:
        await front.turn(wait=60)
    assert "handover" == (await front.head()).state
    assert (await front.messages())[-1].content.text.startswith("Sorry, I cannot answer right now")


def test_the_longest_turn_fits_into_its_handlers_timeout() -> None:
    """Begun anew as often as may be, and summarised: the platform never cuts it off."""
    timeout = next(
        one.timeout for one in read_manifest(ROOT / "functions/manifest.yaml") if one.name == "take_turn"
    )
    summary = summary_request("", ()).timeout

    assert timedelta(seconds=MOST_TURN_SECONDS * (MOST_RESTARTS + 1) + summary) < timedelta(seconds=timeout)
