"""What failed for good on one way is said by the next, once for each way."""

from datetime import timedelta

import pytest

from shared.desk.campaigns.results import result_of
from shared.desk.outreach.follow_up import follow_up
from shared.desk.reports import record_delivery
from shared.desk.timeline import timeline
from shared.domain.conversation import Message
from shared.domain.events import DeliveryReported, Failure, Happened
from shared.domain.identity import outbox_key
from shared.domain.outreach import Outreach, Saying
from tests.unit.outreach.conftest import Speaking

LOST = Failure(code="131026", title="Message undeliverable", action="stop")


async def reported(front: Speaking, sent: Outreach, why: Failure, *, seq: int = 0) -> None:
    """The vendor reports that what was said did not arrive."""
    report = DeliveryReported(
        event_id=f"failed {sent.id} {seq}",
        channel=sent.channel or "sms",
        account={"whatsapp": "1001"}.get(str(sent.channel), "+15550001111"),
        message_id=None,
        key=outbox_key("acme", sent.conversation, seq or sent.seq),
        status="failed",
        at="",
        failure=why,
    )
    await record_delivery(front.services, report)


async def failed(front: Speaking, sent: Outreach, why: Failure = LOST, *, seq: int = 0) -> None:
    """It is reported twice, and what follows from it is told."""
    await reported(front, sent, why, seq=seq)
    await reported(front, sent, why, seq=seq)
    await front.rings()


async def by_desk(front: Speaking, conversation: str) -> list[Message]:
    """What the desk said in a conversation."""
    entries = (await timeline(front.store, conversation)).entries
    return [one.message for one in entries if one.message and one.message.author == "desk"]


async def test_a_failure_receipt_has_it_said_by_the_next_way(front: Speaking) -> None:
    """WhatsApp says that it never arrived: the same words go by SMS, and both timelines tell of it."""
    customer = await front.wrote()
    first = await front.reach(customer=customer, agreed="on our form")
    assert "whatsapp" == first.channel
    await failed(front, first)
    (now,) = await front.standing()

    assert ("sent", "sms", first.id) == (now.state, now.channel, now.id)
    assert "it failed by whatsapp" in now.reason
    assert [("whatsapp", first.conversation, first.seq, "Message undeliverable")] == [
        (one.channel, one.conversation, one.seq, one.why) for one in now.failed
    ]
    assert [first.saying.text] == [one.content.text for one in await by_desk(front, now.conversation)]
    for conversation in (first.conversation, now.conversation):
        told = [one.outreach for one in (await timeline(front.store, conversation)).entries if one.outreach]
        assert [now] == told


async def test_each_way_is_tried_once_and_then_people_know(front: Speaking) -> None:
    """SMS fails too: no way is left, nothing is said again, and the outreach says why."""
    customer = await front.wrote()
    first = await front.reach(customer=customer, agreed="on our form")
    await failed(front, first)
    (second,) = await front.standing()
    await failed(front, second)
    await failed(front, first)
    (over,) = await front.standing()

    assert ("refused", "no way is open") == (over.state, over.reason)
    assert ["whatsapp", "sms"] == [one.channel for one in over.failed]
    assert {"whatsapp", "sms"} <= {
        one.channel for one in over.passed_over if one.why.startswith("it failed there")
    }
    assert 1 == len(await by_desk(front, first.conversation))
    assert 1 == len(await by_desk(front, second.conversation))


async def test_a_fact_that_is_told_again_says_nothing_again(front: Speaking) -> None:
    """Facts come more than once; the next way is taken once."""
    customer = await front.wrote()
    first = await front.reach(customer=customer, agreed="on our form")
    await failed(front, first)
    told = Happened(
        event_id="again",
        tenant="acme",
        what="reply.failed",
        at="",
        conversation=first.conversation,
        data={"seq": first.seq},
    )
    for _ in range(3):
        await follow_up(front.services, told)
    (now,) = await front.standing()

    assert 1 == len(await by_desk(front, now.conversation))


async def test_what_was_said_in_a_talk_is_not_said_elsewhere(front: Speaking) -> None:
    """An answer that fails is no outreach: people are told of it, and no other way is tried."""
    await front.wrote("What are your hours?")
    await front.turn()
    (*_, answer) = await front.messages()
    talk = Outreach(
        id="none",
        desk="front",
        purpose="",
        occasion="",
        saying=Saying(),
        since="",
        due="",
        give_up="",
        created_at="",
        until="",
        channel="whatsapp",
        conversation=front.conversation,
        seq=answer.seq,
    )
    await failed(front, talk)

    assert "failed" == (await front.messages())[-1].status
    assert [] == await front.standing()


@pytest.mark.parametrize(
    "why",
    [
        Failure(code="21610", title="they said STOP", action="stop", opted_out=True),
        Failure(code="131047", title="the window closed", action="template"),
    ],
)
async def test_who_said_stop_and_whose_words_wait_gets_nothing_by_another_way(
    front: Speaking, why: Failure
) -> None:
    """STOP is meant for every way; words whose window closed wait for the customer."""
    customer = await front.wrote()
    first = await front.reach(customer=customer, agreed="on our form")
    await failed(front, first, why)

    assert [("sent", "whatsapp", ())] == [
        (one.state, one.channel, one.failed) for one in await front.standing()
    ]


async def test_a_part_that_may_have_arrived_keeps_all_of_it_from_going_again(front: Speaking) -> None:
    """Long words go in pieces: another way is taken where none of them came through."""
    customer = await front.wrote()
    long = Saying(text=" ".join(["Your results are ready, and the doctor would like to see you."] * 100))
    first = await front.reach(customer=customer, agreed="on our form", saying=long)
    assert first.pieces > 1
    await failed(front, first)
    assert ["whatsapp"] == [one.channel for one in await front.standing()]

    for seq in range(first.seq - first.pieces + 1, first.seq):
        await failed(front, first, seq=seq)
    assert ["sms"] == [one.channel for one in await front.standing()]


async def test_at_night_the_next_way_waits_for_the_morning(front: Speaking) -> None:
    """It is weighed like the first: hours, consent and price."""
    customer = await front.wrote()
    first = await front.reach(customer=customer, agreed="on our form")
    front.clock.move(hours=1)  # 00:50 in Kolkata
    await failed(front, first)
    (waits,) = await front.standing()

    assert ("waiting", "it is no hour to write to them") == (waits.state, waits.reason)
    assert (None, "", 0) == (waits.channel, waits.conversation, waits.seq)
    await front.passes(hours=9)
    assert [("sent", "sms")] == [(one.state, one.channel) for one in await front.standing()]


async def test_it_is_given_up_when_its_time_is_over(front: Speaking) -> None:
    """A reminder that failed is not said by another way after what it reminds of."""
    front.clock.move(hours=10)
    customer = await front.wrote()
    first = await front.reach(
        customer=customer, agreed="on our form", give_up=front.clock.now() + timedelta(hours=1)
    )
    front.clock.move(hours=2)
    await failed(front, first)

    assert [("refused", "it failed by whatsapp, and it was too late for another way")] == [
        (one.state, one.reason) for one in await front.standing()
    ]


async def test_what_was_not_asked_for_counts_once_under_the_cap(front: Speaking) -> None:
    """A message that never arrived did not disturb them: its next way is no second contact."""
    customer = await front.wrote()
    first = await front.reach(customer=customer, agreed="on our form", kind="marketing")
    await failed(front, first)
    (counted,) = await front.documents("contacted")

    assert [("sent", "sms")] == [(one.state, one.channel) for one in await front.standing()]
    assert 1 == len(counted["at"])


async def test_a_campaign_waits_for_what_the_next_way_comes_to(front: Speaking) -> None:
    """Between the failure and the next way nobody knows; afterwards the target stands as that way does."""
    customer = await front.wrote()
    first = await front.reach(customer=customer, agreed="on our form")
    sms = {key: one for key, one in front.written["channels"].items() if key != "sms"}
    await front.publish(channels=sms)
    await reported(front, first, LOST)
    between = await result_of(front.store, first.id)
    await front.rings()
    after = await result_of(front.store, first.id)

    assert (None, True) == (between.reached, between.soon)
    assert (False, True) == (after.reached, after.counts)


async def test_a_way_they_did_not_agree_to_is_not_taken_for_one_that_failed(front: Speaking) -> None:
    """Consent is weighed anew: who never agreed to SMS gets none, and the outreach says so."""
    customer = await front.wrote()
    await failed(front, await front.reach(customer=customer))
    (over,) = await front.standing()
    why = {one.channel: one.why for one in over.passed_over}

    assert ("refused", "no way is open") == (over.state, over.reason)
    assert "they never wrote there, and did not agree to be written to" == why["sms"]
