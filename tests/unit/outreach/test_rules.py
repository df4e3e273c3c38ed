"""What a desk follows up of its own accord: silence, bookings left lying, and what the business reports."""

from datetime import timedelta
from typing import Any

import pytest

from shared.config.conditions import compared_with
from shared.desk.outreach.follow_up import follow_up
from shared.desk.outreach.reported import report_event
from shared.desk.outreach.weigh import weigh_silence
from shared.domain.colleagues import Actor
from shared.domain.content import Template
from shared.domain.instants import instant
from tests.unit.outreach.conftest import Speaking

BY = Actor(id="lab", name="The lab's system")
SILENT = {"condition": "silent_hours >= `24` && !booked", "message": "Hi, shall I hold a time for you?"}
ABANDONED = {"condition": "event == 'booking_abandoned'", "delay": 300, "message": "Shall I finish it?"}
RESULTS = {
    "condition": "event == 'test_results_ready'",
    "message": "Your {{ event.test }} results are ready.",
    "template": "reminder",
    "parameters": ["{{ event.day }}"],
}


async def rules(front: Speaking, which: str = "retargeting", *triggers: dict[str, Any]) -> None:
    """Publish the desk with these rules."""
    hours = {"hours": {"daily": "00:00-24:00"}}
    await front.publish(behavior={which: {"triggers": list(triggers)}, "outreach": hours})


async def asked(front: Speaking, text: str) -> str:
    """A customer asks and is answered; their id."""
    customer = await front.wrote(text)
    await front.turn()
    return customer


async def test_a_booking_left_lying_is_taken_up_after_its_delay(front: Speaking) -> None:
    """Times were offered and none was taken: five minutes after the last word the desk asks, once."""
    await rules(front, "retargeting", ABANDONED)
    customer = await asked(front, "I want to book an appointment")
    before = len(await front.messages())
    await front.passes(minutes=2)
    (planned,) = await front.standing()
    assert ("waiting", customer, "marketing") == (planned.state, planned.customer, planned.kind)
    assert before == len(await front.messages())

    await front.passes(minutes=4)
    await front.passes(hours=3)
    (sent,) = await front.standing()
    messages = await front.messages()
    assert ("sent", "text", before + 1) == (sent.state, sent.means, len(messages))
    assert "Shall I finish it?" == messages[-1].content.text


async def test_who_writes_again_is_not_asked(front: Speaking) -> None:
    """The next word of the customer overtakes the nudge."""
    await rules(front, "retargeting", ABANDONED)
    await asked(front, "I want to book an appointment")
    await front.passes(minutes=2)
    await front.wrote("One moment, I look at my calendar")
    await front.passes(minutes=30)

    assert ["cancelled"] == [one.state for one in await front.standing()]


async def test_a_day_of_silence_is_followed_up_with_a_template(front: Speaking) -> None:
    """Then the window is closed: the desk's template asks them back; rules that are due later wait."""
    later = {"condition": "silent_hours >= `72`", "message": "Still there?"}
    await rules(front, "follow_ups", SILENT, later)
    await asked(front, "What are your hours?")
    await front.passes(hours=23)
    assert [] == await front.standing()

    await front.passes(hours=2)
    (sent,) = await front.standing()
    (*_, message) = await front.messages()
    assert ("sent", "template") == (sent.state, sent.means)
    assert message.outgoing is not None
    assert Template(name="hello_again", language="en") == message.outgoing.template

    await front.passes(hours=50)
    assert {
        "behavior.follow_ups: silent_hours >= `24` && !booked, send_message",
        "behavior.follow_ups: silent_hours >= `72`, send_message",
    } == {one.purpose for one in await front.standing()}
    await front.passes(days=10)
    assert 2 == len(await front.standing())


@pytest.mark.parametrize("known_by", ["its condition", "its id"])
async def test_a_rule_that_is_put_before_another_neither_loses_nor_repeats(
    front: Speaking, known_by: str
) -> None:
    """What was said once stays said, and the new rule acts, wherever it stands in the file."""
    old = SILENT | ({"id": "hold_a_time"} if known_by == "its id" else {})
    new = {"condition": "silent_hours >= `48`", "message": "Still there?"}
    await rules(front, "follow_ups", old)
    await asked(front, "What are your hours?")
    await front.passes(hours=25)
    changed = old | ({"condition": "silent_hours >= `20`"} if known_by == "its id" else {"delay": 60})
    await rules(front, "follow_ups", new, changed)
    head = await front.head()
    for _ in range(2):
        await front.passes(hours=25)
        await weigh_silence(front.services, "acme", front.conversation, head.pending)
    await front.passes(hours=1)

    assert [SILENT["message"], "Still there?"] == [
        one.saying.text for one in sorted(await front.standing(), key=lambda one: one.created_at)
    ]


async def test_two_rules_of_one_condition_are_two(front: Speaking) -> None:
    """They are told apart by their order, or better by ids; each speaks once."""
    again = SILENT | {"message": "A last word."}
    await rules(front, "follow_ups", SILENT, again)
    await asked(front, "What are your hours?")
    await front.passes(hours=25)
    head = await front.head()
    for _ in range(3):
        await weigh_silence(front.services, "acme", front.conversation, head.pending)
        await front.passes(hours=1)

    assert {SILENT["message"], "A last word."} == {one.saying.text for one in await front.standing()}
    assert 2 == len(await front.standing())


async def test_high_interest_without_a_booking_is_a_rule_like_any_other(front: Speaking) -> None:
    """A rule over a score holds once the talk has come to rest, and waits for its delay."""
    rule = {"condition": "messages >= `1` && !booked", "action": "schedule_call", "delay": 3600}
    await rules(front, "follow_ups", rule)
    await asked(front, "What are your hours?")
    await front.passes(minutes=2)
    (planned,) = await front.standing()

    assert ("phone", "waiting", ("wrote", "booked")) == (
        planned.prefers,
        planned.state,
        planned.overtaken_by,
    )
    assert planned.saying.text.startswith("Hello")


async def test_what_the_business_reports_is_told_to_the_customer_once(front: Speaking) -> None:
    """Results are ready: told with the words of the rule, as service, however often the system says it."""
    await rules(front, "retargeting", RESULTS)
    customer = await asked(front, "What are your hours?")
    front.clock.move(days=2)
    for _ in range(3):
        told = await report_event(
            front.services,
            "acme",
            customer,
            desk="front",
            event="test_results_ready",
            about={"test": "CBC", "day": "Monday"},
            once="result-7",
            by=BY,
        )
        await follow_up(front.services, told)
    (sent,) = await front.standing()

    assert ("sent", "service", "template") == (sent.state, sent.kind, sent.means)
    assert "Your CBC results are ready." == sent.saying.text
    assert Template(name="reminder", language="en", parameters=("Monday",)) == sent.saying.template


async def test_an_event_that_no_rule_names_follows_nothing(front: Speaking) -> None:
    """A fact is told to whoever listens; the desk says nothing of it."""
    await rules(front, "retargeting", RESULTS)
    customer = await asked(front, "What are your hours?")
    told = await report_event(
        front.services, "acme", customer, desk="front", event="parcel_sent", about={}, by=BY
    )
    await follow_up(front.services, told)

    assert [] == await front.standing()


@pytest.mark.parametrize(
    ("condition", "hours"),
    [
        ("silent_hours >= `24` && !booked", (24.0,)),
        ("(silent_hours > `1.5` || silent_hours > `48`) && is_open", (1.5, 48.0)),
        ("`12` <= silent_hours", (12.0,)),
        ("qualification >= `0.7`", ()),
    ],
)
def test_the_hours_a_rule_waits_for_are_read_from_its_condition(
    condition: str, hours: tuple[float, ...]
) -> None:
    """Nobody writes the hours twice: the timer is set for what the condition compares with."""
    assert hours == compared_with(condition, "silent_hours")


async def test_it_is_weighed_again_when_the_next_rule_may_hold(front: Speaking) -> None:
    """One timer at a time stands for a silence, whatever the number of rules."""
    await rules(front, "follow_ups", SILENT)
    await asked(front, "What are your hours?")
    await front.passes(minutes=2)
    ahead = [due for due, handler in await front.alarms() if handler == "weigh_silence"]
    head = await front.head()

    assert [instant(head.last_inbound_at) + timedelta(hours=24, seconds=1)] == ahead
