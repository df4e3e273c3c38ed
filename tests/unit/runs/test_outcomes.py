"""What each version of a workflow came to, and the sides of a split, told no surer than they are."""

from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from shared.api import problems, workflow_outcomes
from shared.api.entry import HERE, Entry
from shared.config.comparison import compare_workflows
from shared.desk.runs.control import cancel
from shared.desk.runs.outcomes import Outcome, Sides, outcomes, sides

DONE = [{"id": "over", "finish": {"status": "booked"}}]
FAILS = [{"id": "breaks", "set": {"n": "sum(input)"}}, {"id": "over", "finish": {"status": "booked"}}]


async def published(flow, workflow):
    """The desk publishes it, and it stands in the registry."""
    await flow.publish(flow=workflow)
    await flow.services.definitions.current(await flow.front.running(), "flow")


async def registered(flow):
    """What the registry knows of the workflow, asked anew."""
    flow.front.clock.move(seconds=3)
    return await flow.services.definitions.registered("acme", "front", "flow")


async def test_each_version_tells_what_its_runs_came_to(flow):
    """How many there are, how they stand, what their last step said; those people cancelled tell nothing."""
    await flow.publish(flow=DONE)
    for _ in range(3):
        await flow.go()
    cancelled = await flow.start()
    await cancel(flow.services, "acme", cancelled)
    await flow.advance(cancelled)
    await flow.publish(flow=FAILS)
    assert "failed" == (await flow.go()).status
    first, second, none = await outcomes(flow.front.store, "front", "flow", [1, 2, 3])

    assert (4, {"completed": 3, "cancelled": 1}, {"booked": 3}) == (first.runs, first.states, first.ends)
    assert (3, 3, 0, 1, {}) == (first.done, first.tried, second.done, second.tried, second.ends)
    assert (0, (0.0, 1.0)) == (none.runs, none.range)
    assert first.range[0] < 0.5 < first.range[1] == 1.0  # three of three prove little


async def test_a_split_is_judged_by_what_began_since_it_stands(flow):
    """Runs of before are another time's; of a few on each side nobody can tell which is better."""
    await published(flow, FAILS)
    await flow.go()
    await published(flow, DONE)
    flow.front.clock.at += timedelta(hours=1)
    assert await sides(flow.front.store, "front", "flow", await registered(flow)) is None
    await flow.services.definitions.split("acme", "front", "flow", {1: 1, 2: 3})
    for n in range(8):
        await flow.go(customer=f"c{n}")
    found = await sides(flow.front.store, "front", "flow", await registered(flow))

    assert found is not None
    assert ({1: 0.25, 2: 0.75}, [1, 2]) == (found.shares, [one.version for one in found.sides])
    assert 8 == sum(one.runs for one in found.sides)


def outcome(version, done, failed):
    """A version with so many runs."""
    states = {"completed": done, "failed": failed}
    return Outcome(version=version, runs=done + failed, states=states, ends={}, money=0.0, more=False)


@pytest.mark.parametrize(
    ("first", "second", "better"),
    [
        ((5, 5), (7, 3), None),  # a few more of ten are chance
        ((50, 50), (90, 10), 2),
        ((90, 10), (50, 50), 1),
        ((0, 0), (10, 0), None),  # nothing to compare with
        ((100, 100), (100, 100), None),
    ],
)
def test_which_side_is_better_is_told_where_it_can_be(first, second, better):
    """A range that holds no difference at all names neither."""
    found = Sides(since="", shares={1: 0.5, 2: 0.5}, sides=(outcome(1, *first), outcome(2, *second)))

    assert better == found.better


async def test_two_versions_are_compared_by_value_and_by_line(flow):
    """What changed has its path; the text is what a file would say."""
    await published(flow, DONE)
    await published(flow, FAILS)
    version = flow.services.definitions.version
    old, new = await version("acme", "front", "flow", 1), await version("acme", "front", "flow", 2)
    found = compare_workflows(old.workflow, new.workflow)

    assert "nodes[0].id" in [one.path for one in found.values]
    assert ("new", "  - id: breaks") in [(line.kind, line.text) for line in found.lines]
    assert not any(line.text.endswith(": null") for line in found.lines)
    assert compare_workflows(old.workflow, old.workflow).same


async def test_who_published_a_version_stands_beside_it(flow):
    """The person, or the program, that published the desk's file published its workflow."""
    await flow.publish(flow=DONE)
    await flow.go()
    (first,) = await flow.services.definitions.versions("acme", "front", "flow")

    assert ("file", "test") == (first["origin"], first["by"])


async def test_outcomes_and_differences_are_read_over_rest(flow):
    """GET …/outcomes tells every version and the split; …/difference the values of two."""

    async def enter(_request, _least):
        return Entry("acme", HERE)

    await flow.publish(flow=DONE)
    await flow.go()
    await flow.publish(flow=FAILS)
    await flow.go()
    app = Starlette(
        routes=workflow_outcomes.routes(flow.services, enter), exception_handlers=problems.HANDLERS
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here/api/v1/workflows") as door:
        told = (await door.get("/flow/outcomes")).json()
        await flow.services.definitions.split("acme", "front", "flow", {1: 1, 2: 1})
        split = (await door.get("/flow/outcomes")).json()["split"]
        changed = (await door.get("/flow/difference", params={"before": 1})).json()
        missing = await door.get("/flow/difference", params={"before": 7})

    assert [(2, 0, 1), (1, 1, 1)] == [
        (one["version"], one["completed"]["count"], one["completed"]["of"]) for one in told["items"]
    ]
    assert told["split"] is None
    assert ({"1": 0.5, "2": 0.5}, None) == (split["shares"], split["better"])
    assert (1, 2) == (changed["before"], changed["after"])
    assert "nodes[0].id" in [one["path"] for one in changed["values"]]
    assert 404 == missing.status_code
