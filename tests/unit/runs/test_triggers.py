"""Workflows begin by words, facts, the clock, and agents."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from shared.desk.runs.triggers import begin_by_event, begin_run, sweep_runs
from shared.domain.events import Happened, RunWanted
from shared.ports import Put, Query
from shared.runs.definitions import Definitions
from tests.unit.runs.told import told

STEP = {"id": "got", "set": {"message": "input.message", "event": "input.event.order"}}


async def test_a_phrase_begins_a_workflow_with_the_turns_answer(flow):
    """The run is wanted once a turn; told twice, it is one."""
    await flow.publish(refund={"on": {"phrase": ["money back"]}, "nodes": [STEP]})
    await flow.front.ask("I want my MONEY BACK please")
    wanted = await told(flow, RunWanted)
    assert ["refund"] == [one.workflow for one in wanted]
    for _ in "ab":
        await begin_run(flow.services, wanted[0])
    (run,) = await flow.front.documents("runs")
    over = await flow.advance(run["id"])

    assert ("completed", flow.front.conversation) == (over.status, over.conversation)
    assert "I want my MONEY BACK please" == over.outputs["got"]["message"]


async def test_a_condition_over_the_turns_facts_begins_one(flow):
    """What holds of the message begins it, what does not hold begins nothing."""
    await flow.publish(
        yes={"on": {"message": "channel == 'webchat'"}, "nodes": [STEP]},
        no={"on": {"message": "channel == 'sms'", "phrase": ["goodbye"]}, "nodes": [STEP]},
    )
    await flow.front.ask("hello")

    assert ["yes"] == [one.workflow for one in await told(flow, RunWanted)]


async def test_one_at_a_time_is_one_at_a_time(flow):
    """A workflow that is once per conversation is not begun while one of it is under way."""
    sleep = {"id": "sleep", "wait": {"for": "1h"}}
    await flow.publish(flow={"on": {"once_per": "conversation"}, "nodes": [sleep]})
    for event in ("one", "two"):
        wanted = RunWanted(event_id=event, tenant="acme", desk="front", workflow="flow", conversation="c")
        await begin_run(flow.services, wanted)
    (run,) = await flow.front.documents("runs")
    await flow.advance(run["id"])
    await flow.wait_out(run["id"])
    await begin_run(
        flow.services,
        RunWanted(event_id="three", tenant="acme", desk="front", workflow="flow", conversation="c"),
    )

    assert 2 == len(await flow.front.documents("runs"))


async def test_one_at_a_time_is_one_at_a_time_for_those_who_ask_at_once(flow):
    """Asked for by several in the same moment it is one run, and a run begun by hand counts as well."""
    sleep = {"id": "sleep", "wait": {"for": "1h"}}
    one = {"on": {"once_per": "customer"}, "nodes": [sleep]}
    await flow.publish(flow=one, other=one)
    await flow.start("other", customer="asha")

    def wanted(event: str, workflow: str) -> RunWanted:
        return RunWanted(event_id=event, tenant="acme", desk="front", workflow=workflow, customer="asha")

    many = [wanted(f"{nth} {name}", name) for nth in range(4) for name in ("flow", "other")]
    await asyncio.gather(*(begin_run(flow.services, each) for each in many))

    assert ["flow", "other"] == sorted(run["workflow"] for run in await flow.front.documents("runs"))


async def test_a_fact_begins_what_names_it(flow):
    """A fact told twice begins one run, with what it says."""
    await flow.publish(
        flow={"on": {"event": ["order.*"]}, "nodes": [STEP]},
        other={"on": {"event": ["booking.made"]}, "nodes": [STEP]},
    )
    fact = Happened(event_id="e", tenant="acme", what="order.placed", at="", data={"order": 12})
    for _ in "ab":
        await begin_by_event(flow.services, fact)
    (run,) = await flow.front.documents("runs")

    assert {"message": None, "event": 12} == (await flow.advance(run["id"])).outputs["got"]


async def test_a_schedule_begins_a_run_at_each_of_its_times(flow):
    """By the clock at the desk; a sweep that comes twice begins none twice, an hour late none at all."""
    await flow.publish(flow={"on": {"schedule": [{"cron": "0 9 * * *"}]}, "nodes": [STEP]})
    clock = flow.front.clock
    clock.at = datetime(2026, 11, 21, 3, 29, tzinfo=UTC)  # 08:59 in Kolkata
    assert 0 == await sweep_runs(flow.services)
    clock.move(minutes=4)
    for _ in "ab":
        await sweep_runs(flow.services)
    (run,) = await flow.front.documents("runs")
    assert "2026-11-21T09:00:00+05:30" in run["input"]
    await flow.advance(run["id"])
    clock.move(hours=1)

    assert 0 == await sweep_runs(flow.services)
    assert 1 == len(await flow.front.documents("runs"))


async def test_schedules_of_one_hour_with_other_inputs_are_runs_of_their_own(flow):
    """What a schedule is given is part of which run it is; written twice alike it is one."""
    nine = {"cron": "0 9 * * *"}
    at_nine = [nine | {"input": {"message": place}} for place in ("north", "south", "south")]
    await flow.publish(flow={"on": {"schedule": at_nine}, "nodes": [STEP]})
    flow.front.clock.at = datetime(2026, 11, 21, 3, 31, tzinfo=UTC)
    for _ in "ab":
        await sweep_runs(flow.services)
    runs = [await flow.advance(run["id"]) for run in await flow.front.documents("runs")]

    assert ["north", "south"] == sorted(run.outputs["got"]["message"] for run in runs)


async def test_a_schedule_begins_nothing_for_times_before_it_was_published(flow):
    """What is published at seven past nine is not begun for nine; what stood there before is, also where
    another version was published meanwhile.
    """
    old = {"on": {"schedule": [{"cron": "0 9 * * *"}]}, "nodes": [STEP]}
    await flow.publish(old=old)
    flow.front.clock.at = datetime(2026, 11, 21, 3, 37, tzinfo=UTC)  # 09:07
    await flow.publish(old=old, new=old)
    await sweep_runs(flow.services)

    assert ["old"] == [run["workflow"] for run in await flow.front.documents("runs")]


async def test_a_workflow_that_breaks_holds_up_no_other(flow):
    """What its schedule came to is told when all others have begun."""
    daily = {"on": {"schedule": [{"cron": "0 9 * * *"}]}, "nodes": [STEP]}
    await flow.publish(bad=daily, good=daily)
    await flow.start("bad")
    (found,) = (await flow.front.store.query("workflows/front~bad/versions", Query())).documents
    await flow.front.store.commit([Put(found.path, {**found.data, "workflow": "{}"})])
    definitions = Definitions(flow.services.platform, flow.front.clock)
    flow.front.services = replace(flow.services, definitions=definitions)
    flow.front.clock.at = datetime(2026, 11, 21, 3, 31, tzinfo=UTC)
    with pytest.raises(ValidationError):
        await sweep_runs(flow.services)

    assert ["bad", "good"] == sorted(run["workflow"] for run in await flow.front.documents("runs"))


async def test_an_agent_begins_what_the_file_lets_it(flow):
    """The tool begins one workflow, and refuses one that is not for agents."""
    await flow.front.publish(tools={"start_workflow": {}})
    await flow.publish(
        flow=[{"id": "a", "tool": "start_workflow", "arguments": {"workflow": "open"}}],
        shut=[{"id": "a", "tool": "start_workflow", "arguments": {"workflow": "flow"}}],
        open={"on": {"agent": True}, "nodes": [STEP]},
    )
    begun, refused = await flow.go("flow"), await flow.go("shut")

    assert ("completed", "failed") == (begun.status, refused.status)
    assert "there are: open" in refused.error
    assert ["open"] == [one.workflow for one in await told(flow, RunWanted)]
