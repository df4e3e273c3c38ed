"""Crews: the four ways of working together, within their money, with a trace of who said what."""

import asyncio
import json

import pytest

from shared.agents import registry
from shared.agents.purse import Purse
from shared.models.budget import BudgetEnded, CountedBudget, Limits, Reservation
from tests.standins.model_server import Called, Step

MEMBERS = {
    name: {"description": f"Knows {name}.", "fallback": name} for name in ("menus", "prices", "halls", "boss")
}


@pytest.fixture
def crew(bench):
    """A crew of three under a boss; a test chooses how they work."""

    def formed(**how):
        bench.agents = MEMBERS
        bench.crews = {
            "party": {"description": "Plans parties.", "members": ["menus", "prices", "halls"], **how}
        }
        return bench.means()

    return formed


def told(seen):
    return json.dumps(seen.body["messages"])


def by_member(answers):
    """A rule of the stand-in: what each member answers, by its name in the system prompt."""

    def answer(body):
        who = next(name for name in MEMBERS if f"You are {name}," in body["messages"][0]["content"])
        given = answers[who]
        return given.pop(0) if isinstance(given, list) else given

    return answer


async def test_in_sequence_each_goes_on_from_the_last(crew, vendor):
    """Every member is told what those before it found; the last one's answer is the crew's."""
    vendor.script(Step(text="Biryani."), Step(text="900 a head."), Step(text="In the garden."))
    result = await registry.run("party", "Plan a wedding", {"guests": 80}, crew())

    assert ("party", "In the garden.") == (result.agent, result.output)
    assert ["menus", "prices", "halls"] == [one.who for one in result.trace]
    assert "Biryani." in told(vendor.requests[1])
    assert "900 a head." in told(vendor.requests[2])
    assert 3 == result.iterations == len(result.steps)
    assert result.money == sum(step.money for step in result.steps) > 0


async def test_in_sequence_a_failure_ends_it(crew, vendor):
    """Nobody goes on from nothing; the result names who failed."""
    vendor.script(Step(text="Biryani."), Step(fault="bad_request"))
    result = await registry.run("party", "Plan a wedding", {}, crew())

    assert not result.success
    assert result.error.startswith("party: prices: ")
    assert 2 == len(vendor.requests)


async def test_in_parallel_what_they_found_is_merged(crew, vendor):
    """All are asked at once; the lead merges, and is told who failed."""
    vendor.rule = by_member(
        {
            "menus": Step(text="Biryani."),
            "prices": Step(fault="bad_request"),
            "halls": Step(text="In the garden."),
            "boss": Step(text="Biryani in the garden; the price is open."),
        }
    )
    result = await registry.run("party", "Plan a wedding", {}, crew(pattern="parallel", lead="boss"))

    assert "Biryani in the garden; the price is open." == result.output
    last = told(vendor.requests[-1])
    assert "In the garden." in last
    assert "failed" in last


async def test_in_parallel_without_a_lead_everybody_is_heard(crew, vendor):
    """The answers stand by the names of who gave them."""
    vendor.rule = by_member(
        {"menus": Step(text="Biryani."), "prices": Step(text="900."), "halls": Step(text="Garden.")}
    )
    result = await registry.run("party", "Plan a wedding", {}, crew(pattern="parallel"))

    assert {"menus": "Biryani.", "prices": "900.", "halls": "Garden."} == result.output


async def test_a_lead_shares_out_and_assembles(crew, vendor):
    """Specialists get parts of their own; those the lead does not need are not asked."""
    vendor.rule = by_member(
        {
            "boss": [
                Step(
                    data={
                        "parts": [
                            {"who": "menus", "task": "A menu for 80"},
                            {"who": "halls", "task": "A hall for 80"},
                        ]
                    }
                ),
                Step(text="Biryani in the garden."),
            ],
            "menus": Step(text="Biryani."),
            "halls": Step(text="Garden."),
        }
    )
    result = await registry.run("party", "Plan a wedding", {}, crew(pattern="hierarchical", lead="boss"))

    assert "Biryani in the garden." == result.output
    assert ["boss", "menus", "halls", "boss"] == [one.who for one in result.trace]
    assert "A menu for 80" in told(vendor.requests[1]) + told(vendor.requests[2])
    assert "Garden." in told(vendor.requests[3])


VOTE = {
    "title": "Vote",
    "type": "object",
    "properties": {"hall": {"type": "string"}, "why": {"type": "string"}},
    "required": ["hall"],
}


def votes(hall, why=""):
    return Step(data={"hall": hall, "why": why})


@pytest.fixture
def voters(crew, bench):
    def formed(**how):
        crew(pattern="consensus", key="hall", **how)
        bench.agents = MEMBERS | {
            name: MEMBERS[name] | {"output_schema": VOTE} for name in ("menus", "prices", "halls")
        }
        return bench.means()

    return formed


async def test_the_most_votes_carry(voters, vendor):
    """Votes are compared by the field that has to agree, whatever its case."""
    vendor.rule = by_member(
        {"menus": votes("Garden", "air"), "prices": votes("Cellar"), "halls": votes("garden")}
    )
    result = await registry.run("party", "Which hall?", {}, voters())

    assert {"hall": "Garden", "why": "air"} == result.output
    assert "2 of 3 agree" == result.trace[-1].thought


async def test_a_tie_is_the_leads_to_break(voters, vendor):
    """Where no vote has the most, the lead judges, with its reason in the trace."""
    vendor.rule = by_member(
        {
            "menus": votes("Garden"),
            "prices": votes("Cellar"),
            "halls": votes("Roof"),
            "boss": Step(data={"best": 3, "why": "the view"}),
        }
    )
    result = await registry.run("party", "Which hall?", {}, voters(lead="boss"))

    assert "Roof" == result.output["hall"]
    assert "boss chose halls: the view" == result.trace[-1].thought


async def test_a_tie_without_a_lead_is_a_clear_result(voters, vendor):
    """It says what to write."""
    vendor.rule = by_member({"menus": votes("Garden"), "prices": votes("Cellar"), "halls": votes("Roof")})
    result = await registry.run("party", "Which hall?", {}, voters())

    assert not result.success
    assert "do not agree and it has no lead to judge; write lead:" in result.error


async def test_a_debate_ends_when_they_agree(voters, vendor):
    """Each hears the others and may change; the round in which all agree is the last."""
    vendor.rule = by_member(
        {
            "menus": votes("Garden"),
            "prices": [votes("Cellar"), votes("Garden")],
            "halls": [votes("Roof"), votes("Garden")],
        }
    )
    result = await registry.run("party", "Which hall?", {}, voters(agree_by="debate"))

    assert "3 of 3 agree after 2 rounds" == result.trace[-1].thought
    assert 6 == len(vendor.requests)


async def test_a_debate_is_bounded(voters, vendor):
    """Who never agrees talks no longer than the rounds allow; then the votes count."""
    vendor.rule = by_member({"menus": votes("Garden"), "prices": votes("Cellar"), "halls": votes("Garden")})
    result = await registry.run("party", "Which hall?", {}, voters(agree_by="debate", max_rounds=2))

    assert "2 of 3 agree after 2 rounds" == result.trace[-1].thought
    assert 6 == len(vendor.requests)


async def test_a_crews_money_is_shared(crew, vendor):
    """What may pass the crew's budget is not asked, however much the members have of their own."""
    vendor.rule = lambda body: Step(text="Biryani.")
    one = (await registry.run("party", "Plan a wedding", {}, crew())).money / 3
    asked = len(vendor.requests)
    means = crew(budget=round(one * 3, 6) + 0.0007)  # an answer is estimated at 1200 tokens of output
    result = await registry.run("party", "Plan a wedding", {}, means)

    assert (False, "budget") == (result.success, result.trouble)
    assert 1 <= len(vendor.requests) - asked < 3


async def test_a_crews_money_holds_for_all_who_ask_at_once(bench):
    """What one question set aside is no other's, also while the tenant's own budget is being asked."""
    purse = Purse(0.05, CountedBudget(bench.store, Limits(conversation=5.0), bench.clock))
    asked = await asyncio.gather(*(purse.reserve("c", 0.04) for _ in range(12)), return_exceptions=True)
    (held,) = [one for one in asked if isinstance(one, Reservation)]
    await purse.settle(held, 0.01)

    assert 0.01 == purse.spent
    await purse.reserve("c", 0.04)


async def test_what_the_tenant_refuses_is_no_money_of_the_crews(bench):
    """A question that the tenant's budget forbids leaves the crew its money."""
    purse = Purse(0.05, CountedBudget(bench.store, Limits(conversation=0.03), bench.clock))
    with pytest.raises(BudgetEnded, match="the conversation's"):
        await purse.reserve("c", 0.04)

    await purse.reserve("c", 0.02)


async def test_a_member_nobody_knows_is_a_clear_result(crew, bench):
    """The result names the member."""
    means = crew(members=["menus_and_more"])
    result = await registry.run("party", "Plan a wedding", {}, means)

    assert (False, "unknown") == (result.success, result.trouble)
    assert "no agent is called 'menus_and_more'" in result.error


async def test_a_crew_begun_again_repeats_nothing(crew, bench, vendor):
    """Each member's place in the crew names what it did, so only what was not done yet is done."""
    bench.tools |= {"make_payment": {"grant": "once"}}
    means = crew(members=["prices", "halls"])
    bench.agents = MEMBERS | {
        "prices": MEMBERS["prices"] | {"type": "reasoning", "tools": ["make_payment"]},
    }
    means = bench.means()
    vendor.script(
        Step(calls=[Called(name="make_payment", args={"amount": 5})]),
        Step(text="Paid."),
        Step(fault="bad_request"),  # here it died
    )
    assert not (await registry.run("party", "Pay and book", {}, means)).success
    vendor.script(Step(text="Booked."))
    result = await registry.run("party", "Pay and book", {}, means)

    assert ("Booked.", [5]) == (result.output, bench.refund.paid)
    assert 4 == len(vendor.requests)
