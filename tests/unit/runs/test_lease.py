"""A run is its advancer's while a step works, however long; a death is noticed within moments."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from pydantic import BaseModel

from shared.desk.runs import lease
from shared.desk.runs.change import RunChange, change
from shared.desk.runs.triggers import sweep_runs
from shared.desk.runs.wake import take
from shared.domain.events import RunDue
from shared.domain.instants import instant
from shared.runs.step_writes import StepWrites
from shared.tools.registry import tool_catalogue
from shared.tools.shape import Catalogue, ToolResult
from tests.unit.runs.told import told as told_on_bus

FLOW = [{"id": "weigh", "tool": "weigh"}, {"id": "told", "set": {"n": "weigh.n"}}]


class Scales:
    """A tool that takes as long as a test lets it."""

    NAME = "weigh"
    DESCRIPTION = "Weighs something."
    EXAMPLES = ("weigh it",)
    TIMEOUT = 60.0

    class Settings(BaseModel):
        """Nothing to set."""

    class Arguments(BaseModel):
        """Nothing to say."""

    def __init__(self):
        self.begun, self.done, self.times = asyncio.Event(), asyncio.Event(), 0

    async def run(self, arguments, context):
        self.times += 1
        self.begun.set()
        await self.done.wait()
        return ToolResult(data={"n": self.times})


@pytest.fixture
async def scales(flow, front, monkeypatch):
    """A desk with scales, whose runs are renewed all the time."""
    tool = Scales()
    tools = Catalogue(tool_catalogue().tools | {"weigh": tool})
    monkeypatch.setattr("tests.unit.desk.front.tool_catalogue", lambda: tools)
    monkeypatch.setattr(lease, "_RENEWALS", lease.LEASE / 0.01)
    front.services = replace(front.services, tools=tools)
    await front.publish(tools={"weigh": {}})
    await flow.publish(flow=FLOW)
    return tool


async def test_a_lease_is_short_and_renewed_while_a_step_works(flow, scales):
    """After a death others wait seconds; a step of minutes is nobody else's meanwhile."""
    run = await flow.start()
    advancing = asyncio.create_task(flow.advance(run))
    await scales.begun.wait()
    first = await flow.run(run)
    for _ in "abcdef":
        flow.front.clock.move(seconds=14)
        await _renewed_after(flow, run)
        other = await flow.advance(run)
        assert (first.fence, first.lease) == (other.fence, other.lease)
    scales.done.set()
    done = await advancing

    assert instant(first.lease_until) - instant(first.created_at) <= timedelta(seconds=15)
    assert ("completed", 1) == (done.status, scales.times)
    assert {"weigh": {"n": 1}, "told": {"n": 1}} == done.outputs


async def test_whoever_lost_a_run_stops_and_commits_nothing_more(flow, scales):
    """A process that slept while another took its run over is cut short in its step, and the run is the
    other's.
    """
    run = await flow.start()
    advancing = asyncio.create_task(flow.advance(run))
    await scales.begun.wait()

    def taken_over(found):
        return RunChange(run=msgspec.structs.replace(found, fence=found.fence + 1, lease="another"))

    await change(flow.services, flow.front.store, run, taken_over)
    left = await advancing

    assert ("running", "another", {}) == (left.status, left.lease, left.outputs)
    assert not scales.done.is_set()


async def _renewed_after(flow, run):
    """The lease of the run reaches beyond what the clock says by its whole length."""
    while True:
        left = instant((await flow.run(run)).lease_until) - flow.front.clock.now()
        if left >= timedelta(seconds=15):
            return
        await asyncio.sleep(0.01)


async def test_a_run_whose_advancer_and_deliveries_died_is_taken_up_by_the_sweep(flow, scales):
    """Nothing is on its way to it any more; a minute later it is told of again, and its step is done once."""
    scales.done.set()
    run = await flow.start()
    assert await take(flow.services, flow.front.store, RunDue(event_id="e", tenant="acme", run=run))
    told = await told_on_bus(flow, RunDue)
    flow.front.clock.move(seconds=lease.LEASE + 29)
    assert 0 == await sweep_runs(flow.services)
    flow.front.clock.move(seconds=2)
    assert 1 == await sweep_runs(flow.services)
    (anew,) = (await told_on_bus(flow, RunDue))[len(told) :]
    over = await flow.advance(anew.run)

    assert ("completed", 1, 1) == (over.status, over.outputs["told"]["n"], scales.times)
    flow.front.clock.move(hours=1)
    assert 0 == await sweep_runs(flow.services)


async def test_a_run_nobody_took_is_taken_up_by_the_sweep(flow, scales):
    """The first that was told of it died before it had it."""
    scales.done.set()
    run = await flow.start()

    assert 1 == await sweep_runs(flow.services)
    assert "completed" == (await flow.advance(run)).status
    assert 0 == await sweep_runs(flow.services)


async def test_a_run_that_broke_is_left_its_pause(flow, monkeypatch):
    """The sweep comes after it, and no sooner: what breaks is tried less and less often."""
    await flow.publish(flow=[{"id": "a", "set": {"n": "`1`"}}])

    async def dies(self, thread, checkpoint):
        raise RuntimeError("it breaks")

    monkeypatch.setattr(StepWrites, "checkpoint", dies)
    run = await flow.start()
    for _ in range(4):
        flow.front.clock.move(hours=1)
        await flow.advance(run)
    flow.front.clock.move(seconds=90)
    assert 0 == await sweep_runs(flow.services)
    flow.front.clock.move(seconds=61)
    assert 1 == await sweep_runs(flow.services)
