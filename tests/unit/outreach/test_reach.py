"""How a customer is reached: by which way, when, how often, and once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.desk.outreach.reach import reach_out
from shared.desk.outreach.scheduled import cancel_scheduled, scheduled
from shared.desk.take import take
from shared.domain.colleagues import Actor
from shared.domain.content import Template
from shared.domain.errors import NotThere, Permanent
from shared.domain.instants import stamp
from shared.domain.outreach import Saying
from tests.unit.outreach.conftest import ASHA, CHANNELS, SAYING, Speaking

REMINDER = Template(name="reminder", language="en", parameters=("Monday",))
NUMBER = "+919800000001"
BY = Actor(id="arun", name="Arun")


async def test_who_wrote_within_the_window_gets_free_words_in_their_conversation(front: Speaking) -> None:
    """Within 24 hours free words go at no cost, and the outreach says where and why."""
    customer = await front.wrote()
    sent = await front.reach(customer=customer)
    (*_, message) = await front.messages()

    assert ("sent", "text", "whatsapp", front.conversation) == (
        sent.state,
        sent.means,
        sent.channel,
        sent.conversation,
    )
    assert (SAYING.text, "desk", "queued", sent.seq) == (
        message.content.text,
        message.author,
        message.status,
        message.seq,
    )
    assert 0.0 == sent.cost
    assert "the only way that was open" == sent.reason


async def test_after_the_window_an_approved_template_goes_with_what_fills_it(front: Speaking) -> None:
    """A day later the template that was named goes, its words stand for people, and it costs something."""
    customer = await front.wrote()
    front.clock.move(hours=36)
    sent = await front.reach(customer=customer, saying=Saying(text="On Monday!", template=REMINDER))
    (*_, message) = await front.messages()

    assert ("template", "whatsapp") == (sent.means, sent.channel)
    assert message.outgoing is not None
    assert REMINDER == message.outgoing.template
    assert "You are with us on Monday." == message.content.text
    assert sent.cost > 0
    assert sent.reason.endswith("so a template")


async def test_without_a_template_of_its_own_the_desks_asks_them_back(front: Speaking) -> None:
    """Free words whose window has closed become the template by which the desk reopens conversations."""
    customer = await front.wrote()
    front.clock.move(hours=36)
    await front.reach(customer=customer)
    (*_, message) = await front.messages()

    assert message.outgoing is not None
    assert Template(name="hello_again", language="en") == message.outgoing.template


async def test_a_template_the_file_does_not_name_is_passed_over_for_the_next_way(front: Speaking) -> None:
    """Why a way was not taken stands beside the one that was."""
    customer = await front.wrote()
    front.clock.move(hours=36)
    unknown = Template(name="nobody_approved", language="en")
    sent = await front.reach(
        customer=customer, agreed="on our form", saying=Saying(text="Monday!", template=unknown)
    )
    why = {one.channel: one.why for one in sent.passed_over}

    assert ("sent", "sms") == (sent.state, sent.channel)
    assert "names no template nobody_approved" in why["whatsapp"]
    assert "email is not connected" == why["email"]
    assert "they never wrote there" == why["webchat"]


async def test_what_is_not_connected_goes_last_whatever_is_preferred(front: Speaking) -> None:
    """A text message without the vendor's credentials would lie there; WhatsApp is there and takes it."""
    customer = await front.wrote()
    sent = await front.reach(customer=customer, prefers="sms", agreed="on our form")

    assert ("sent", "whatsapp") == (sent.state, sent.channel)


async def test_where_no_way_is_open_it_is_refused_with_the_reason_of_each(front: Speaking) -> None:
    """A customer of web chat who left the page and gave no number cannot be reached, and it is said why."""
    await front.say("hello")
    customer = (await front.head()).customer
    front.clock.move(hours=12)
    refused = await front.reach(customer=customer)
    why = {one.channel: one.why for one in refused.passed_over}

    assert ("refused", "no way is open") == (refused.state, refused.reason)
    assert {
        "webchat": "they have left the page",
        "whatsapp": "no number is known of them",
        "sms": "no number is known of them",
        "email": "email is not connected",
    } == why


async def test_a_number_nobody_knows_is_reached_only_where_they_agreed(front: Speaking) -> None:
    """Consent comes before everything: a bare number gets nothing without it, and a template with it."""
    front.clock.move(hours=12)
    saying = Saying(template=REMINDER)
    refused = await front.reach(number=NUMBER, saying=saying)
    sent = await front.reach(number=NUMBER, saying=saying, occasion="b2", agreed="on our form")

    assert "refused" == refused.state
    assert ("sent", "template", "whatsapp") == (sent.state, sent.means, sent.channel)


async def test_who_was_written_to_first_is_the_same_customer_when_they_answer(front: Speaking) -> None:
    """The conversation that the desk began goes on as it is when the number proves itself, by any id."""
    front.clock.move(hours=12)
    sent = await front.reach(number=NUMBER, saying=Saying(template=REMINDER), agreed="on our form")
    await front.wrote("Yes, I come", who=NUMBER[1:])
    head = await front.head()

    assert (sent.conversation, 2, NUMBER[1:]) == (front.conversation, head.last, head.contact)
    (customer,) = await front.documents("customers")
    assert (customer["id"], NUMBER) == (head.customer, customer["phone"])


async def test_stop_ends_everything_on_every_way(front: Speaking) -> None:
    """Who asked to be left alone gets nothing, not even what waited for them."""
    customer = await front.wrote()
    due = front.clock.now() + timedelta(hours=12)
    await front.reach(customer=customer, due=due, agreed="on our form")
    await front.wrote("STOP")
    before = await front.messages()
    await front.passes(hours=13)
    (refused,) = await front.standing()

    assert ("refused", "they asked not to be contacted") == (refused.state, refused.reason)
    assert before == await front.messages()


async def test_at_night_it_waits_for_the_morning_of_their_own_clock(front: Speaking) -> None:
    """A number in New York is not written to at 3 in the morning there, whatever the desk's clock says."""
    front.clock.move(hours=13)  # 12:50 in Kolkata, 02:20 in New York
    waits = await front.reach(number="+12125550123", saying=Saying(template=REMINDER), agreed="on our form")

    assert ("waiting", "2026-11-21T14:00:00.000000Z") == (waits.state, waits.due)
    assert "it is no hour to write to them" == waits.reason
    await front.passes(hours=7)
    assert ["sent"] == [one.state for one in await front.standing()]


async def test_who_wrote_a_moment_ago_is_awake(front: Speaking) -> None:
    """A nudge at midnight within the talk they are in is no disturbance; half an hour later it is."""
    customer = await front.wrote()
    front.clock.move(minutes=5)
    sent = await front.reach(customer=customer)
    front.clock.move(minutes=30)
    waits = await front.reach(customer=customer, occasion="b2")

    assert ("sent", "waiting") == (sent.state, waits.state)
    assert "2026-11-21T03:30:00.000000Z" == waits.due


async def test_what_nobody_asked_for_comes_once_a_day_and_three_times_a_week(front: Speaking) -> None:
    """The cap puts off what is over it, and holds when many want in at once."""
    customer = await front.wrote()
    front.clock.move(minutes=1)
    await asyncio.gather(
        *(front.reach(customer=customer, kind="marketing", occasion=f"o{number}") for number in range(4))
    )
    states = sorted(one.state for one in await front.standing())
    assert ["sent", "waiting", "waiting", "waiting"] == states

    await front.passes(days=4)
    standing = await front.standing()
    assert 3 == len([one for one in standing if one.state == "sent"])
    assert all("of 3 a week" in one.reason for one in standing if one.state != "sent")
    reminder = await front.reach(customer=customer, saying=Saying(template=REMINDER))
    assert "they had" not in reminder.reason


async def test_nothing_goes_twice_however_often_it_is_asked_or_rung(front: Speaking) -> None:
    """Purpose and occasion are said once, by twenty at once and by alarms that ring again."""
    customer = await front.wrote()
    sent = await asyncio.gather(*(front.reach(customer=customer) for _ in range(20)))
    await asyncio.gather(*(reach_out(front.services, "acme", sent[0].id) for _ in range(5)))

    assert 1 == len(await front.standing())
    assert 1 == len([one for one in await front.messages() if one.author == "desk"])


async def test_while_a_colleague_has_the_conversation_the_desk_keeps_silent(front: Speaking) -> None:
    """It waits an hour and looks again; the desk never speaks into a person's talk."""
    customer = await front.wrote()
    await take(front.services, "acme", front.conversation, by=BY)
    waits = await front.reach(customer=customer)

    assert ("waiting", "a colleague has the conversation") == (waits.state, waits.reason)
    assert stamp(front.clock.now() + timedelta(hours=1)) == waits.due


async def test_what_the_customer_does_meanwhile_overtakes_it(front: Speaking) -> None:
    """A follow-up about their silence is needless once they wrote; a reminder is not."""
    customer = await front.wrote()
    due = front.clock.now() + timedelta(hours=12)
    await front.reach(customer=customer, due=due, overtaken_by=("wrote",))
    await front.reach(customer=customer, due=due, occasion="b2")
    front.clock.move(hours=11)
    await front.wrote("I am back")

    assert ["b2"] == [one.occasion for one in await front.standing() if one.id in await ids(front, customer)]
    await front.passes(hours=2)
    assert {("b1", "cancelled", "the customer wrote"), ("b2", "sent", "the only way that was open")} == {
        (one.occasion, one.state, one.reason) for one in await front.standing()
    }


async def test_what_is_scheduled_is_listed_and_cancelled(front: Speaking) -> None:
    """People see what is to come for a customer, with its time, and can call it off; nobody else's."""
    customer = await front.wrote()
    other = await front.wrote(who="919800000009")
    due = front.clock.now() + timedelta(days=2)
    planned = await front.reach(customer=customer, due=due)
    (listed,) = await scheduled(front.services, "acme", customer)
    assert (planned.id, "outreach", stamp(due), SAYING.text) == (
        listed.id,
        listed.what,
        listed.due,
        listed.text,
    )
    with pytest.raises(NotThere):
        await cancel_scheduled(front.services, "acme", other, planned.id, by=BY)

    await cancel_scheduled(front.services, "acme", customer, planned.id, by=BY)
    await front.passes(days=3)

    assert () == await scheduled(front.services, "acme", customer)
    (cancelled,) = await front.standing()
    assert ("cancelled", "cancelled by Arun") == (cancelled.state, cancelled.reason)


async def test_a_call_is_the_last_way_unless_it_is_asked_for(front: Speaking) -> None:
    """A desk that calls out writes where it can; asked to call, it plans the call, once."""
    livekit = object()
    front.services = replace(front.services, livekit=lambda: livekit)  # nothing is dialled here
    voice = {
        "enabled": True,
        "mode": "realtime",
        "outbound": {"enabled": True, "hours": {"daily": "00:00-24:00"}},
    }
    await front.publish(voice=voice, channels={**CHANNELS, "phone": {"numbers": ["+912200000103"]}})
    customer = await front.wrote()
    written = await front.reach(customer=customer)
    called = await front.reach(customer=customer, occasion="b2", prefers="phone")
    again = await front.reach(customer=customer, occasion="b2", prefers="phone")
    (planned,) = await front.documents("planned_calls")

    assert ("text", "call", called) == (written.means, called.means, again)
    assert (called.call, "booking", SAYING.text, f"+{ASHA}") == (
        planned["id"],
        planned["purpose"],
        planned["opening"],
        planned["number"],
    )
    assert called.cost > 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"saying": Saying()}, "nothing to say"),
        ({"customer": ""}, "say whom to reach"),
        ({"customer": "nobody"}, "unknown"),
        ({"customer": "", "number": "12"}, "no telephone number"),
        ({"desk": "elsewhere"}, "no desk 'elsewhere'"),
    ],
)
async def test_what_could_never_be_said_is_refused_at_once(
    front: Speaking, changes: dict[str, object], says: str
) -> None:
    """The asker hears what is missing, and nothing is kept."""
    customer = await front.wrote()
    with pytest.raises(Permanent, match=says):
        await front.reach(**{"customer": customer, **changes})
    assert [] == await front.standing()


async def ids(front: Speaking, customer: str) -> set[str]:
    """What is listed for a customer."""
    return {one.id for one in await scheduled(front.services, "acme", customer)}


async def test_who_never_wrote_is_not_asked_back(front: Speaking) -> None:
    """The desk's template that reopens a conversation presumes one; a stranger gets words of their own."""
    front.clock.move(hours=12)
    sent = await front.reach(number=NUMBER, agreed="on our form")
    why = {one.channel: one.why for one in sent.passed_over}

    assert ("sent", "sms") == (sent.state, sent.channel)
    assert why["whatsapp"].endswith("the desk has no template for it")
