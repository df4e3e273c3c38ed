"""Simple agents: one question, an answer of its form, and what happens where it has not that form."""

import pytest

from shared.agents import registry
from shared.models.budget import CountedBudget, Limits, spent_on
from tests.standins.model_server import Called, Step

SPEC = {
    "description": "Classifies.",
    "prompt": "Classify intent: {{ input.message }}",
    "output_schema": {
        "title": "Intent",
        "type": "object",
        "properties": {"intent": {"type": "string"}, "confidence": {"type": "number"}},
        "required": ["intent"],
    },
}


async def test_it_answers_in_its_form(bench, vendor):
    """One question of the fast profile, with the prompt filled, and the answer as data with its cost."""
    bench.agents = {"classifier": SPEC}
    vendor.script(Step(data={"intent": "return_request", "confidence": 0.95}))
    result = await registry.run("classifier", "", {"message": "I want to return it"}, bench.means())

    assert result.success, result.error
    assert {"intent": "return_request", "confidence": 0.95} == result.output
    assert "gpt-4o-mini" == vendor.requests[0].body["model"]
    assert "Classify intent: I want to return it" == vendor.requests[0].body["messages"][-1]["content"]
    assert 1 == len(vendor.requests) == result.iterations
    assert result.money > 0
    assert ["model"] == [step.kind for step in result.steps]


async def test_an_answer_that_departs_from_its_form_is_asked_for_again(bench, vendor):
    """The model is told where its answer departs, and the mended one counts."""
    bench.agents = {"classifier": SPEC}
    wrong = Step(data={"confidence": 1})
    vendor.script(wrong, wrong, Step(data={"intent": "refund"}))  # the client itself asks twice first
    result = await registry.run("classifier", "", {"message": "money back"}, bench.means())

    assert {"intent": "refund"} == result.output
    assert "breaks its schema at $" in vendor.requests[-1].body["messages"][-1]["content"]


async def test_a_form_that_is_never_met_is_a_clear_result(bench, vendor):
    """After one round of repair it fails, naming where the answer departs and what to change."""
    bench.agents = {"classifier": SPEC | {"fallback": "classifier"}}
    vendor.rule = lambda body: Step(data={"confidence": 1})
    result = await registry.run("classifier", "", {"message": "hm"}, bench.means())

    assert not result.success
    assert "form" == result.trouble
    assert "classifier: the answer never had the form asked for" in result.error
    assert "simplify output_schema" in result.error


async def test_it_looks_and_does_not_act(bench, vendor):
    """Of the tools it lists, a simple agent is told of those that only look, and looks once."""
    bench.tools |= {"record_details": {}}
    bench.agents = {"clerk": {"description": "Looks.", "tools": ["search_knowledge", "record_details"]}}
    vendor.script(
        Step(calls=[Called(name="search_knowledge", args={"query": "price of a consultation"})]),
        Step(text="600 rupees."),
    )
    result = await registry.run("clerk", "What does a consultation cost?", {}, bench.means())

    assert "600 rupees." == result.output
    told = [tool["function"]["name"] for tool in vendor.requests[0].body["tools"]]
    assert ["search_knowledge"] == told
    assert "tools" not in vendor.requests[1].body


async def test_money_that_is_used_up_is_a_clear_result(bench, vendor):
    """A question that may pass the agent's budget is not asked, and the key to raise is named."""
    bench.agents = {"poor": {"description": "Has nothing.", "budget": 0}}
    result = await registry.run("poor", "Say hello", {}, bench.means())

    assert "budget" == result.trouble
    assert "raise agents.poor.budget in the desk's file" in result.error
    assert not vendor.requests


async def test_a_model_that_hangs_ends_with_the_agents_time(bench, vendor):
    """The agent's own seconds bound it, whatever the vendor does."""
    bench.agents = {"slow": {"description": "Waits.", "timeout": 0.3, "fallback": "slow"}}
    vendor.rule = lambda body: Step(fault="hang")
    result = await registry.run("slow", "Say hello", {}, bench.means())

    assert not result.success
    assert result.passing
    assert result.trouble in ("time", "model")
    assert result.ms < 2000


async def test_the_shipped_classifier_works_without_any_key(offline):
    """The offline model fills the shipped classifier's form by its own rules."""
    result = await registry.run(
        "simple_intent_classifier", "", {"message": "I want to book an appointment"}, offline.means()
    )

    assert result.success, result.error
    assert result.output["intent"]
    assert 0 == result.money


async def test_a_model_that_is_out_for_a_moment_is_asked_again(bench, vendor):
    """A passing failure that outlives the client's own second try costs one more question, not the answer."""
    bench.agents = {"clerk": {"description": "Answers.", "fallback": "clerk"}}
    vendor.script(Step(fault="unavailable"), Step(fault="unavailable"), Step(text="Hello."))
    result = await registry.run("clerk", "Greet", {}, bench.means())

    assert (True, "Hello.") == (result.success, result.output)


async def test_a_model_that_is_out_is_a_passing_failure(bench, vendor):
    """Whoever runs the agent may try the step again later."""
    bench.agents = {"clerk": {"description": "Answers.", "fallback": "clerk"}}
    vendor.rule = lambda body: Step(fault="unavailable")
    result = await registry.run("clerk", "Greet", {}, bench.means())

    assert (False, True, "model") == (result.success, result.passing, result.trouble)


async def test_the_tenants_money_bounds_an_agent_too(bench, vendor):
    """Each question is set aside from the tenant's budget, and what it cost is counted there."""
    bench.agents = {"clerk": {"description": "Answers."}}
    vendor.rule = lambda body: Step(text="Hello.")
    budget = CountedBudget(bench.store, Limits(conversation=0.002), bench.clock)
    done = await registry.run("clerk", "Greet", {}, bench.means(budget=budget))
    spent = await spent_on(bench.store, "run-1")

    assert done.success, done.error
    assert 0 < spent == pytest.approx(done.money, abs=1e-6)

    poor = CountedBudget(bench.store, Limits(conversation=0.0001), bench.clock)
    ended = await registry.run("clerk", "Greet", {}, bench.means(budget=poor))

    assert "budget" == ended.trouble
    assert "raise budgets.conversation in the desk's file" in ended.error


@pytest.mark.parametrize(
    ("limits", "again"),
    [
        ({"hour": 0.0001}, 1800),  # it is half past four
        ({"day": 0.0001}, 19.5 * 3600),
        ({"month": 0.0001}, None),  # nobody waits weeks for it
        ({"conversation": 0.0001}, None),
    ],
)
async def test_money_that_comes_again_by_itself_is_waited_for(bench, vendor, limits, again):
    """The hour's and the day's limit are over later, and the result says in how many seconds."""
    bench.agents = {"clerk": {"description": "Answers."}}
    budget = CountedBudget(bench.store, Limits(**limits), bench.clock)
    ended = await registry.run("clerk", "Greet", {}, bench.means(budget=budget))

    assert ("budget", again is not None, again) == (ended.trouble, ended.passing, ended.retry_after)
