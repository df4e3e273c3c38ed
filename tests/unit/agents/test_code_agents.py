"""Code agents: a plan, its steps, a look back, and a better plan, without doing anything twice."""

import json

import pytest

from shared.agents import registry
from shared.agents.executions import similar
from tests.standins.model_server import Step

SPEC = {
    "type": "code",
    "description": "Pays back.",
    "tools": ["search_knowledge", "make_payment"],
    "retries": 1,
    "fallback": "planner",
}


def step(number, tool, *, critical=True, **arguments):
    return {
        "id": number,
        "description": f"Use {tool or 'your head'}",
        "tool": tool,
        "input": json.dumps(arguments),
        "critical": critical,
    }


def plan(*steps, tools=()):
    return Step(data={"steps": list(steps), "estimated_duration": 5, "required_tools": list(tools)})


def reached(output):
    return Step(data={"goal_achieved": True, "final_output": output, "failure_reason": "", "learned": ""})


def missed(reason, learned):
    return Step(
        data={"goal_achieved": False, "final_output": "", "failure_reason": reason, "learned": learned}
    )


@pytest.fixture
def paying(bench):
    bench.tools |= {"make_payment": {"grant": "once"}}
    bench.agents = {"planner": SPEC}
    return bench


async def test_it_plans_acts_and_looks_back(paying, vendor):
    """The steps run in order, one may use what another found, and the plan is part of the result."""
    vendor.script(
        plan(
            step(1, "make_payment", amount=600),
            step(2, "make_payment", amount="$1.paid"),  # the same call again, by reference
            step(3, ""),
        ),
        Step(text="Both are done."),
        reached("600 rupees were paid back."),
    )
    result = await registry.run("planner", "Pay 600 back", {}, paying.means())

    assert result.success, result.error
    assert "600 rupees were paid back." == result.output
    assert [600] == paying.refund.paid
    assert [1, 2, 3] == [one["id"] for one in result.plan["steps"]]
    assert 1 == result.iterations
    assert "Looking back: 600 rupees were paid back." == result.trace[-1].thought


async def test_a_plan_that_failed_is_made_anew_with_what_was_learned(paying, vendor):
    """The next plan knows why the last failed; what it did already is read and not done again."""
    vendor.script(
        plan(step(1, "make_payment", amount=600), step(2, "make_payment", amount="much")),
        missed("an amount must be a number", "give numbers"),
        plan(step(1, "make_payment", amount=600), step(2, "make_payment", amount=5)),
        reached("605 rupees were paid back."),
    )
    result = await registry.run("planner", "Pay 605 back", {}, paying.means())

    assert result.success, result.error
    assert [600, 5] == paying.refund.paid
    assert 2 == result.iterations
    told = json.dumps(vendor.requests[2].body["messages"])
    assert "step 2 (Use make_payment): amount" in told
    assert "give numbers" in told


async def test_a_step_that_is_not_critical_may_fail(paying, vendor):
    """The plan goes on past it."""
    vendor.script(
        plan(step(1, "make_payment", critical=False, amount="much"), step(2, "make_payment", amount=5)),
        reached("Paid."),
    )
    result = await registry.run("planner", "Pay 5 back", {}, paying.means())

    assert ("Paid.", [5]) == (result.output, paying.refund.paid)


async def test_a_goal_is_not_reached_past_a_broken_step(paying, vendor):
    """Where a critical step failed, the model's word that all is well counts for nothing."""
    vendor.script(*[plan(step(1, "make_payment", amount="much")), reached("All done!")] * 2)
    result = await registry.run("planner", "Pay 5 back", {}, paying.means())

    assert not result.success
    assert "plan" == result.trouble
    assert "not reached in 2 plans; the last failed because step 1" in result.error


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (plan(), "it has no steps"),
        (plan(step(1, "delete_all"), tools=["delete_all"]), "it needs delete_all; there are make_payment"),
        (plan(*[step(number, "") for number in range(1, 12)]), "it has 11 steps, 10 is the most"),
    ],
)
async def test_a_plan_that_cannot_be_is_not_begun(paying, vendor, broken, why):
    """No step of it is carried out; the next plan is told why."""
    vendor.script(broken, plan(step(1, "make_payment", amount=5)), reached("Paid."))
    result = await registry.run("planner", "Pay 5 back", {}, paying.means())

    assert "Paid." == result.output
    assert why in json.dumps(vendor.requests[1].body["messages"])


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("$7.paid", "refers to step 7, which was not carried out before"),
        ("$1.nothing", "finds nothing in what step 1 came to"),
        ("$1.[", "is no JMESPath"),
    ],
)
async def test_a_reference_to_what_is_not_there_says_so(paying, vendor, value, why):
    """A step whose input refers to nothing fails, and the look back is told of it."""
    vendor.script(
        plan(step(1, "make_payment", amount=1), step(2, "make_payment", critical=False, amount=value)),
        reached("Paid."),
    )
    await registry.run("planner", "Pay 1 back", {}, paying.means())

    assert why in json.dumps(vendor.requests[-1].body["messages"])


async def test_plans_that_worked_are_remembered(paying, vendor):
    """A similar goal later is planned with the plan that reached the first, found by its words."""
    made = plan(step(1, "make_payment", amount=5))
    vendor.script(made, reached("Paid."), made, reached("Paid."))
    await registry.run("planner", "Pay back the deposit of Asha", {}, paying.means())
    await registry.run("planner", "Pay back the deposit of Ravi", {}, paying.means(run="run-2"))

    assert "A plan that reached a similar goal (Pay back the deposit of Asha)" in json.dumps(
        vendor.requests[2].body["messages"]
    )
    assert [5, 5] == paying.refund.paid
    assert [] == await similar(paying.store, "front", "planner", "Water the plants")


async def test_a_crash_between_steps_repeats_nothing(paying, vendor):
    """Begun again it follows the plan it had, and goes on behind the step that acted."""
    vendor.script(
        plan(step(1, "make_payment", amount=600), step(2, "")),
        Step(fault="bad_request"),  # here it died
        Step(text="Fine."),
        reached("Paid."),
    )
    assert not (await registry.run("planner", "Pay 600 back", {}, paying.means())).success
    result = await registry.run("planner", "Pay 600 back", {}, paying.means())

    assert ("Paid.", [600]) == (result.output, paying.refund.paid)
    assert 4 == len(vendor.requests)
