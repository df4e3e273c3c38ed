"""A fifth of all packets to the caller is lost: they hear the desk all the same, and are understood."""

import asyncio
import json
import sys
from contextlib import suppress

from tests.calls.netns import Apart, apart, spawn
from tests.calls.recording import Recording
from tests.drills.exchange import Exchange, exchange
from tests.drills.machine import tone
from tests.drills.one_call import Fault, Trial, afterwards
from tests.drills.silences import Silences
from tests.drills.tally import Tally
from tests.standins.gemini_live import GeminiLive

FULL, SMALL = 20, 2
PERCENT = 20
LEAST = 20
"""Packets that must have been lost of a call, for the loss to be one."""


async def drill(*, full: bool) -> Tally:
    """Two calls, or in full twenty; the caller is in a network of their own. Needs root."""
    tally, silences = Tally("voice-loss"), Silences()
    with GeminiLive() as model, apart() as there:
        place = {"host": there.near, "interface": there.interface}
        async with exchange(model, workers=1, **place) as one, tone(one.desk.livekit) as plain:
            there.lose(PERCENT, one.desk.livekit.media_port)
            for _ in range(FULL if full else SMALL):
                trial = await _far_call(one, plain, there)
                tally.check(not trial.wrong, trial.told)
                silences.add(trial)
    tally.table += silences.table
    return tally


async def _far_call(one: Exchange, plain: Recording, there: Apart) -> Trial:
    trial, lost = Trial(Fault(name=f"{PERCENT} % of packets lost")), there.dropped()
    one.model.reset()
    one.model.scenes(*trial.fault.scenes)
    call, entrance = await one.ask_for_a_room()
    words = [sys.executable, "-m", "tests.drills.far_talk", entrance["url"], entrance["token"]]
    far = await asyncio.to_thread(spawn, there, words, {})
    assert far.stdout is not None
    try:
        lines = (await asyncio.to_thread(far.stdout.read)).splitlines()
    finally:
        far.kill()
        far.wait()
    told = None
    with suppress(ValueError, IndexError):
        told = json.loads(lines[-1])
    if told is None:
        trial.late.append("the caller had no whole talk")
    else:
        trial.greeted = told["silences"][0]
        for (since, until), silence in zip(told["owed"], told["silences"], strict=True):
            trial.waited(silence, plain.longest_silence(since, until))
        if not told["heard"]:
            trial.late.append("the end of the answer was not heard")
    if there.dropped() - lost < LEAST:
        trial.late.append(f"{there.dropped() - lost} packets were lost")
    await afterwards(one, trial, call)
    return trial
