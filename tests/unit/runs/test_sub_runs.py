"""Sub-runs act for as long as their parent waits for them, and tell whoever waits."""

import pytest

from shared.desk.runs.again import fork, retry
from shared.desk.runs.control import cancel, pause
from shared.desk.runs.signal import signal
from tests.unit.runs.till import asked, at_till


async def test_a_fork_begins_a_sub_run_of_its_own(flow):
    """The one that the first run waits for tells the first run alone."""
    await flow.publish(
        flow={
            "nodes": [
                {"id": "sub", "run": "child"},
                {"id": "nap", "wait": {"for": "1h"}},
                {"id": "z", "set": {"n": "`1`"}},
                {"id": "end", "set": {"of": "sub.status"}},
            ],
            "edges": [{"from": "nap", "to": "z"}, {"from": "sub", "to": "end"}],
        },
        child=[{"id": "sleep", "wait": {"for": "2h"}}],
    )
    first = await flow.go()
    await flow.wait_out(first.id)
    new = await fork(flow.services, "acme", first.id, "z")
    forked = await flow.advance(new.id)
    child, other = (next(wait.child for wait in run.waits if wait.child) for run in (forked, first))
    assert {child, other} == {one["id"] for one in await flow.front.documents("runs") if one["parent"]}
    await flow.advance(child)
    await flow.wait_out(child)
    over = await flow.advance(new.id, child=child)

    assert ("completed", {"of": "completed"}) == (over.status, over.outputs["end"])


async def test_a_cancelled_run_that_is_tried_again_begins_its_sub_run_anew(flow):
    """The former one was cancelled with it, and ends no wait any more."""
    await flow.publish(
        flow=[{"id": "a", "set": {"n": "`1`"}}, {"id": "sub", "run": "child"}],
        child=[{"id": "sleep", "wait": {"for": "2h"}}],
    )
    run = await flow.go()
    former = await flow.advance(run.waits[0].child)
    await cancel(flow.services, "acme", run.id)
    await flow.advance(run.id)
    await flow.hear(former.id)
    await retry(flow.services, "acme", run.id, "sub")
    again = await flow.advance(run.id)
    child = await flow.advance(again.waits[0].child)
    await flow.wait_out(child.id)

    assert ("cancelled", "waiting") == ((await flow.run(former.id)).status, again.status)
    assert "completed" == (await flow.advance(run.id, child=child.id)).status


async def test_a_set_aside_run_that_is_taken_back_cancels_the_sub_run_it_waits_for_no_more(flow, monkeypatch):
    """Its step begins another; one that still stands goes on being waited for."""
    await flow.publish(
        flow={
            "nodes": [
                {"id": "one", "run": "child"},
                {"id": "other", "run": "child"},
                {"id": "end", "set": {"n": "`1`"}},
            ],
            "edges": [{"from": "one", "to": "end"}, {"from": "other", "to": "end"}],
        },
        child=[{"id": "sleep", "wait": {"for": "2h"}}],
    )
    run = await flow.go()
    children = {wait.node: wait.child for wait in run.waits}
    for child in children.values():
        await flow.advance(child)
    with monkeypatch.context() as broken:
        broken.setattr(flow.services.versions, "published", nobody)
        await signal(flow.services, "acme", run.id, "look")
        await pause(flow.services, "acme", run.id)
        assert "parked" == (await flow.advance(run.id)).status
    await retry(flow.services, "acme", run.id, "one")
    await flow.hear(children["one"])
    again = {wait.node: wait.child for wait in (await flow.advance(run.id)).waits}

    assert (children["other"], True) == (again["other"], again["one"] != children["one"])
    assert ["cancelled", "waiting"] == [(await flow.run(one)).status for one in children.values()]


async def nobody(desk):
    """What a desk publishes that is gone."""


async def test_sub_runs_of_a_run_that_fails_are_cancelled(flow, till):
    """Whatever they had begun to do, they do no more; what they did is undone."""
    till.refuses = {"bad"}
    await flow.publish(
        flow={
            "nodes": [
                {"id": "nap", "wait": {"for": "1h"}},
                at_till("bad", "bad"),
                {"id": "sub", "run": "child"},
                {"id": "end", "set": {"n": "`1`"}},
            ],
            "edges": [
                {"from": "nap", "to": "bad"},
                {"from": "bad", "to": "end"},
                {"from": "sub", "to": "end"},
            ],
        },
        child=[at_till("a", "hold", compensate=asked("let go")), {"id": "sleep", "wait": {"for": "2h"}}],
    )
    run = await flow.go()
    child = await flow.advance(next(wait.child for wait in run.waits if wait.child))
    assert ("waiting", 1) == (child.status, till.did("hold"))
    assert "failed" == (await flow.wait_out(run.id)).status
    await flow.hear(child.id)

    assert ("cancelled", 1) == ((await flow.run(child.id)).status, till.did("let go"))


@pytest.mark.parametrize("undo", [True, False])
async def test_a_run_that_is_cancelled_begins_no_sub_run_any_more(flow, till, undo):
    """Neither the one whose step comes next, nor one that was reached while a step before was at work."""
    await flow.publish(
        flow=[at_till("a", "charge", compensate=asked("refund")), {"id": "sub", "run": "child"}],
        child=[at_till("act", "acted on")],
    )
    run = await flow.start()
    whole = till.run

    async def meanwhile(arguments, context):
        if arguments.what == "charge":
            await cancel(flow.services, "acme", run, undo=undo)
        return await whole(arguments, context)

    till.run = meanwhile
    over = await flow.advance(run)

    assert ("cancelled", int(undo)) == (over.status, till.did("refund"))
    assert [run] == [one["id"] for one in await flow.front.documents("runs")]
