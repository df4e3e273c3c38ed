"""What a run begins with may be larger than its document; the file it is then goes with the run."""

import pytest

from shared.desk.runs.again import fork, retry
from shared.desk.runs.control import cancel
from shared.desk.runs.execute import execute
from shared.desk.runs.in_flight import apply
from shared.desk.runs.start import Wanted, definition_of
from shared.desk.runs.triggers import begin_by_event
from shared.desk.sweep import sweep_daily
from shared.domain.errors import Permanent
from shared.domain.events import Happened
from shared.domain.instants import stamp

ROWS = [f"row {number} {'x' * 100}" for number in range(10_000)]
"""More than a megabyte: no document holds it."""
COUNTS = {"id": "a", "set": {"n": "length(input.all)"}}
COPIES = {"id": "a", "set": {"all": "input.all"}}
NAP = {"id": "nap", "wait": {"for": "1h"}}


async def files(flow):
    """The names of the files that are kept, each with when it goes."""
    kept = {one["blob"]: one["until"] for one in await flow.front.documents("kept_files")}
    there = {name: await flow.services.ports.blobs.get(name) for name in kept}
    assert all(there.values()), there
    return kept


async def largest(flow):
    """Characters of the largest document of a run."""
    return max(len(str(one)) for one in await flow.front.documents("runs"))


async def test_a_run_may_be_given_more_than_its_document_holds(flow):
    """It stands in a file until the first step was done, and no file is left once the run is forgotten."""
    await flow.publish(flow=[COUNTS, NAP])
    run = await flow.start(input={"all": ROWS})
    (begins,) = await files(flow)
    assert await largest(flow) < 10_000
    await flow.advance(run)
    await sweep_daily(flow.services)
    assert begins not in await files(flow)
    over = await flow.wait_out(run)

    assert ("completed", {"n": 10_000}) == (over.status, over.outputs["a"])
    flow.front.clock.move(days=8)
    await sweep_daily(flow.services)
    assert {} == await files(flow)


async def test_a_fact_may_begin_a_run_with_as_much(flow):
    """Told twice it is one run, alone in its place, with the file that it was begun with."""
    on = {"event": ["order.placed"], "about": "order", "once_per": "customer"}
    count = {"id": "a", "set": {"n": "length(input.event.rows)"}}
    await flow.publish(flow={"on": on, "nodes": [count]})
    fact = Happened(
        event_id="o7",
        tenant="acme",
        what="order.placed",
        at=stamp(flow.front.clock.now()),
        data={"order": "7", "customer": "c7", "rows": ROWS},
    )
    for _ in "ab":
        await begin_by_event(flow.services, fact)
    (begun,) = await flow.front.documents("runs")
    flow.front.clock.move(days=2)
    await sweep_daily(flow.services)
    assert 1 == len(await files(flow))
    over = await flow.advance(begun["id"])

    assert ("completed", {"n": 10_000}) == (over.status, over.outputs["a"])
    assert await largest(flow) < 10_000


async def test_who_waits_for_a_run_may_give_it_as_much(flow):
    """Begun and advanced at once for whoever asked."""
    await flow.publish(flow=[COUNTS])
    wanted = Wanted(workflow="flow", input={"all": ROWS})
    over = await execute(flow.services, "acme", "front", wanted, wait=30)

    assert ("completed", {"n": 10_000}) == (over.status, over.outputs["a"])


async def test_a_sub_run_may_be_given_more_than_its_document_holds(flow):
    """Its parent hands over what another step came to, however large that is."""
    sub = {"id": "sub", "run": "child", "arguments": {"all": {"from": "input.all"}}}
    await flow.publish(
        flow={"nodes": [sub, {"id": "end", "set": {"n": "sub.outputs.a.n"}}]},
        child=[COUNTS, {"id": "who", "set": {"who": "context.who"}}],
    )
    run = await flow.go(input={"all": ROWS}, context={"who": "Asha"})
    child = await flow.advance(run.waits[0].child)
    over = await flow.advance(run.id, child=child.id)

    assert ("completed", {"n": 10_000}) == (over.status, over.outputs["end"])
    assert {"who": "Asha"} == child.outputs["who"]
    assert await largest(flow) < 10_000


async def test_a_run_is_given_a_few_megabytes_at_most(flow):
    """Whoever asks for it is told the bound; a step that would give a sub-run more fails, with the reason."""
    sub = {"all": {"from": "input.all"}, "again": {"from": "input.all"}, "once_more": {"from": "input.all"}}
    await flow.publish(
        flow=[
            {"id": "sub", "run": "child", "arguments": sub, "critical": False},
            {"id": "why", "set": {"error": "sub.error"}},
        ],
        child=[COUNTS],
    )
    with pytest.raises(Permanent, match="4 MB at most; send a reference"):
        await flow.start(input={"all": ROWS * 4})
    over = await flow.go(input={"all": ROWS + ROWS})

    assert "completed" == over.status
    assert "4 MB at most; send a reference" in (await flow.outputs(over.id))["why"]["error"]
    assert not [one for one in await flow.front.documents("runs") if one["workflow"] == "child"]


async def test_a_run_that_came_to_much_is_forked(flow):
    """The fork begins with all the first one had come to, and what it began with goes once it has begun."""
    await flow.publish(flow=[COPIES, NAP, {"id": "b", "set": {"n": "length(a.all)"}}])
    run = await flow.go(input={"all": ROWS})
    before = await files(flow)
    new = await fork(flow.services, "acme", run.id, "nap")
    (begins,) = set(await files(flow)) - set(before)
    await flow.advance(new.id)
    await sweep_daily(flow.services)
    assert begins not in await files(flow)
    over = await flow.wait_out(new.id)

    assert ("completed", {"n": 10_000}) == (over.status, (await flow.outputs(new.id))["b"])
    assert "waiting" == (await flow.run(run.id)).status
    await cancel(flow.services, "acme", run.id)
    await flow.advance(run.id)
    flow.front.clock.move(days=91)
    await sweep_daily(flow.services)
    assert {} == await files(flow)


async def test_a_run_that_came_to_much_is_taken_back_and_moved(flow):
    """Once more from a step, and over to another version: each begins with what it had come to."""
    nodes = [COPIES, NAP, {"id": "b", "set": {"n": "length(a.all)"}}]
    await flow.publish(flow=nodes)
    run = await flow.wait_out((await flow.go(input={"all": ROWS})).id)
    await retry(flow.services, "acme", run.id, "nap")
    assert await largest(flow) < 10_000
    again = await flow.advance(run.id)
    await flow.publish(flow=[*nodes, {"id": "c", "set": {"n": "b.n"}}])
    flow.front.clock.move(seconds=5)
    to = await definition_of(flow.services, "acme", "front", "flow", "")
    await apply(flow.services, "acme", again, "move", to=to)
    assert await largest(flow) < 10_000
    await flow.advance(run.id)
    over = await flow.wait_out(run.id)

    assert ("completed", "waiting", "completed") == (run.status, again.status, over.status)
    assert {"n": 10_000} == (await flow.outputs(run.id))["c"]
    flow.front.clock.move(days=91)
    await sweep_daily(flow.services)
    assert {} == await files(flow)


async def test_one_that_is_cancelled_before_it_begins_leaves_no_file(flow):
    """Also what was laid aside for a run that never came to be goes within days."""
    await flow.publish(flow=[COUNTS])
    run = await flow.start(input={"all": ROWS}, once="order 7")
    assert run == await flow.start(input={"all": ROWS[1:]}, once="order 7")
    assert 2 == len(await files(flow))
    flow.front.clock.move(days=2)
    await sweep_daily(flow.services)
    assert 1 == len(await files(flow))
    await cancel(flow.services, "acme", run)
    await flow.advance(run)
    await sweep_daily(flow.services)

    assert {} == await files(flow)


async def test_what_was_asked_for_twice_begins_with_what_was_said_first(flow):
    """A run begun under one name has its own file, whoever asks for it again."""
    await flow.publish(flow=[COUNTS])
    run = await flow.start(input={"all": ROWS}, once="order 7")
    await flow.start(input={"all": ROWS[1:]}, once="order 7")
    flow.front.clock.move(days=2)
    await sweep_daily(flow.services)

    assert {"n": 10_000} == (await flow.advance(run)).outputs["a"]


async def test_a_run_whose_beginning_is_lost_is_set_aside_with_the_reason(flow):
    """It never begins with nothing."""
    await flow.publish(flow=[COUNTS])
    run = await flow.start(input={"all": ROWS})
    for name in await files(flow):
        await flow.services.ports.blobs.delete(name)
    parked = await flow.advance(run)

    assert ("parked", True) == (parked.status, "begin a new one" in parked.error)
