"""A desk's team through whole turns: chosen, answering, failing, stood in for, and told who it was."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from shared import bootstrap
from shared.agents.executions import executions
from shared.backends.embedded import open as embedded
from shared.config.settings import read_settings
from shared.console.thread import did
from shared.desk import act, thinking_turn
from shared.desk.timeline import timeline
from shared.ports import Put
from tests.standins.model_server import Called, Step
from tests.unit.desk.front import Front, MovedClock

TEAM = [
    {
        "name": "visits",
        "handles": "booking and moving visits",
        "intents": ["booking"],
        "tools": ["check_slots", "book_slot"],
        "guidelines": ["Offer two times."],
    },
    {
        "name": "prices",
        "handles": "what things cost",
        "intents": ["price"],
        "tools": ["search_knowledge"],
        "backup": "visits",
        "model": {"model": "gpt-4o-mini"},
    },
    {"name": "host", "handles": "anything else", "general": True},
]
TOOLS = {"check_slots": {"settings": {"days_ahead": 7}}, "book_slot": {}, "search_knowledge": {}}


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def office(tmp_path, clock, vendor, monkeypatch) -> AsyncIterator[Front]:
    """The desk with its team, the stand-in vendor behind it."""
    monkeypatch.setattr(embedded, "EmbeddedClock", lambda: clock)
    told = {
        "FRONTDESK_DATA": str(tmp_path),
        "OPENAI_API_KEY": "test-key",
        "OPENAI_BASE_URL": vendor.base_url,
    }
    process = bootstrap.Process(read_settings(told), told)
    front = Front(await process.services(), clock)
    await front.publish(agent={"team": TEAM}, tools=TOOLS)
    yield front
    await process.close()


def answering(vendor, category, **by_member):
    """The stand-in judges a message to be of a category, and answers as each member in turn."""

    def rule(body):
        if "response_format" in body:
            return Step(data={"category": category, "intent": "something"})
        system = body["messages"][0]["content"]
        who = next(one["name"] for one in TEAM if one["handles"] in system)
        return by_member.get(who)

    vendor.rule = rule


async def last_receipt(front):
    entries = (await timeline(front.store, front.conversation)).entries
    return next(entry.receipt for entry in reversed(entries) if entry.receipt)


async def test_the_member_whose_matter_it_is_answers(office, vendor):
    """It has its own rules, tools and model, and receipt and timeline say who it was."""
    answering(vendor, "prices", prices=Step(text="600 rupees."))
    message = await office.ask("What is a consultation?")

    assert "600 rupees." == message.content.text
    judged, asked = vendor.requests
    assert ["visits", "prices", "host", None] == judged.body["response_format"]["json_schema"]["schema"][
        "properties"
    ]["category"]["enum"]
    assert "gpt-4o-mini" == asked.body["model"]
    assert ["search_knowledge"] == [tool["function"]["name"] for tool in asked.body["tools"]]
    assert "Offer two times." not in asked.body["messages"][0]["content"]
    receipt = await last_receipt(office)
    assert "prices" == receipt.answered_by == (await office.head()).answered_by
    assert "prices: answered from what it knows" == did(receipt)
    assert receipt.money > 0


async def test_the_next_message_may_be_anothers(office, vendor):
    """The choice is made anew for each message."""
    answering(vendor, "prices", prices=Step(text="600 rupees."))
    await office.ask("What is a consultation?")
    answering(vendor, "visits", visits=Step(text="At ten or eleven?"))
    await office.ask("Then book one")

    assert "visits" == (await last_receipt(office)).answered_by


async def test_a_member_has_no_tool_of_another(office, vendor):
    """A tool it was not given is refused, also where the model calls it."""
    steps = [Step(calls=[Called(name="check_slots", args={})]), Step(text="I cannot book.")]

    def rule(body):
        if "response_format" in body:
            return Step(data={"category": "prices"})
        return steps.pop(0)

    vendor.rule = rule
    await office.ask("Is there time tomorrow?")

    assert "this desk has no tool 'check_slots'" in str((await last_receipt(office)).steps)


async def test_a_member_that_fails_is_stood_in_for_in_the_same_turn(office, vendor):
    """Its backup answers, the customer notices nothing, and both are on record."""
    answering(vendor, "prices", prices=Step(fault="bad_request"), visits=Step(text="600 rupees, I am told."))
    message = await office.ask("What is a consultation?")

    assert "600 rupees, I am told." == message.content.text
    assert "visits" == (await last_receipt(office)).answered_by
    (failed,) = await executions(office.store, "front", "team.prices")
    assert not failed.success
    assert "What is a consultation?" == failed.goal
    assert "Invalid value for 'messages'" in failed.error


async def test_where_the_backup_fails_too_a_person_is_asked(office, vendor):
    """The turn ends as any that cannot be thought: an apology, and somebody called."""
    answering(vendor, "prices", prices=Step(fault="bad_request"), visits=Step(fault="bad_request"))
    await office.say("What is a consultation?")
    for _ in range(5):
        await office.turn(wait=60)

    assert "apologised" == (await last_receipt(office)).outcome
    assert (await office.head()).handover


async def test_an_unwell_member_is_passed_over(office, vendor):
    """After failures in a row its backup is asked first."""
    answering(vendor, "prices", prices=Step(fault="bad_request"), visits=Step(text="600."))
    for number in range(5):
        await office.ask(f"What is a consultation? {number}")
    asked = len(vendor.requests)
    await office.ask("And an x-ray?")

    systems = [str(seen.body["messages"][0]) for seen in vendor.requests[asked:]]
    assert not any("what things cost" in one and "You look after this: what things" in one for one in systems)
    assert "visits" == (await last_receipt(office)).answered_by


async def test_a_desk_without_a_team_asks_for_no_category(office, vendor):
    """Its judging and its receipts stay as they were."""
    await office.publish(agent={})
    office.clock.move(seconds=5)
    vendor.rule = lambda body: None
    await office.ask("Hello")

    (judged,) = [seen.body for seen in vendor.requests if "response_format" in seen.body]
    assert "category" not in judged["response_format"]["json_schema"]["schema"]["properties"]
    assert "" == (await last_receipt(office)).answered_by
    assert 0 == await office.store.count("agents/front.team.host/agent_executions")


async def test_a_team_works_without_any_key(tmp_path, clock, monkeypatch):
    """The offline model has no category; intents and words choose."""
    monkeypatch.setattr(embedded, "EmbeddedClock", lambda: clock)
    told = {"FRONTDESK_DATA": str(tmp_path)}
    process = bootstrap.Process(read_settings(told), told)
    front = Front(await process.services(), clock)
    await front.publish(agent={"team": TEAM}, tools=TOOLS)
    await front.ask("I want to book an appointment tomorrow")

    assert "visits" == (await last_receipt(front)).answered_by
    await process.close()


async def test_a_turn_that_died_goes_on_with_who_had_begun_it(office, vendor, monkeypatch):
    """Whatever the words would be judged to be by now, the member who acted goes on."""
    calls, run_tool = iter([True]), act.run_tool

    async def cut_once(*given):
        if next(calls, False):
            raise asyncio.CancelledError
        return await run_tool(*given)

    monkeypatch.setattr(act, "run_tool", cut_once)
    steps = [Step(calls=[Called(name="check_slots", args={})]), Step(text="At ten or eleven?")]
    answering(vendor, "visits", visits=steps[0])
    await office.say("Is there time tomorrow?")
    await office.turn()
    answering(vendor, "prices", visits=steps[1], prices=Step(text="600 rupees."))
    await office.turn(wait=60)

    receipt = await last_receipt(office)
    assert ("visits", "answered") == (receipt.answered_by, receipt.outcome)
    assert ["check_slots"] == [step.name for step in receipt.steps if step.kind == "tool"]


async def test_a_person_who_takes_over_is_no_fault_of_the_members(office, vendor, monkeypatch):
    """A turn that may act no more counts against nobody, and nobody stands in for it."""
    acting = act.act

    async def taken_over_first(services, store, question, *given, **more):
        path = f"conversations/{office.conversation}"
        head = await office.head()
        taken = {**msgspec.to_builtins(head), "state": "human_active", "epoch": head.epoch + 1}
        await store.commit([Put(path, taken)])
        return await acting(services, store, question, *given, **more)

    monkeypatch.setattr(thinking_turn, "act", taken_over_first)
    answering(vendor, "visits", visits=Step(calls=[Called(name="check_slots", args={})]))
    await office.ask("Is there time tomorrow?")

    assert 2 == len(vendor.requests)
    assert "human_active" == (await office.head()).state
    assert [] == await executions(office.store, "front", "team.visits")
    assert [] == await executions(office.store, "front", "team.host")
