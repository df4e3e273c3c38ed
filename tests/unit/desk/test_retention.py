"""What customers say is kept as long as their desk says, and what came of it goes with it."""

from datetime import timedelta

import pytest

from shared.api import chat_files
from shared.api.chat_feed import Feed
from shared.desk.observe import observe
from shared.desk.reports import record_change, record_delivery, record_echo
from shared.desk.sweep import sweep_daily
from shared.desk.transcript import read_transcript
from shared.domain.content import Content
from shared.domain.errors import Permanent
from shared.domain.events import DeliveryReported, EchoReceived, Happened, MessageChanged, Sender
from shared.domain.instants import stamp
from shared.ports import Put
from tests.unit.desk.front import Front

PRIVACY = {"retention_days": 30, "receipts_retention_days": 60}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
async def brief(front: Front) -> Front:
    """A desk that keeps messages for 30 days and receipts for 60."""
    await front.publish(privacy=PRIVACY)
    return front


async def test_messages_of_both_sides_go_after_the_desks_days_and_nobody_stumbles(brief: Front) -> None:
    """Transcript, reader and the next turn find a conversation that goes on without what has gone."""
    await brief.ask("When are you open?")
    brief.clock.move(days=29)
    assert 2 == len(await brief.messages())

    brief.clock.move(days=1)

    assert [] == await brief.messages()
    head = await brief.head()
    feed = Feed(brief.store, brief.conversation, None)
    assert [] == await feed.news()
    transcript = await read_transcript(
        brief.store, brief.conversation, head, (await brief.running()).config, head.last
    )
    assert () == transcript.turns
    answer = await brief.ask("And on Sundays?")
    assert (4, "desk") == (answer.seq, answer.author)


async def test_a_message_that_is_rewritten_keeps_its_end(brief: Front) -> None:
    """A report or an edit long after changes what a message says, never how long it is kept."""
    name = await brief.say("When are you open?")
    await brief.turn()
    brief.clock.move(days=20)
    about = {"channel": "webchat", "account": "front", "message_id": name}
    who = {"sender": Sender(id=brief.customer), "at": stamp(brief.clock.now())}
    await record_change(
        brief.services,
        MessageChanged(event_id="e1", change="edited", content=Content(text="Are you open?"), **about, **who),
    )
    key = f"acme.{brief.conversation}.2"
    read = DeliveryReported(
        event_id="r1", channel="webchat", account="front", key=key, status="read", at=stamp(brief.clock.now())
    )
    await record_delivery(brief.services, read)
    assert ["Are you open?", "read"] == [
        (await brief.messages())[0].content.text,
        (await brief.messages())[1].status,
    ]

    brief.clock.move(days=10)

    assert [] == await brief.messages()


async def test_what_a_colleague_wrote_goes_too(brief: Front) -> None:
    """A person's words about a customer are no different."""
    await brief.ask("When are you open?")
    brief.clock.move(days=1)
    echo = EchoReceived(
        event_id="echo",
        channel="webchat",
        account="front",
        customer=brief.customer,
        message_id="theirs",
        at=stamp(brief.clock.now()),
        content=Content(text="I will see to it"),
    )
    await record_echo(brief.services, echo)
    assert "human" == (await brief.messages())[-1].author

    brief.clock.move(days=30)

    assert [] == await brief.messages()


async def test_receipts_outlive_messages_and_go_after_their_own_days(brief: Front) -> None:
    """What a turn cost is kept longer, by its class."""
    await brief.ask("When are you open?")
    turns = f"conversations/{brief.conversation}/turns"

    brief.clock.move(days=59)
    assert 1 == len(await brief.documents(turns))
    brief.clock.move(days=1)
    assert [] == await brief.documents(turns)


async def test_what_tools_found_goes_with_the_messages(brief: Front) -> None:
    """The ledger of effects holds a customer's words as arguments."""
    await brief.ask("Is there a free slot tomorrow?")
    assert 1 == len(await brief.documents("effects"))

    brief.clock.move(days=30)

    assert [] == await brief.documents("effects")


async def test_what_happened_in_a_conversation_goes_with_its_messages(brief: Front) -> None:
    """A handover's summary is derived from what was said."""
    await brief.say("hello")
    fact = Happened(
        event_id="h1",
        tenant="acme",
        what="conversation.handed_over",
        at=stamp(brief.clock.now()),
        conversation=brief.conversation,
        data={"summary": "They asked for a person"},
    )
    await observe(brief.services, fact)
    brief.clock.move(days=29)
    assert 1 == len(await brief.documents("happenings"))

    brief.clock.move(days=1)

    assert [] == await brief.documents("happenings")


async def test_the_head_and_the_customer_stay(brief: Front) -> None:
    """Who wrote, and that they wrote, is the business's own; their words are not."""
    await brief.ask("When are you open?")
    brief.clock.move(days=4000)

    assert 2 == (await brief.head()).last
    (customer,) = await brief.documents("customers")
    assert 1 == customer["messages"]


async def test_an_upload_goes_with_its_days_document_and_bytes(brief: Front) -> None:
    """A file sent in web chat is not to be had after its days, and its bytes are swept."""
    blobs = brief.services.ports.blobs
    request = _Body(PNG)
    until = brief.clock.now() + timedelta(days=30)
    told = await chat_files.keep(request, brief.store, blobs, brief.conversation, until)
    (kept,) = await brief.documents(f"conversations/{brief.conversation}/attachments")
    assert await blobs.get(kept["blob"])
    assert 0 == await sweep_daily(brief.services)

    brief.clock.move(days=30)

    assert 1 == await sweep_daily(brief.services)
    assert await blobs.get(kept["blob"]) is None
    with pytest.raises(chat_files.Refused):
        await chat_files.serve(brief.store, blobs, brief.conversation, str(told["id"]))
    assert [] == await brief.documents("kept_files")


async def test_a_document_with_an_end_where_nothing_would_remove_it_is_refused(front: Front) -> None:
    """Each collection that expires needs a policy on Google Cloud, so it is named before it is used."""
    soon = front.clock.now() + timedelta(days=1)
    with pytest.raises(Permanent, match="expiring"):
        await front.store.create("scribbles/one", {"n": 1}, expires=soon)
    with pytest.raises(Permanent, match="expiring"):
        await front.store.commit([Put("scribbles/one", {"n": 1}, expires=soon)])
    await front.store.commit([Put("scribbles/one", {"n": 1})])


class _Body:
    """A request as far as an upload reads it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.headers = {"content-type": "image/png", "x-file-name": "a.png"}

    async def stream(self):
        yield self.content
