"""A customer who says STOP is left alone, until they say otherwise or ask something of their own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from shared.channels import whatsapp
from shared.channels.twilio_errors import failure
from shared.desk.contact import may_contact
from shared.desk.customers import find
from shared.desk.deliver import send_reply
from shared.desk.ready import reply_ready
from shared.desk.reports import record_delivery
from shared.domain.content import Content
from shared.domain.conversation import Message
from shared.domain.events import DeliveryReported
from shared.domain.identity import outbox_key
from tests.standins.faults import Fault
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving
from tests.standins.twilio_api import TwilioApi
from tests.unit.desk.front import DESK, Front

NUMBER = "+15550783881"


@pytest.fixture
def environment() -> dict[str, str]:
    return {"TWILIO_ACCOUNT_SID": "ACstandin", "TWILIO_AUTH_TOKEN": "twilio-token"}


@pytest.fixture
async def graph(front: Front) -> AsyncIterator[GraphApi]:
    """Meta's API, and the desk on WhatsApp."""
    api = GraphApi(token="t", app_secret="s")
    front.on("whatsapp", "1001")
    async with serving(api.app) as url:
        front.services = replace(front.services, addresses={"meta": url})
        yield api


@pytest.fixture
async def twilio(front: Front) -> AsyncIterator[TwilioApi]:
    """Twilio's API, and the desk on SMS."""
    api = TwilioApi()
    front.on("sms", NUMBER)
    front.customer = "+447700900999"
    await front.publish(channels={**DESK["channels"], "sms": {"phone_number": NUMBER}})
    async with serving(api.app) as url:
        front.services = replace(front.services, addresses={"twilio": url})
        yield api


async def preferences(front: Front) -> dict[str, str]:
    (customer,) = await front.documents("customers")
    kept: Any = customer.get("preferences", {})
    return dict(kept)


async def send(front: Front, *seqs: int) -> None:
    await send_reply(front.services, reply_ready(front.store, front.conversation, seqs))


async def statuses(front: Front) -> list[str]:
    return [one.status for one in await front.messages()]


async def newest(front: Front) -> Message:
    return (await front.messages())[-1]


@pytest.mark.parametrize("word", ["STOP", "stop", " Stop. ", "STOPALL", "Unsubscribe", "बंद", "बंद।"])
async def test_each_of_the_words_stops_and_is_confirmed_once(
    front: Front, graph: GraphApi, word: str
) -> None:
    """The confirmation is the last thing they get; saying it again is not answered again."""
    await front.say(word)
    front.clock.move(minutes=1)
    await front.say(word)
    await send(front, 2)

    assert "none" == (await preferences(front))["contact"]
    assert ["received", "sent", "received"] == await statuses(front)
    head = await front.head()
    assert (head.pending, head.state) == (head.answered, "new")
    assert ["START" in str(one["body"]) for one in graph.accepted] == [True]
    assert ("संदेश" in str(graph.accepted[0]["body"]["text"]["body"])) == ("बंद" in word)


@pytest.mark.parametrize("word", ["CANCEL", "end", "QUIT!"])
async def test_the_carriers_other_words_stop_on_sms_alone(front: Front, twilio: TwilioApi, word: str) -> None:
    """In a chat they end a booking or a talk; carriers take them for STOP."""
    await front.say(word)

    assert "none" == (await preferences(front))["contact"]
    assert [] == twilio.accepted


@pytest.mark.parametrize(
    "words", ["please stop", "Cancel it", "CANCEL", "END", "START", "don't stop", "बंद कब होता है?"]
)
async def test_other_words_are_answered_as_ever(front: Front, graph: GraphApi, words: str) -> None:
    """Only the whole message counts, and START means nothing to a desk that was not told to stop."""
    await front.say(words)

    assert {} == await preferences(front)
    assert 1 == (await front.head()).pending > (await front.head()).answered


async def test_elsewhere_the_words_are_words(front: Front) -> None:
    """Web chat and Instagram know no such rule: nobody is written to there unasked."""
    for place in (("webchat", "front"), ("instagram", "2002")):
        front.on(*place)
        await front.say("STOP")

    assert all("preferences" not in one for one in await front.documents("customers"))


async def test_a_tap_is_no_such_word(front: Front, graph: GraphApi) -> None:
    """A button the desk itself showed may be called Cancel."""
    await front.say("", content=Content(kind="choice", text="Cancel", choice="no"))

    assert {} == await preferences(front)


async def test_what_was_under_way_is_not_said(front: Front, graph: GraphApi) -> None:
    """A reply that waits to be sent never is, and what was asked before is not answered any more."""
    reply = await front.ask("When are you open?")
    await front.say("And where?")
    await front.say("STOP")
    await send(front, reply.seq, 5)
    await front.turn()

    assert ["received", "suppressed", "received", "received", "sent"] == await statuses(front)
    assert 1 == len(graph.accepted)


async def test_their_own_next_question_is_answered_and_nothing_else_goes(
    front: Front, graph: GraphApi
) -> None:
    """Free text in that conversation while its window is open; no template, on no channel, ever."""
    await front.say("STOP")
    await send(front, 2)
    stopped = await front.head()
    limits = whatsapp.limits
    customer = await find(front.store, stopped.customer)
    before = may_contact(customer, limits, stopped, front.clock.now())

    front.clock.move(minutes=5)
    reply = await front.ask("When are you open?")
    await send(front, reply.seq)
    asked = await front.head()
    customer = await find(front.store, asked.customer)
    during = may_contact(customer, limits, asked, front.clock.now())
    front.clock.move(days=2)
    after = may_contact(customer, limits, asked, front.clock.now())

    assert "sent" == (await newest(front)).status
    assert 2 == len(graph.accepted)
    allowed = [(leave.free_text, leave.template) for leave in (before, during, after)]
    assert [(False, False), (True, False), (False, False)] == allowed


async def test_start_undoes_it(front: Front, graph: GraphApi) -> None:
    """The customer is welcomed back once, and nothing of the wish is left."""
    await front.say("STOP")
    front.clock.move(minutes=1)
    await front.say("Start")
    await send(front, 4)

    assert {} == await preferences(front)
    assert "Welcome back" in str(graph.accepted[-1]["body"])
    head = await front.head()
    assert head.pending == head.answered


@pytest.mark.parametrize(
    "content", [Content(text="STOP"), Content(kind="system", text="Stop it", data={"opt_out": "STOP"})]
)
async def test_what_the_network_confirms_the_desk_does_not(
    front: Front, twilio: TwilioApi, content: Content
) -> None:
    """Twilio answers the word itself, and may say that it has."""
    await front.say("", content=content)

    assert "none" == (await preferences(front))["contact"]
    assert ["received"] == await statuses(front)


async def test_a_refusal_because_they_stopped_is_the_same_word(front: Front, twilio: TwilioApi) -> None:
    """21610 to a send: the message failed, and the next one fails untried, until they write."""
    reply, other = await front.ask("When are you open?"), await front.ask("And where?")
    twilio.faults.set(Fault(kind="error", code=21610))
    await send(front, reply.seq)
    await send(front, other.seq)

    assert "none" == (await preferences(front))["contact"]
    failures = [one.failure.code for one in await front.messages() if one.failure]
    assert ["21610", "opted_out"] == failures
    assert ["received", "failed"] * 2 == await statuses(front)
    assert [] == twilio.accepted


async def test_a_report_that_they_stopped_is_the_same_word(front: Front, twilio: TwilioApi) -> None:
    """21610 in a status, told twice, is heeded once: what they say later stands."""
    reply = await front.ask("When are you open?")
    await send(front, reply.seq)
    report = DeliveryReported(
        event_id="status-21610",
        channel="sms",
        account=NUMBER,
        message_id="SM1",
        status="failed",
        at="",
        key=outbox_key("acme", front.conversation, reply.seq),
        failure=failure("21610"),
    )
    await record_delivery(front.services, report)
    told = await preferences(front)
    front.clock.move(minutes=1)
    await front.say("START")
    await record_delivery(front.services, report)

    assert "none" == told["contact"]
    assert {} == await preferences(front)
