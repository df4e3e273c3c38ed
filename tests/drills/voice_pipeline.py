"""Breaks what a call in orchestrated mode hears, thinks and speaks by: no gap is heard, and an answer."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.desk.calls.giving_up import AGAIN
from tests.calls.caller import Caller
from tests.calls.recording import Recording
from tests.drills import one_call
from tests.drills.exchange import Exchange, exchange
from tests.drills.machine import tone
from tests.drills.one_call import ANSWERED_WITHIN, CLOSED_WITHIN, GREETED_WITHIN, QUIET, Trial, reads, steady
from tests.drills.silences import Silences
from tests.drills.tally import Tally
from tests.standins.deepgram import Deepgram
from tests.standins.elevenlabs import ElevenLabs
from tests.standins.faults import Fault as Trouble
from tests.standins.gemini_live import GeminiLive
from tests.standins.model_server import Step

FULL, SMALL = 20, 1
HELLO = "Hello, this is Acme Clinic."
QUESTION, ANSWER = "what are your opening hours", "We are open all day and all night."
SORRY = AGAIN["en"].partition(".")[0]

ASKS_AGAIN = 5.0
"""Seconds after which a caller who hears no answer says it once more."""

VOICE: dict[str, Any] = {
    "mode": "orchestrated",
    "voice_id": "aura-2-andromeda-en",
    "stt": {"provider": "deepgram"},
    "tts": {
        "provider": "deepgram",
        "fallbacks": [{"provider": "elevenlabs", "voice_id": "21m00Tcm4TlvDq8ikWAM"}],
    },
    "turn_detection": {"silence_duration_ms": 400},
    "integration": {"cache_size": 0},  # what is asked in each call would be known from the one before
}
Rule = Callable[[dict[str, Any]], Step | None]


def answers(body: dict[str, Any]) -> Step | None:
    """What a model that works says; questions with a form are filled in without a word."""
    return None if "responseJsonSchema" in body.get("generationConfig", {}) else Step(text=ANSWER)


def slow(body: dict[str, Any]) -> Step | None:
    """The desk's own thinking, which has tools, does not come to an end; a model alone answers."""
    return Step(fault="hang") if body.get("tools") else answers(body)


def nothing(body: dict[str, Any]) -> Step | None:
    """Nobody thinks."""
    return Step(fault="broken") if answers(body) else None


@dataclass(frozen=True, kw_only=True)
class Break:
    """What breaks once the caller was greeted."""

    name: str
    trouble: Trouble | None = None  # of what hears or speaks
    thinks: Rule = answers
    sorry: bool = False  # whether the caller is asked to say it again


BREAKS: Sequence[Break] = (
    Break(name="ear's socket cut, mid-sentence", trouble=Trouble(kind="drop", path="/v1/listen")),
    Break(name="mouth does not answer", trouble=Trouble(kind="refuse", path="/v1/speak", times=99)),
    Break(name="turn past its deadline", thinks=slow),
    Break(name="nobody thinks", thinks=nothing, sorry=True),
)


async def drill(*, full: bool) -> Tally:
    """Each once, or in full twenty times; one call at a time."""
    tally, silences = Tally("voice-pipeline"), Silences()
    with GeminiLive() as model, Deepgram() as deepgram, ElevenLabs() as elevenlabs:
        deepgram.know(QUESTION)
        vendors = {
            "DEEPGRAM_API_KEY": deepgram.key, "DEEPGRAM_API_URL": deepgram.url,
            "ELEVENLABS_API_KEY": elevenlabs.key, "ELEVENLABS_API_URL": elevenlabs.url,
        }  # fmt: skip
        async with (
            exchange(model, workers=1, vendors=vendors) as one,
            tone(one.desk.livekit) as plain,
        ):
            await one.desk.publish(voice=VOICE)
            for what in BREAKS * (FULL if full else SMALL):
                trial = await steady(plain, partial(_try_out, one, plain, deepgram, what))
                tally.check(not trial.wrong, trial.told)
                silences.add(trial)
    tally.table += silences.table
    return tally


async def _try_out(one: Exchange, plain: Recording, deepgram: Deepgram, what: Break) -> Trial:
    """Call once, break it, and look at what was heard and written down."""
    trial = Trial(one_call.Fault(name=what.name))
    one.model.reset()
    one.model.rule = answers
    deepgram.faults.waiting.clear()
    call, caller = await one.call()
    came = time.monotonic()
    try:
        trial.greeted = await caller.hears(came, GREETED_WITHIN) - came
        await reads(trial, caller, HELLO, GREETED_WITHIN)
        await asyncio.sleep(QUIET)
        one.model.rule = what.thinks
        if what.trouble:
            deepgram.faults.set(Trouble(what.trouble.kind, path=what.trouble.path, times=what.trouble.times))
        await _asks(trial, caller, plain, SORRY if what.sorry else ANSWER)
        if what.sorry:
            one.model.rule = answers
            await _asks(trial, caller, plain, ANSWER)
    except (TimeoutError, LookupError) as late:
        trial.late.append(f"{type(late).__name__}: {late}")
    finally:
        await caller.hang_up()
    trial.done += await one.left_of(call, within=CLOSED_WITHIN)
    said = await one.desk.said(call)
    for who, words in (("desk", HELLO), ("customer", QUESTION), ("desk", ANSWER)):
        if not any(author == who and words in text for author, text in said):
            trial.late.append(f"{words!r} is not in the transcript {said}")
    return trial


async def _asks(trial: Trial, caller: Caller, plain: Recording, wanted: str) -> None:
    """Ask, and where no answer comes once more; what was heard meanwhile is taken into account."""
    _, stopped = await caller.say(QUESTION)
    with suppress(TimeoutError):
        caption = await caller.reads(wanted, ASKS_AGAIN)
        trial.owed(caller, plain, stopped, caption.at)
        return
    again, ended = await caller.say(QUESTION)
    trial.owed(caller, plain, stopped, again)
    await reads(trial, caller, wanted, ANSWERED_WITHIN)
    trial.owed(caller, plain, ended, time.monotonic())
