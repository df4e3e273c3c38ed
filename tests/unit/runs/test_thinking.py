"""Agents and crews at work in a run: what they are given, what they may, and what is kept of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.desk.runs.control import cancel
from shared.desk.runs.signal import decide_approval
from shared.desk.spending import budget_of
from shared.domain.colleagues import Actor
from shared.domain.instants import instant
from shared.models.breaker import Breaker
from shared.models.budget import spent_on
from shared.models.catalogue import read_catalogue
from shared.models.openai_compatible import OpenAICompatible
from shared.models.router import Router
from shared.runs.state import begin, key_of
from shared.tools.registry import tool_catalogue
from shared.tools.shape import Catalogue
from tests.standins.model_server import Called, Step
from tests.unit.agents.conftest import Refund, served, vendor

__all__ = ["served", "vendor"]
PRIYA = Actor(id="priya", name="Priya", role="supervisor")
PAYER = {"type": "reasoning", "description": "Pays back.", "tools": ["make_payment"]}
PAY = Step(calls=[Called(name="make_payment", args={"amount": 5})])


@pytest.fixture
async def refund(front, vendor, monkeypatch):
    """A desk with a dangerous tool, whose agents think with the vendor's stand-in."""
    tool = Refund()
    tools = Catalogue(tool_catalogue().tools | {"make_payment": tool})
    monkeypatch.setattr("tests.unit.desk.front.tool_catalogue", lambda: tools)
    adapter = OpenAICompatible("openai", base_url=vendor.base_url, key="test-key")
    models = Router({"openai": adapter}, read_catalogue(), Breaker(front.clock), front.clock)
    front.services = replace(front.services, tools=tools, models=models)
    yield tool
    await adapter.close()


@pytest.mark.parametrize("key", ["message", "customer_message", "text"])
async def test_an_agent_is_given_what_the_run_knows_and_answers_in_its_form(flow, key):
    """The classifier reads the run's input, and the steps behind it read what it found."""
    await flow.publish(
        flow=[
            {"id": "classify", "agent": "simple_intent_classifier", "config": {"model_profile": "fast"}},
            {"id": "told", "set": {"intent": "classify.output.intent"}},
        ]
    )
    run = await flow.go(input={key: "I want to book an appointment tomorrow"})

    assert "booking" == run.outputs["classify"]["intent"]
    assert ("completed", "") == (run.status, run.error)
    assert run.outputs["told"]["intent"] == run.outputs["classify"]["intent"]
    assert "simple_intent_classifier" == run.trace[0].detail["agent"]


async def test_settings_no_agent_has_fail_the_step_with_the_fix(flow):
    """They are told by their place in the step."""
    await flow.publish(flow=[{"id": "think", "agent": "simple_agent", "config": {"wisdom": 3}}])
    run = await flow.go()

    assert "failed" == run.status
    assert "config.wisdom" in run.error


async def test_a_dangerous_tool_waits_in_the_run_for_a_persons_leave(flow, refund, vendor):
    """Asked each time, the run sleeps on the question; allowed, the tool acts once and the run goes on."""
    await flow.front.publish(tools={"make_payment": {"grant": "each_time"}}, agents={"payer": PAYER})
    vendor.script(PAY, Step(text="Paid."))
    await flow.publish(flow=[{"id": "pay", "agent": "payer", "config": {"task": "Pay 5 back"}}])
    waiting = await flow.go()

    assert ("waiting", []) == (waiting.status, refund.paid)
    (wait,) = waiting.waits
    assert ("approval", "supervisor") == (wait.kind, wait.role)
    assert "make_payment" in wait.question
    assert "tools.make_payment.grant: each_time; silence refuses" == wait.rule
    await decide_approval(flow.services, "acme", waiting.id, "pay", approved=True, by=PRIYA)
    done = await flow.advance(waiting.id)

    assert ("completed", {"text": "Paid."}, [5]) == (done.status, done.outputs["pay"], refund.paid)


async def test_a_refused_leave_fails_the_step_and_nothing_was_done(flow, refund, vendor):
    """The run says who refused what."""
    await flow.front.publish(tools={"make_payment": {"grant": "each_time"}}, agents={"payer": PAYER})
    vendor.script(PAY)
    await flow.publish(flow=[{"id": "pay", "agent": "payer", "config": {"task": "Pay 5 back"}}])
    waiting = await flow.go()
    await decide_approval(flow.services, "acme", waiting.id, "pay", approved=False, by=PRIYA)
    failed = await flow.advance(waiting.id)

    assert ("failed", []) == (failed.status, refund.paid)
    assert "priya" in failed.error.lower()


async def test_a_step_that_is_a_dangerous_tool_itself_waits_for_leave_as_well(flow, refund):
    """Whoever wrote the workflow is not whom the file asks each time; without any grant it never acts."""
    node = {"id": "pay", "tool": "make_payment", "arguments": {"amount": 5}}
    await flow.front.publish(tools={"make_payment": {}})
    await flow.publish(flow=[node])
    refused = await flow.go()
    await flow.front.publish(tools={"make_payment": {"grant": "each_time"}})
    waiting = await flow.go()
    assert ("failed", "waiting", []) == (refused.status, waiting.status, refund.paid)
    assert "tools.make_payment.grant: each_time; silence refuses" == waiting.waits[0].rule
    await decide_approval(flow.services, "acme", waiting.id, "pay", approved=True, by=PRIYA)
    done = await flow.advance(waiting.id)

    assert ("completed", [5]) == (done.status, refund.paid)
    assert "no grant" in refused.error


async def test_a_crew_works_in_a_step(flow, front):
    """Its members are the desk's agents, and who said what stands in the trace."""
    await front.publish(
        crews={"team": {"description": "Two look.", "members": ["simple_agent", "response_assembler"]}}
    )
    await flow.publish(flow=[{"id": "look", "crew": "team", "config": {"task": "Say hello"}}])
    run = await flow.go(input={"message": "Hello"})

    assert ("completed", "team") == (run.status, run.trace[0].detail["agent"])


async def test_a_step_waits_for_the_money_of_the_next_hour(flow, refund, vendor):
    """A tenant's hour that is spent holds its runs up, and fails none of them."""
    await flow.front.publish(agents={"clerk": {"description": "Answers."}})
    config = (await flow.front.running()).config
    await budget_of(flow.services, flow.front.store, config).spend("another", config.budgets.hour)
    await flow.publish(flow=[{"id": "think", "agent": "clerk", "retry": {"attempts": 2}}])
    vendor.script(Step(text="Hello."))
    run = await flow.go()

    (wait,) = run.waits
    assert ("waiting", "retry") == (run.status, wait.kind)
    assert instant(wait.due) == flow.front.clock.at.replace(minute=0, second=0) + timedelta(hours=1)
    assert "Hello." == (await flow.wait_out(run.id)).outputs["think"]["text"]


@pytest.fixture
async def half(flow, refund, vendor):
    """A workflow whose agent finds out, which costs, and then reaches no model any more."""

    def answer(body):
        found = any(one["role"] == "tool" for one in body["messages"])
        look = Called(name="search_knowledge", args={"query": "x"})
        return Step(fault="unavailable") if found else Step(calls=[look])

    vendor.rule = answer
    finder = {"type": "reasoning", "description": "Finds out.", "tools": ["search_knowledge"]}
    await flow.front.publish(agents={"finder": finder}, tools={"search_knowledge": {}})
    await flow.publish(flow=[{"id": "think", "agent": "finder", "retry": {"attempts": 2}}])
    return flow


async def test_what_failed_attempts_cost_is_the_runs(half):
    """Every attempt's money is in the run and in its step, also of a step that fails in the end."""
    waiting = await half.go()
    over = await half.wait_out(waiting.id)

    assert ("waiting", "failed", 2) == (waiting.status, over.status, over.trace[0].attempts)
    assert 0 < waiting.money < over.money == over.trace[0].money


async def test_what_a_try_cost_is_the_runs_though_nothing_came_of_it(half):
    """A run cancelled between two tries has cost what the first one did."""
    waiting = await half.go()
    await cancel(half.services, "acme", waiting.id)
    over = await half.advance(waiting.id)

    assert "cancelled" == over.status
    assert 0 < waiting.money == over.money


@pytest.fixture
async def cut(flow, refund, vendor):
    """A workflow whose agent finds out, which costs, and is cut by its step while it asks a model again."""

    def answer(body):
        found = any(one["role"] == "tool" for one in body["messages"])
        return (
            Step(fault="hang")
            if found
            else Step(calls=[Called(name="search_knowledge", args={"query": "x"})])
        )

    vendor.rule = answer
    finder = {"type": "reasoning", "description": "Finds out.", "tools": ["search_knowledge"]}
    await flow.front.publish(
        agents={"finder": finder},
        crews={"finders": {"description": "Find out.", "pattern": "sequential", "members": ["finder"]}},
        tools={"search_knowledge": {}},
    )
    return flow


@pytest.mark.parametrize("by", ["agent", "crew"])
async def test_what_a_try_cost_that_its_step_cut_short_is_the_runs(cut, by):
    """A step may have less time than its agent: what models answered until then is paid for, each try's."""
    think = {"id": "think", by: {"agent": "finder", "crew": "finders"}[by], "timeout": "1s"}
    await cut.publish(flow=[think | {"retry": {"attempts": 2}}])
    waiting = await cut.go()
    over = await cut.wait_out(waiting.id)
    spent = await spent_on(cut.front.store, key_of(begin(over.id, {}, {}), "think"))

    assert ("waiting", "failed", 2) == (waiting.status, over.status, over.trace[0].attempts)
    assert "took longer than 1s" in over.error
    assert 0 < waiting.money < over.money == over.trace[0].money
    assert spent == pytest.approx(over.money, abs=2e-6)  # the counters hold whole millionths
