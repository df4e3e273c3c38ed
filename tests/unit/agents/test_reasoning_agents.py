"""Reasoning agents: thought, action, observation, in bounds; acting once, and never what is not allowed."""

import asyncio

import pytest

from shared.agents import registry
from shared.agents.hands import allowed
from shared.tools.shape import ToolResult
from tests.standins.model_server import Called, Step

SPEC = {
    "type": "reasoning",
    "description": "Finds out.",
    "tools": ["search_knowledge"],
    "fallback": "thinker",
}
LOOK = Called(name="search_knowledge", args={"query": "parking"})


async def test_it_thinks_acts_and_sees(bench, vendor):
    """Its trace holds each thought with the call it led to and what came of it, then the answer."""
    bench.agents = {"thinker": SPEC}
    vendor.script(Step(text="I need the house rules.", calls=[LOOK]), Step(text="Behind the house."))
    result = await registry.run("thinker", "Where can one park?", {}, bench.means())

    assert "Behind the house." == result.output
    assert "gpt-4.1" == vendor.requests[0].body["model"]
    first, last = result.trace
    assert ("I need the house rules.", "search_knowledge") == (first.thought, first.action)
    assert "Parking is behind the house" in str(first.observation)
    assert "Behind the house." == last.thought
    assert ["model", "tool", "model"] == [step.kind for step in result.steps]
    assert 2 == result.iterations


async def test_going_in_circles_ends_with_what_is_known(bench, vendor):
    """The same call three times running is a loop: the tools are taken away and it has to answer."""
    bench.agents = {"thinker": SPEC}
    vendor.script(*[Step(calls=[LOOK])] * 3, Step(text="I found only the car park."))
    result = await registry.run("thinker", "Where can one park?", {}, bench.means())

    assert result.success
    assert "loop" == result.stopped
    assert "I found only the car park." == result.output
    assert "tools" not in vendor.requests[-1].body


async def test_rounds_are_bounded(bench, vendor):
    """After its rounds it answers with what it knows, and says so."""
    bench.agents = {"thinker": SPEC | {"max_iterations": 2}}
    vendor.script(
        Step(calls=[Called(name="search_knowledge", args={"query": "one"})]),
        Step(calls=[Called(name="search_knowledge", args={"query": "two"})]),
        Step(text="Not found."),
    )
    result = await registry.run("thinker", "Find it", {}, bench.means())

    assert "rounds" == result.stopped
    assert 3 == len(vendor.requests)


async def test_a_tool_it_may_not_use_is_refused_with_what_it_has(bench, vendor):
    """The model hears which tools there are; nothing is carried out."""
    bench.tools |= {"make_payment": {"grant": "once"}}
    bench.agents = {"thinker": SPEC}
    vendor.script(Step(calls=[Called(name="make_payment", args={"amount": 5})]), Step(text="I may not."))
    result = await registry.run("thinker", "Pay", {}, bench.means())

    assert [] == bench.refund.paid
    assert "may not use 'make_payment'; it has search_knowledge" in str(result.trace[0].observation)


@pytest.mark.parametrize("grant", [None, "never"])
async def test_a_dangerous_tool_needs_a_grant(bench, vendor, grant):
    """Without one it refuses, naming the key to write."""
    bench.tools |= {"make_payment": {"grant": grant} if grant else {}}
    bench.agents = {"thinker": SPEC | {"tools": ["make_payment"]}}
    vendor.script(Step(calls=[Called(name="make_payment", args={"amount": 5})]), Step(text="I may not."))
    result = await registry.run("thinker", "Pay", {}, bench.means())

    assert [] == bench.refund.paid
    assert "grant: each_time under tools.make_payment" in str(result.trace[0].observation)


async def test_a_grant_given_by_publishing_lets_it_act(bench, vendor):
    """`once` stands in the file that was published."""
    bench.tools |= {"make_payment": {"grant": "once"}}
    bench.agents = {"thinker": SPEC | {"tools": ["make_payment"]}}
    vendor.script(Step(calls=[Called(name="make_payment", args={"amount": 5})]), Step(text="Paid."))
    await registry.run("thinker", "Pay", {}, bench.means())

    assert [5] == bench.refund.paid


async def test_a_call_that_needs_asking_waits_and_acts_once_allowed(bench, vendor):
    """`each_time` ends the execution with what to allow; run again with that allowed, it acts, once."""
    bench.tools |= {"make_payment": {"grant": "each_time"}}
    bench.agents = {"thinker": SPEC | {"tools": ["make_payment"]}}
    pay = Step(calls=[Called(name="make_payment", args={"amount": 5})])
    vendor.script(pay, Step(text="Paid."))
    waiting = await registry.run("thinker", "Pay", {}, bench.means())

    assert (False, "leave") == (waiting.success, waiting.trouble)
    assert [] == bench.refund.paid
    (asked,) = waiting.asked
    assert ("make_payment", {"amount": 5}) == (asked.tool, asked.arguments)

    allowed_now = bench.means(granted=frozenset({asked.effect}))
    done = await registry.run("thinker", "Pay", {}, allowed_now)

    assert ("Paid.", [5]) == (done.output, bench.refund.paid)


async def test_what_was_done_before_a_crash_is_not_done_again(bench, vendor):
    """Begun again, it hears the answers it heard before, acts no second time, and goes on from there."""
    bench.tools |= {"make_payment": {"grant": "once"}}
    bench.agents = {"thinker": SPEC | {"tools": ["make_payment"]}}
    vendor.script(
        Step(calls=[Called(name="make_payment", args={"amount": 5})]),
        Step(fault="bad_request"),  # here it died
        Step(text="Paid."),
    )
    died = await registry.run("thinker", "Pay", {}, bench.means())
    assert not died.success
    resumed = await registry.run("thinker", "Pay", {}, bench.means())

    assert "Paid." == resumed.output
    assert [5] == bench.refund.paid
    assert 3 == len(vendor.requests)
    assert resumed.money > died.money > 0


PAY = Step(calls=[Called(name="make_payment", args={"amount": 5})])


def _pays_late(bench, *, times):
    """Payments that come too late so many times, then at once; the names under which they were asked for."""
    called = []

    async def late(arguments, context):
        called.append(context.call_id)
        if len(called) <= times:
            await asyncio.sleep(5)
        return ToolResult(data={"paid": arguments.amount})

    bench.refund.run, bench.refund.TIMEOUT = late, 0.05
    bench.tools |= {"make_payment": {"grant": "once"}}
    bench.agents = {"thinker": SPEC | {"tools": ["make_payment"]}}
    return called


async def test_what_may_have_acted_is_asked_again_under_its_name(bench, vendor):
    """A call that nobody answered in time may have acted: made again in the same execution or the next
    attempt, it is the same call, so the vendor acts once; and a tool that is well again is heard.
    """
    called = _pays_late(bench, times=2)
    vendor.script(PAY, PAY, Step(text="It takes too long."), PAY, Step(text="Paid."))
    first = await registry.run("thinker", "Pay", {}, bench.means())
    again = await registry.run("thinker", "Pay", {}, bench.means(attempt=1))

    assert ["took longer" in str(one.observation) for one in first.trace] == [True, True, False]
    assert {"paid": 5} == again.trace[0].observation
    assert (3, 1) == (len(called), len(set(called)))


async def test_what_was_late_before_a_crash_is_heard_as_late_again(bench, vendor):
    """Begun again after a call that was late and then came to something, it makes no third one."""
    called = _pays_late(bench, times=1)
    vendor.script(PAY, PAY, Step(fault="bad_request"), Step(text="Paid."))  # the third died
    await registry.run("thinker", "Pay", {}, bench.means())
    resumed = await registry.run("thinker", "Pay", {}, bench.means())

    assert ("Paid.", 2) == (resumed.output, len(called))
    assert "took longer" in str(resumed.trace[0].observation)


async def test_it_reasons_without_any_key(offline):
    """The offline model uses an agent's tools as it uses a desk's."""
    result = await registry.run("reasoning_agent", "How much is a consultation?", {}, offline.means())

    assert result.success, result.error
    assert "600" in result.output
    assert "search_knowledge" == result.trace[0].action


@pytest.mark.parametrize(
    ("name", "patterns", "may"),
    [
        ("shopify.get_order", ["shopify.*"], True),  # all of a prefix
        ("shopify_admin.delete", ["shopify.*"], False),  # not what merely begins alike
        ("search_knowledge", ["search_knowledge"], True),
        ("search_knowledge_more", ["search_knowledge"], False),
        ("anything", [], False),  # nothing is allowed unless it is named
    ],
)
def test_an_allow_list_means_what_it_says(name, patterns, may):
    """Names stand for themselves, and `prefix.*` for what is below the prefix."""
    assert may == allowed(name, patterns)


async def test_handing_over_ends_it(bench, vendor):
    """Whoever runs it commits the handover; the agent does nothing more than say so."""
    bench.tools |= {"hand_over": {}}
    bench.agents = {"thinker": SPEC | {"tools": ["hand_over"]}}
    vendor.script(
        Step(calls=[Called(name="hand_over", args={"reason": "a complaint"})]),
        Step(text="A colleague takes over."),
    )
    result = await registry.run("thinker", "Help", {}, bench.means())

    assert ("A colleague takes over.", "handover") == (result.output, result.stopped)
    assert ["a complaint"] == [effect.reason for effect in result.effects]
    assert "tools" not in vendor.requests[1].body
