"""Takes workers away from under live calls, while all webhooks are lost: the calls go on, or end."""

import asyncio
import signal
import time
from collections.abc import Sequence
from functools import partial

from shared.domain.calls import Call
from tests.calls.caller import Caller
from tests.calls.recording import Recording
from tests.drills.exchange import Exchange, exchange
from tests.drills.gate import gate
from tests.drills.machine import tone
from tests.drills.one_call import GO_ON, Fault, Trial, closed, met, steady, try_out
from tests.drills.silences import Silences
from tests.drills.tally import Tally
from tests.standins.gemini_live import GeminiLive

FULL, SMALL = 20, 1
LATE = 7.0
"""Seconds after the caller at which the only worker comes."""

GRACE = 10.0
"""Seconds Cloud Run leaves between SIGTERM and SIGKILL."""

SWEPT_WITHIN = 60.0
"""Seconds in which a call that nothing is left of must have ended."""


async def mid_answer(one: Exchange, caller: Caller) -> None:
    """Until the tools have acted and the answer is heard."""
    await one.model.wait("in", "toolResponse", count=2, seconds=30)
    await one.model.wait("out", "serverContent", "generationComplete", count=2, seconds=30)
    await caller.hears(time.monotonic())


async def kill_worker(one: Exchange, _: Call, caller: Caller) -> None:
    """SIGKILL of the worker that carries the call, with all its processes; the other one runs."""
    await mid_answer(one, caller)
    one.kill_worker(one.carrier()[0])


async def deploy(one: Exchange, _: Call, caller: Caller) -> None:
    """SIGTERM, ten seconds, SIGKILL, as a deployment does; the other worker runs."""
    await mid_answer(one, caller)
    worker, _ = one.carrier()
    worker.send_signal(signal.SIGTERM)
    await asyncio.sleep(GRACE)
    if worker.poll() is None:
        one.kill_worker(worker)


FAULTS: Sequence[Fault] = (
    Fault(name="worker killed", strike=kill_worker, again=GO_ON, bound=8.0),
    Fault(name="deployed", strike=deploy, asks_again=True),
)


async def drill(*, full: bool) -> Tally:
    """Each once, or in full twenty times; one call at a time."""
    tally, silences = Tally("voice-workers"), Silences()

    def count(trial: Trial) -> None:
        tally.check(not trial.wrong, trial.told)
        silences.add(trial)

    with GeminiLive() as model:
        async with exchange(model, workers=0, webhooks=False) as one, tone(one.desk.livekit) as plain:
            for _ in range(FULL if full else SMALL):
                count(await steady(plain, partial(_nobody_there, one, plain)))
                for fault in FAULTS:
                    count(await steady(plain, partial(_two_there, one, plain, fault)))
                count(await steady(plain, partial(_abandoned, one, plain)))
    tally.table += silences.table
    return tally


async def _two_there(one: Exchange, plain: Recording, fault: Fault) -> Trial:
    """Two workers run, whatever the trial before has left."""
    await one.staff(2)
    return await try_out(one, plain, fault)


async def _nobody_there(one: Exchange, plain: Recording) -> Trial:
    """A dispatch is lost, for no worker is registered; one comes seven seconds after the caller.

    Silence counts from when the worker was registered, and as after the death of a whole worker.
    """
    async with gate(one.desk.livekit.url) as door:
        starting = asyncio.create_task(one.desk.start_worker(LIVEKIT_URL=door.url))
        await door.knocked.wait()

        async def come_late(_: Exchange, __: Call, ___: Caller) -> None:
            await asyncio.sleep(LATE)
            door.open.set()
            await starting

        fault = Fault(name=f"no worker for {LATE:.0f} s", arrive=come_late, bound=8.0)
        trial = await try_out(one, plain, fault)
        one.kill_workers()
    return trial


async def _abandoned(one: Exchange, plain: Recording) -> Trial:
    """All workers die, the caller leaves, and nothing is told of it: timers and sweep end the call."""
    trial = Trial(Fault(name="all workers killed, caller gone"))
    one.model.reset()
    one.model.scenes(*trial.fault.scenes)
    await one.staff(1)
    call, caller = await one.call()
    await met(trial, caller, plain)
    one.kill_workers()
    await caller.hang_up()
    await closed(one, trial, call, within=SWEPT_WITHIN)
    return trial
