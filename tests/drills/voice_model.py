"""Breaks what a call's model is reached by, in every way the vendor is known for: the caller hears no gap."""

import asyncio
from collections.abc import Sequence
from functools import partial

from shared.domain.calls import Call
from tests.calls.caller import Caller
from tests.calls.recording import Recording
from tests.drills.exchange import Exchange, exchange
from tests.drills.machine import tone
from tests.drills.one_call import (
    ANSWER,
    BOOK,
    LOOK,
    QUESTION,
    QUIET,
    TAKE,
    Fault,
    Trial,
    afterwards,
    met,
    steady,
    try_out,
)
from tests.drills.silences import Silences
from tests.drills.tally import Tally
from tests.standins.gemini_live import GeminiLive
from tests.standins.live_script import Close, Drop, GoAway, Opened, Refuse, Says, ToolCall, Withhold

FULL, SMALL = 20, 1
MOMENT = "One moment please, I am looking."


async def drop_while_listening(one: Exchange, _: Call, __: Caller) -> None:
    """Breaks the socket in the middle of the caller's sentence."""
    await asyncio.sleep(0.8)
    one.model.now(Drop())


async def go_away(one: Exchange, _: Call, __: Caller) -> None:
    """What the vendor says before it ends a connection, here with three seconds left."""
    one.model.now(GoAway(seconds=3))
    await asyncio.sleep(1.5)


async def refuse_twice(one: Exchange, _: Call, __: Caller) -> None:
    """The next two connections are not taken."""
    one.model.scenes(Opened(times=2), Refuse(503))


async def kill_job(one: Exchange, _: Call, __: Caller) -> None:
    """SIGKILL of the process that carries the call, when its tools have acted and nothing is said yet."""
    await one.model.wait("in", "toolResponse", count=2, seconds=30)
    one.carrier()[1].kill()


async def kill_job_after_a_word(one: Exchange, call: Call, _: Caller) -> None:
    """The same once the words that were said before the tools acted are written down."""

    async def written() -> bool:
        return any(MOMENT in text for _, text in await one.desk.said(call))

    await one.desk.comes(written, 30)
    one.carrier()[1].kill()


FAULTS: Sequence[Fault] = (
    Fault(name="nothing"),
    Fault(name="socket dropped, mid-answer", answer=(*BOOK, Says(ANSWER), Drop())),
    Fault(name="socket dropped, mid-listen", strike=drop_while_listening),
    Fault(
        name="socket dropped, in a tool call",
        answer=(LOOK, ToolCall(TAKE.name, TAKE.args, wait=False), Drop()),
    ),
    Fault(name="tool's result withheld", answer=(*BOOK, Withhold())),
    Fault(name="goAway", before=go_away),
    *(
        Fault(name=f"closed with {code}, mid-answer", answer=(*BOOK, Says(ANSWER), Close(code)))
        for code in (1007, 1008, 1011)
    ),
    Fault(name="refused twice", answer=(*BOOK, Says(ANSWER), Drop()), before=refuse_twice),
    Fault(name="job killed", strike=kill_job),
    Fault(
        name="job killed, after a word",
        answer=(Says(MOMENT), *BOOK, Withhold()),
        strike=kill_job_after_a_word,
    ),
)


async def drill(*, full: bool) -> Tally:
    """Each fault once, or in full twenty times; one call at a time."""
    tally, silences = Tally("voice-model"), Silences()
    with GeminiLive() as model:
        async with exchange(model, workers=1) as one, tone(one.desk.livekit) as plain:
            for fault in FAULTS * (FULL if full else SMALL):
                trial = await steady(plain, partial(try_out, one, plain, fault))
                tally.check(not trial.wrong, trial.told)
                silences.add(trial)
            for _ in range(FULL if full else SMALL):
                trial = await steady(plain, partial(_hung_up, one, plain))
                tally.check(not trial.wrong, trial.told)
                silences.add(trial)
            tally.check(not model.complaints, f"the model was told what it does not know: {model.complaints}")
    tally.table += silences.table
    return tally


async def _hung_up(one: Exchange, plain: Recording) -> Trial:
    """The caller hangs up while a tool acts: what it did is done once, and nothing stays open."""
    trial = Trial(Fault(name="caller gone, in a tool call"))
    one.model.reset()
    one.model.scenes(*trial.fault.scenes)
    call, caller = await one.call()
    await met(trial, caller, plain)
    await asyncio.sleep(QUIET)
    asking = asyncio.create_task(caller.say(QUESTION))
    await one.model.wait("out", "toolCall", count=2, seconds=30)
    await caller.hang_up()
    asking.cancel()
    await afterwards(one, trial, call)
    return trial
