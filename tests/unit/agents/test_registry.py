"""The registry: agents found by what they can, their health from what they did, and who stands in."""

from dataclasses import replace

import pytest

from shared.agents import registry
from shared.agents.executions import executions
from shared.agents.health import WINDOW, health
from shared.agents.known import named, search
from shared.domain.errors import NotThere
from tests.standins.model_server import Step

TWO = {
    "first": {"description": "Answers.", "capabilities": ["greeting"], "fallback": "second"},
    "second": {"description": "Answers too.", "capabilities": ["greeting"], "cost_tier": "medium"},
}


def test_agents_are_found_by_what_they_can(bench):
    """By capability, type and cost, a desk's own beside those that are shipped."""
    bench.agents = TWO

    assert ["first", "second"] == [one.name for one in search(bench.config, capability="greeting")]
    assert ["second"] == [one.name for one in search(bench.config, capability="greeting", cost_tier="medium")]
    assert ["autonomous_agent"] == [one.name for one in search(bench.config, type="code")]


def test_a_desks_own_agent_takes_a_shipped_ones_place(bench):
    """A name described in the file is the file's."""
    bench.agents = {"simple_agent": {"description": "Ours."}}

    assert "Ours." == named(bench.config, "simple_agent").spec.description


def test_an_unknown_agent_is_told_with_the_nearest_name(bench):
    """A slip of the pen is answered with what was meant."""
    with pytest.raises(NotThere, match="did you mean reasoning_agent"):
        named(bench.config, "resoning_agent")


async def test_running_an_unknown_agent_is_a_clear_result(bench):
    """Nothing is raised and nothing is asked: the result says what to describe where."""
    result = await registry.run("nobody_at_all", "Do it", {}, bench.means())

    assert (False, "unknown") == (result.success, result.trouble)
    assert "Describe a new one under agents:" in result.error


async def test_a_failing_agent_is_followed_by_its_backup(bench, vendor):
    """The named backup answers the same task, and the result holds both their steps and costs."""
    bench.agents = TWO
    vendor.script(Step(fault="bad_request"), Step(text="Hello."))
    result = await registry.run("first", "Greet", {}, bench.means())

    assert (True, "second", "Hello.") == (result.success, result.agent, result.output)
    assert [False] == [one.success for one in await executions(bench.store, "front", "first")]
    assert [True] == [one.success for one in await executions(bench.store, "front", "second")]


async def test_where_both_fail_the_result_tells_of_both(bench, vendor):
    """Recovery ends there: whoever runs it apologises and calls a person."""
    bench.agents = TWO
    vendor.script(Step(fault="bad_request"), Step(fault="bad_request"))
    result = await registry.run("first", "Greet", {}, bench.means())

    assert not result.success
    assert "first: " in result.error
    assert "; then second: " in result.error


async def test_an_unwell_agent_is_passed_over(bench, vendor):
    """After failures in a row its backup is asked first; once they lie behind, it is asked again."""
    bench.agents = TWO
    for number in range(5):
        vendor.script(Step(fault="bad_request"), Step(text="Hello."))
        await registry.run("first", "Greet", {}, bench.means(run=f"run-{number}"))
    state = await health(bench.store, "front", "first", bench.clock.now(), seconds=20)
    assert (False, 1.0, 5) == (state.is_healthy, state.error_rate, state.executions)

    asked = len(vendor.requests)
    vendor.script(Step(text="Hello."))
    result = await registry.run("first", "Greet", {}, bench.means(run="run-5"))
    assert ("second", asked + 1) == (result.agent, len(vendor.requests))

    bench.clock.at += WINDOW * 1.1
    vendor.script(Step(text="Hello."))
    assert "first" == (await registry.run("first", "Greet", {}, bench.means(run="run-6"))).agent


async def test_without_a_named_backup_one_that_can_the_same_stands_in(bench, vendor):
    """The capability decides, and only a healthy one of the same type is asked."""
    bench.agents = {
        name: {key: each[key] for key in ("description", "capabilities")} for name, each in TWO.items()
    }
    vendor.script(Step(fault="bad_request"), Step(text="Hello."))

    assert "second" == (await registry.run("first", "Greet", {}, bench.means())).agent


async def test_a_resumed_execution_is_kept_once(bench, vendor):
    """The record is named by run, node and attempt; a new attempt is another."""
    bench.agents = TWO
    vendor.rule = lambda body: Step(text="Hello.")
    means = bench.means()
    for each in (means, means, replace(means, attempt=1)):
        await registry.run("first", "Greet", {}, each)

    assert 2 == len(await executions(bench.store, "front", "first"))


async def test_a_backup_answers_in_the_form_that_was_asked_for(bench, vendor):
    """Whoever reads the answer finds the fields it was promised, whoever gave it."""
    form = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}
    bench.agents = TWO | {"first": TWO["first"] | {"output_schema": form}}
    vendor.script(Step(fault="bad_request"), Step(data={"word": "Hello"}))
    result = await registry.run("first", "Greet", {}, bench.means())

    assert ("second", {"word": "Hello"}) == (result.agent, result.output)
