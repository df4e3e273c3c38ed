"""What a reader of a conversation is told: everything once, in order, wherever the line breaks."""

import random

import msgspec
import pytest

from shared.api.chat_feed import LATEST, Feed, told
from shared.domain.content import Attachment, Choice, Content, Outgoing
from shared.domain.conversation import Message


def parsed(events):
    """(name, id, data) of each event as it stands on the wire."""
    found = []
    for event in events:
        fields = dict(line.split(": ", 1) for line in event.decode().strip().split("\n"))
        found.append((fields["event"], fields.get("id"), msgspec.json.decode(fields["data"])))
    return found


async def read(conversation, seen=None):
    feed = Feed(conversation.store, conversation.id, seen)
    return parsed(await feed.news())


def said(text):
    return {"outgoing": Outgoing(text=text)}


async def test_a_reader_who_knows_nothing_gets_the_last_messages_in_order(house):
    """Without Last-Event-ID the last fifty come, oldest first, each with the revision that brought it."""
    conversation = house.conversation()
    for number in range(LATEST + 5):
        await conversation.commit(said(f"number {number}"))

    events = await read(conversation)
    assert [data["text"] for _, _, data in events] == [f"number {n}" for n in range(5, LATEST + 5)]
    assert [int(identity) for _, identity, _ in events] == list(range(6, LATEST + 6))


async def test_a_reader_resumes_after_the_revision_they_saw(house):
    """What is known is not told again; an older message that changed is told as a status."""
    conversation = house.conversation()
    await conversation.commit(said("one"), said("two"))
    await conversation.commit(said("three"))
    first = (await conversation.messages())[0]
    await conversation.commit(changed=[msgspec.structs.replace(first, status="read")])

    events = await read(conversation, 1)
    assert [(name, identity) for name, identity, _ in events] == [("message", "2"), ("status", "3")]
    assert events[1][2] == {"message_id": "m1", "status": "read"}
    assert await read(conversation, 3) == []


async def test_messages_of_one_commit_are_resumed_between(house):
    """A line that breaks between two messages of one commit loses neither."""
    conversation = house.conversation()
    await conversation.commit(said("one"), said("two"), said("three"))

    events = await read(conversation)
    assert [identity for _, identity, _ in events] == ["0", "0", "1"]
    assert len(await read(conversation, 0)) == 3


@pytest.mark.parametrize("status", ["suppressed", "parked"])
async def test_what_the_customer_must_not_see_is_not_told(house, status):
    """A suppressed or parked answer is in no reader's history, and one already shown is taken back."""
    conversation = house.conversation()
    await conversation.commit(said("shown"))
    (message,) = await conversation.messages()
    await conversation.commit(said("never"), changed=[msgspec.structs.replace(message, status=status)])

    assert await read(conversation, 1) == [
        ("status", "1", {"message_id": "m1", "status": status}),
        ("message", "2", await _told(conversation, "m2")),
    ]
    assert [data["message_id"] for _, _, data in await read(conversation)] == ["m2"]


async def _told(conversation, public_id):
    return next(told(message) for message in await conversation.messages() if message.public_id == public_id)


async def test_a_withdrawn_message_is_taken_back_and_an_edited_one_told_anew(house):
    """Withdrawn is a status and no text; an edit is the message again under its id."""
    conversation = house.conversation()
    await conversation.commit({"author": "customer", "content": Content(text="helo")}, said("gone"))
    mine, theirs = await conversation.messages()
    edited = msgspec.structs.replace(mine, content=Content(text="hello"), edited=True)
    await conversation.commit(changed=[edited, msgspec.structs.replace(theirs, withdrawn=True)])

    events = await read(conversation, 1)
    assert [(name, data.get("text"), data["status"]) for name, _, data in events] == [
        ("message", "hello", "queued"),
        ("status", None, "withdrawn"),
    ]


async def test_a_place_beyond_the_end_begins_anew(house):
    """A reader of a store that was emptied is not left waiting for a revision that will not come."""
    conversation = house.conversation()
    await conversation.commit(said("one"))
    assert [data["text"] for _, _, data in await read(conversation, 900)] == ["one"]


async def test_a_handover_is_told_when_it_begins_and_when_it_ends(house):
    """Frozen states are a handover; a reader who comes meanwhile is told at once."""
    conversation = house.conversation()
    feed = Feed(conversation.store, conversation.id, None)
    assert await feed.news() == []
    await conversation.commit(said("a colleague comes"), state="pending_human")
    begun = parsed(await feed.news())
    assert begun[-1] == ("handover", None, {"active": True, "state": "pending_human"})
    assert (await read(conversation))[-1][0] == "handover"
    await conversation.commit(state="back_to_ai")
    assert parsed(await feed.news()) == [("handover", None, {"active": False, "state": "back_to_ai"})]


async def test_wherever_lines_break_every_message_arrives_with_its_last_status(house):
    """Random commits of new and changed messages, random breaks: a reader ends where the store ends."""
    chance = random.Random(20261120)
    conversation = house.conversation()
    shown, seen = {}, None
    for _ in range(60):
        stored = await conversation.messages()
        changing = chance.sample(stored, k=min(len(stored), chance.randint(0, 3)))
        changed = [
            msgspec.structs.replace(one, status=chance.choice(["sent", "delivered", "read"]))
            for one in changing
        ]
        await conversation.commit(*[said("words")] * chance.randint(0, 2), changed=changed)
        if chance.random() < 0.5:
            continue
        events = await read(conversation, seen)
        for name, identity, data in events[: chance.randint(0, len(events))]:  # the line breaks here
            assert seen is None or int(identity) >= seen
            seen = int(identity)
            if name == "message" or data["message_id"] in shown:
                shown[data["message_id"]] = data["status"]
    for name, _, data in await read(conversation, seen):
        if name == "message" or data["message_id"] in shown:
            shown[data["message_id"]] = data["status"]

    assert shown == {message.public_id: message.status for message in await conversation.messages()}
    assert len(shown) > 30


def test_a_message_is_told_in_the_shape_the_widget_reads():
    """Author, words, instant, quick replies and files; nothing of turns, vendors or blobs."""
    message = Message(
        seq=3,
        author="desk",
        status="sent",
        at="2026-11-20T10:00:00.000000Z",
        public_id="abc",
        turn="secret:3",
        outgoing=Outgoing(
            text="When?",
            choices=(Choice(id="9", title="At nine"),),
            attachments=(
                Attachment(
                    kind="document", media_type="application/pdf", blob="t/c/f1", file_name="map.pdf", size=9
                ),
            ),
        ),
    )

    assert told(message) == {
        "message_id": "abc",
        "from": "desk",
        "text": "When?",
        "at": "2026-11-20T10:00:00.000000Z",
        "seq": 3,
        "status": "sent",
        "quick_replies": [{"id": "9", "title": "At nine"}],
        "attachments": [
            {"id": "f1", "kind": "document", "media_type": "application/pdf", "name": "map.pdf", "size": 9}
        ],
    }
