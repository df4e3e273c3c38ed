"""Workflows are checked before they run, kept by version, shared among versions, and changed under runs."""

import json

import pytest

from shared.config.catalogue import Catalogue
from shared.config.validate import validate
from shared.config.workflow_names import check_expression
from shared.desk.runs.control import pause, resume
from shared.desk.runs.in_flight import apply, preview
from shared.domain.errors import Permanent
from shared.tools.registry import tool_catalogue
from tests.unit.desk.front import DESK
from tests.unit.runs.till import asked, at_till


def judged(workflow):
    """Every problem of a desk with this workflow, as path, what was found and the fix."""
    found = validate(json.dumps(DESK | {"workflows": {"flow": workflow}}).encode())
    return [(one.path, f"{one.found}: {one.fix}") for one in found.problems]


def number(id_, **more):
    return {"id": id_, "set": {"n": "`1`"}, **more}


@pytest.mark.parametrize(
    ("workflow", "path", "says"),
    [
        ({"nodes": [number("a"), number("a")]}, "flow.nodes[1].id", "'a' a second time"),
        (
            {
                "nodes": [number("a"), number("b")],
                "edges": [{"from": "a", "to": "b"}, {"from": "b", "to": "a"}],
            },
            "flow.edges",
            "a circle: a → b → a",
        ),
        (
            {"nodes": [number("a"), number("b"), number("c")], "edges": [{"from": "a", "to": "b"}]},
            "flow.nodes[2].id",
            "'c', to which no edge leads",
        ),
        (
            {"nodes": [number("a"), number("b", condition="b.n == `1`")]},
            "flow.nodes[1].condition",
            "'b', which no earlier step produces",
        ),
        ({"nodes": [number("a"), {"id": "b", "tool": "flyy"}]}, "flow.nodes[1].tool", "the tool 'flyy'"),
        ({"nodes": [{"id": "a", "run": "other"}]}, "flow.nodes[0].run", "'other', no other workflow"),
        ({"nodes": [{"id": "a", "wait": {"signal": "x"}}]}, "flow.nodes[0].wait", "a wait without an end"),
        ({"nodes": [{"id": "a", "wait": {"for": "401d"}}]}, "flow.nodes[0].wait.for", "write 400d at most"),
        (
            {"nodes": [{"id": "a", "wait": {"signal": "x", "timeout": "999d"}}]},
            "flow.nodes[0].wait.timeout",
            "longer than a run sleeps",
        ),
        (
            {"nodes": [{"id": "a", "approval": {"question": "May I?", "timeout": "500d"}}]},
            "flow.nodes[0].approval.timeout",
            "longer than a run sleeps",
        ),
        ({"nodes": [{"id": "a", "wait": {"reply": True, "for": "1h"}}]}, "flow.nodes[0].wait", "several"),
        ({"nodes": [number("input")]}, "flow.nodes[0].id", "'input', which a workflow names already"),
        ({"nodes": [number("customer")]}, "flow.nodes[0].id", "'customer', which a workflow names already"),
        ({"nodes": [{"id": "a"}]}, "flow.nodes[0]", "a step that does nothing"),
        ({"nodes": [number("a", tool="check_slots")]}, "flow.nodes[0]", "tool and set"),
        ({"nodes": [number("a", condition="input.n > 0.7")]}, "flow.nodes[0].condition", "> `0.7`"),
        ({"nodes": [number("a", send="Hi {{ b.name }}")]}, "flow.nodes[0]", "send and set"),
        ({"nodes": [{"id": "a", "send": "Hi {{ b.name }}"}]}, "flow.nodes[0].send", "'b', which no earlier"),
        ({"nodes": [{"id": "a", "send": "Hi {{#each b}}"}]}, "flow.nodes[0].send", "Handlebars"),
        (
            {"nodes": [number("a", compensate={"tool": "flyy"})]},
            "flow.nodes[0].compensate.tool",
            "the tool 'flyy'",
        ),
        ({"nodes": [number("a", compensate={})]}, "flow.nodes[0].compensate", "an undo that does nothing"),
        (
            {"nodes": [number("a", compensate={"send": "Sorry", "arguments": {"n": 1}})]},
            "flow.nodes[0].compensate.arguments",
            "arguments without a tool",
        ),
        (
            {"nodes": [number("a", compensate={"send": "Sorry, {{ b.name }}"})]},
            "flow.nodes[0].compensate.send",
            "'b', which no earlier",
        ),
        (
            {
                "nodes": [
                    number("a", compensate={"tool": "check_slots", "arguments": {"service": "{{ b.n }}"}}),
                    number("b"),
                ],
                "edges": [{"from": "a", "to": "b"}],
            },
            "flow.nodes[0].compensate.arguments.service",
            "'b', which no earlier",
        ),
        (
            {"nodes": [number("a")], "on": {"schedule": [{"cron": "0 25 * * *"}]}},
            "flow.on.schedule[0].cron",
            "'25' is no hour",
        ),
    ],
)
def test_what_would_break_a_run_is_told_before_it_runs(workflow, path, says):
    """Each mistake is told at its own path, with what was found and what to write."""
    (told, *rest) = judged(workflow)

    assert [] == rest
    assert f"workflows.{path}" == told[0]
    assert says in told[1]


@pytest.mark.parametrize(
    ("node", "path", "says"),
    [
        (
            number("a", compensate={"tool": "create_ticket", "arguments": {"subject": "Undo {{ a.n }}"}}),
            "nodes[0].compensate.arguments",
            "create_ticket without description: add to its arguments: description",
        ),
        (
            number("a", compensate={"tool": "create_ticket"}),
            "nodes[0].compensate.tool",
            "without subject and",
        ),
        (
            {
                "id": "a",
                "tool": "create_ticket",
                "arguments": {"subject": "s", "description": "d", "urgency": "high"},
            },
            "nodes[0].arguments.urgency",
            "'urgency', no argument of create_ticket: it takes subject, description, priority",
        ),
        (
            number(
                "a", compensate={"tool": "create_ticket", "arguments": {"subject": "s", "description": "d"}}
            ),
            "",
            "",
        ),
    ],
)
def test_what_a_tool_is_given_is_checked_against_what_it_takes(node, path, says):
    """A step, and what undoes it, gives a tool what it needs and nothing it does not know."""
    written = DESK | {"tools": {"create_ticket": {}}, "workflows": {"flow": {"nodes": [node]}}}
    tools = tool_catalogue().tools
    catalogue = Catalogue(arguments={name: tool.Arguments for name, tool in tools.items()})
    found = validate(json.dumps(written).encode(), catalogue).problems

    assert ([f"workflows.flow.{path}"] if path else []) == [one.path for one in found]
    assert all(says in f"{one.found}: {one.fix}" for one in found)


def test_an_output_that_nobody_looks_at_is_noticed():
    """It may be meant, so it is no problem."""
    nodes = [number("a"), number("b")]
    found = validate(json.dumps(DESK | {"workflows": {"flow": {"nodes": nodes}}}).encode())

    assert found.config is not None
    assert ["workflows.flow.nodes[0].id"] == [one.path for one in found.notices]


async def test_new_runs_are_shared_among_versions_and_a_customer_stays_with_one(flow):
    """By the weights of the split; without one every run is on the desk's own version."""
    await flow.publish(flow=[number("a")])
    await flow.start()
    await flow.publish(flow=[number("b")])
    definitions = flow.services.definitions
    assert 2 == (await flow.go()).version
    await definitions.split("acme", "front", "flow", {1: 1, 2: 1})
    customers = [f"customer {number}" for number in range(40)]
    first = [(await flow.run(await flow.start(customer=one))).version for one in customers]
    again = [(await flow.run(await flow.start(customer=one))).version for one in customers]

    assert first == again
    assert 8 <= first.count(1) <= 32
    await definitions.split("acme", "front", "flow", {})
    assert {2} == {(await flow.run(await flow.start(customer=one))).version for one in customers[:5]}


async def test_a_run_under_way_is_moved_kept_or_cancelled_as_the_preview_says(flow):
    """Moved, it keeps what it did and goes on sleeping; a step that is new before its end is done."""
    sleep = {"id": "sleep", "wait": {"for": "1h"}}
    await flow.publish(flow=[number("a"), sleep, number("old")])
    runs = [await flow.go() for _ in range(3)]
    await flow.publish(flow=[number("a"), number("more"), sleep, number("new")])
    await flow.start()
    new = await flow.services.definitions.version("acme", "front", "flow", 2)
    seen = {one.run.id: one for one in await preview(flow.services, "acme", "front", "flow", new.workflow)}
    one = seen[runs[0].id]
    assert (("sleep",), ("more",), ("sleep",), ()) == (one.at, one.goes_on_at, one.sleeps_on, one.lost)

    for run, choice in zip(runs, ("move", "keep", "cancel"), strict=True):
        await apply(flow.services, "acme", await flow.run(run.id), choice, to=new)
        await flow.advance(run.id)
    assert "cancelled" == (await flow.run(runs[2].id)).status
    moved, kept = await flow.wait_out(runs[0].id), await flow.wait_out(runs[1].id)

    assert ("completed", {"a", "more", "sleep", "new"}) == (moved.status, set(moved.outputs))
    assert ("completed", {"a", "sleep", "old"}) == (kept.status, set(kept.outputs))


async def moved_to(flow, *, version):
    """The definition of a later version, once a run began with it."""
    flow.front.clock.move(seconds=3)
    await flow.start()
    return await flow.services.definitions.version("acme", "front", "flow", version)


async def test_a_step_that_may_have_acted_keeps_its_name_in_another_version(flow, till):
    """Moved while it is to be tried again, it is still the same act."""
    till.silent = {"pay": 1}
    await flow.publish(flow=[at_till("a", "pay")])
    run = await flow.go()
    await flow.publish(flow=[at_till("a", "pay"), number("b")])
    await apply(flow.services, "acme", run, "move", to=await moved_to(flow, version=2))
    await flow.advance(run.id)
    over = await flow.wait_out(run.id)

    assert ("completed", 2, 1) == (over.status, till.did("pay"), len(till.names("pay")))


async def test_a_run_that_is_being_undone_is_not_moved(flow, till):
    """What its steps name as their compensation stays what it was when undoing began."""
    till.silent, till.refuses = {"undo b": 2}, {"bad"}
    steps = [at_till(one, one, compensate=asked(f"undo {one}")) for one in "abc"]
    await flow.publish(flow=[*steps, at_till("bad", "bad")])
    run = await flow.go()
    await flow.publish(flow=[*steps[:2], at_till("c", "c"), at_till("bad", "bad")])
    later = await moved_to(flow, version=2)
    with pytest.raises(Permanent, match="undone"):
        await apply(flow.services, "acme", run, "move", to=later)
    flow.front.clock.move(minutes=1)
    over = await flow.advance(run.id)

    assert "failed" == over.status
    assert [1, 1, 1] == [len(till.names(f"undo {one}")) for one in "abc"]


async def test_a_paused_run_that_is_moved_hears_what_it_waits_for(flow):
    """The end of its sub-run counts though it is resumed only later."""
    nodes = [{"id": "sub", "run": "child"}, {"id": "end", "set": {"of": "sub.status"}}]
    child = [{"id": "sleep", "wait": {"for": "1h"}}]
    await flow.publish(flow=nodes, child=child)
    run = await flow.go()
    below = await flow.advance(run.waits[0].child)
    await pause(flow.services, "acme", run.id)
    run = await flow.advance(run.id)
    await flow.publish(flow=[*nodes, number("more")], child=child)
    await apply(flow.services, "acme", run, "move", to=await moved_to(flow, version=2))
    below = await flow.wait_out(below.id)
    await flow.advance(run.id, child=below.id)
    await resume(flow.services, "acme", run.id)
    over = await flow.advance(run.id)

    assert ("completed", {"of": "completed"}) == (over.status, over.outputs["end"])


@pytest.mark.parametrize(
    ("text", "fine"), [("!(a.b)", True), ("!a", True), ("!a.b", False), ("a && !b.c", False)]
)
def test_a_negation_that_is_for_too_little_is_refused(text, fine):
    """In JMESPath `!a.b` is `(!a).b`, which is never there: it says what to write."""
    if fine:
        assert text == check_expression(text)
    else:
        with pytest.raises(ValueError, match=r"write !\(…\)"):
            check_expression(text)
