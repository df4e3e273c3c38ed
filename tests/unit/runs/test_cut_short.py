"""A run goes on wherever its process died between a step and its checkpoint, and does nothing twice."""

import msgspec
import pytest

from shared.desk.runs.again import fork
from shared.desk.runs.control import pause, resume
from shared.desk.sweep import sweep_daily
from shared.domain.errors import NotThere
from shared.domain.runs import as_document, run_path
from shared.ports import Put
from shared.runs import step_writes
from shared.runs.step_writes import StepWrites

FLOW = [
    {"id": "a", "set": {"n": "`1`"}},
    {"id": "made", "tool": "create_ticket", "arguments": {"subject": "s", "description": "d"}},
    {"id": "nap", "wait": {"for": "1h"}},
    {"id": "b", "set": {"n": "`2`"}},
    {"id": "c", "set": {"n": "b.n"}},
]
LARGE = [f"row {number} {'x' * 100}" for number in range(3000)]
"""Twice in a document, it is too much for that."""


@pytest.mark.parametrize("nth", range(1, 8))
async def test_what_a_step_wrote_counts_though_its_checkpoint_was_lost(flow, monkeypatch, nth):
    """Every step is done once, whichever checkpoint the death came before."""
    monkeypatch.setattr(step_writes, "MOMENT", 0)  # what a step wrote is on the disk before its checkpoint
    await flow.front.publish(tools={"create_ticket": {}})
    await flow.publish(flow=FLOW)
    whole, count = StepWrites.checkpoint, 0

    async def dies(self, thread, checkpoint):
        nonlocal count
        count += 1
        if count == nth:
            raise RuntimeError("the power went")
        await whole(self, thread, checkpoint)

    monkeypatch.setattr(StepWrites, "checkpoint", dies)
    run = await flow.go()
    for _ in range(6):
        flow.front.clock.move(seconds=30)
        run = await flow.advance(run.id)
        if run.status == "waiting":
            run = await flow.wait_out(run.id)

    assert ("completed", 0) == (run.status, run.failures)
    assert ["a", "made", "nap", "b", "c"] == [entry.node for entry in run.trace]
    assert 1 == len(await flow.front.documents("tickets"))
    assert count >= nth


async def test_a_run_that_breaks_whatever_advances_it_is_set_aside_and_can_be_replayed(flow, monkeypatch):
    """After so many tries without a step done it is parked with its reason; mended, it goes on."""
    await flow.publish(flow=FLOW[:1])

    async def dies(self, thread, checkpoint):
        raise RuntimeError("it breaks")

    with monkeypatch.context() as broken:
        broken.setattr(StepWrites, "checkpoint", dies)
        run = await flow.go()
        for _ in range(8):
            flow.front.clock.move(hours=1)
            run = await flow.advance(run.id)
    assert ("parked", True) == (run.status, "RuntimeError" in run.error)

    await resume(flow.services, "acme", run.id)
    assert "completed" == (await flow.advance(run.id)).status


async def test_what_is_too_large_for_a_document_is_kept_as_a_file(flow):
    """A step may come to more than a document holds; it is read back, and its file goes with the run."""
    await flow.publish(
        flow=[
            {"id": "a", "set": {"all": "input.all", "again": "input.all"}},
            {"id": "nap", "wait": {"for": "1h"}},
            FLOW[0] | {"id": "b"},
        ]
    )
    run = await flow.start(input={"all": LARGE})
    going = await flow.advance(run)
    over = await flow.wait_out(run)
    told = await flow.shown(run)

    assert ("waiting", "completed", True) == (going.status, over.status, over.large)
    assert LARGE == told["outputs"]["a"]["all"]
    assert ["a", "nap", "b"] == [one["node_id"] for one in told["trace"]["nodes"]]
    sizes = [len(str(one)) for one in await flow.front.documents("runs")]
    assert max(sizes) < 1_000_000
    assert await flow.front.documents("kept_files")

    flow.front.clock.move(days=91)
    await sweep_daily(flow.services)
    assert [] == await flow.front.documents("kept_files")


async def test_a_parent_reads_what_its_sub_runs_came_to_however_large_it_is(flow):
    """That one is over is told without what it came to, so that many ends fit beside each other."""
    many = [f"sub{number}" for number in range(4)]
    subs = [{"id": one, "run": "child", "arguments": {"all": {"from": "input.all"}}} for one in many]
    lengths = {"one": "length(sub0.outputs.a.again)", "how": "sub3.status"}
    await flow.publish(
        flow={
            "nodes": [*subs, {"id": "end", "set": lengths}],
            "edges": [{"from": one, "to": "end"} for one in many],
        },
        child=[{"id": "a", "set": {"all": "input.all", "again": "input.all"}}],
    )
    run = await flow.go(input={"all": LARGE})
    await pause(flow.services, "acme", run.id)
    await flow.advance(run.id)
    for wait in run.waits:
        child = await flow.advance(wait.child)
        paused = await flow.advance(run.id, child=child.id)
    await resume(flow.services, "acme", run.id)
    over = await flow.advance(run.id)
    told = await flow.shown(run.id)

    assert (True, 4, "completed") == (child.large, len(paused.inbox), over.status)
    assert len(msgspec.json.encode(as_document(paused))) < 400_000
    assert {"one": 3000, "how": "completed"} == told["outputs"]["end"]


async def test_the_steps_of_a_run_go_a_week_after_it_is_over(flow):
    """What it came to stays as long as receipts do; it can be forked no more."""
    await flow.publish(flow=FLOW[:1])
    run = await flow.go()
    flow.front.clock.move(days=8)
    await sweep_daily(flow.services)

    assert {"a": {"n": 1}} == (await flow.shown(run.id))["outputs"]
    with pytest.raises(NotThere):
        await fork(flow.services, "acme", run.id, "a")


async def test_what_customers_said_to_a_run_goes_with_the_messages(flow):
    """After the desk's days for messages only the skeleton stays: which steps there were, what they cost."""
    await flow.front.publish(privacy={"retention_days": 30, "receipts_retention_days": 60})
    await flow.publish(flow=[{"id": "a", "set": {"n": "input.message"}}])
    run = await flow.go(input={"message": "my diagnosis"}, context={"told": "my diagnosis"})
    flow.front.clock.move(days=29)
    await sweep_daily(flow.services)
    still = await flow.run(run.id)
    flow.front.clock.move(days=2)
    await sweep_daily(flow.services)
    gone = await flow.run(run.id)
    document = await flow.front.store.get(run_path(run.id))

    assert {"a": {"n": "my diagnosis"}} == still.outputs
    assert ({}, {}, {}, "completed") == (gone.input, gone.context, gone.outputs, gone.status)
    assert [("a", "set", still.trace[0].ms)] == [(one.node, one.kind, one.ms) for one in gone.trace]
    assert "diagnosis" not in str(document.data)
    flow.front.clock.move(days=30)
    assert await flow.front.store.get(run_path(run.id)) is None


async def test_a_run_that_cannot_be_read_keeps_no_others_steps(flow):
    """The steps of all others go, then what broke is told."""
    await flow.publish(flow=[{"id": "a", "set": {"n": "`1`"}}])
    bad, good = await flow.go(), await flow.go()
    found = await flow.front.store.get(run_path(bad.id))
    await flow.front.store.commit([Put(found.path, {**found.data, "input": "{"})])
    flow.front.clock.move(days=8)
    with pytest.raises(msgspec.DecodeError):
        await sweep_daily(flow.services)

    assert ("", True) == ((await flow.run(good.id)).steps_until, bool(good.steps_until))
