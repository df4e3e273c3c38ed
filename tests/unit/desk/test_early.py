"""What overtakes its message waits for it, for a week at most and never in more than one document."""

import asyncio

import pytest

from shared.channels.shape import Sent
from shared.desk.early import MOST_TIMES
from shared.desk.outcome import settle
from shared.desk.reports import record_change, record_delivery
from shared.domain.content import Content
from shared.domain.deliveries import Delivery
from shared.domain.errors import Transient
from shared.domain.events import DeliveryReported, MessageChanged, Sender
from shared.domain.instants import stamp
from tests.journeys.house import until
from tests.unit.desk.front import Front


def changed(front: Front, name: str, words: str | None = None) -> MessageChanged:
    return MessageChanged(
        event_id=f"{name}-{words}",
        channel="webchat",
        account="front",
        sender=Sender(id=front.customer),
        message_id=name,
        change="edited" if words else "withdrawn",
        at=stamp(front.clock.now()),
        content=Content(text=words) if words else None,
    )


async def until_let_go(front: Front, record, *events) -> None:
    """Tell each as often as the bus does."""
    for event in events:
        for _ in range(MOST_TIMES + 2):
            front.clock.move(seconds=1)
            try:
                await record(front.services, event)
            except Transient:
                continue
            break
        else:
            pytest.fail("it is told for ever")


async def heard(front: Front) -> None:
    """The bus runs until it has told the one fact of these two topics that waits in it."""
    kinds = {
        "message-changed": (MessageChanged, record_change),
        "delivery-reported": (DeliveryReported, record_delivery),
    }
    done: list[str] = []

    async def deliver(delivery: Delivery) -> None:
        if delivery.topic in kinds:
            kind, verb = kinds[delivery.topic]
            await verb(front.services, kind.decode(delivery.body))
            done.append(delivery.topic)

    running = asyncio.create_task(front.services.ports.bus.run(deliver))
    await until(lambda: bool(done))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ([None], ("When are you open?", False, True)),
        (["Are you open today?"], ("Are you open today?", True, False)),
        (["Are you open today?", "Are you open now?"], ("Are you open now?", True, False)),
        (["Are you open today?", None], ("When are you open?", False, True)),
        ([None, "Are you open today?"], ("When are you open?", False, True)),
    ],
)
async def test_a_change_far_ahead_of_its_message_is_applied_when_that_comes(
    front: Front, told, shown
) -> None:
    """The bus has long given up when the vendor delivers the message; the last word on it counts."""
    await until_let_go(front, record_change, *(changed(front, "m1", words) for words in told))
    assert 1 == len(await front.documents("early"))
    front.clock.move(days=6)

    await front.say("When are you open?")
    await heard(front)

    (message,) = await front.messages()
    assert shown == (message.content.text, message.edited, message.withdrawn)
    assert [] == await front.documents("early")


async def test_a_report_far_ahead_of_its_sends_outcome_counts_when_that_is_known(front: Front) -> None:
    """Where the channel does not carry our key, a report leads nowhere before the vendor's id is known."""
    front.on("instagram", "2002")
    reply = await front.ask("When are you open?")
    for status in ("read", "delivered"):
        about = {
            "channel": "instagram",
            "account": "2002",
            "message_id": "mid.1",
            "at": stamp(front.clock.now()),
        }
        await until_let_go(front, record_delivery, DeliveryReported(event_id=status, status=status, **about))

    account, sent = ("instagram", "2002"), Sent("mid.1")
    await settle(front.services, front.store, front.conversation, (reply.seq,), sent, account=account)
    await heard(front)

    known = await front.message(reply.seq)
    assert known is not None
    assert ("read", "mid.1") == (known.status, known.provider_id)
    assert [] == await front.documents("early")


async def test_what_never_finds_its_message_is_forgotten_after_a_week(front: Front) -> None:
    """However much is told of a message nobody knows, it is one document, and goes."""
    await until_let_go(
        front, record_change, *(changed(front, "stray", f"word {number}") for number in range(9))
    )
    assert 1 == len(await front.documents("early"))

    front.clock.move(days=7, seconds=1)

    assert [] == await front.documents("early")


async def test_words_told_early_are_kept_no_longer_than_messages(front: Front) -> None:
    """An edit carries words; a desk that keeps messages for two days keeps these no longer."""
    await front.publish(privacy={"retention_days": 2})
    await until_let_go(front, record_change, changed(front, "stray", "my number is 12345"))

    front.clock.move(days=2)

    assert [] == await front.documents("early")
