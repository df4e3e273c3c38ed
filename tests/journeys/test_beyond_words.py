"""What customers send beside words, and what they read in return: nothing silly, nothing to a reaction."""

import asyncio
from typing import Any

import pytest
from house import House, until

# The words are the offline model's, which Google's side refuses to run.
pytestmark = pytest.mark.parametrize("house", ["embedded"], indirect=True)

IMAGE = {"type": "image", "image": {"id": "m1", "mime_type": "image/jpeg", "sha256": "x"}}
VOICE = {"type": "audio", "audio": {"id": "a1", "mime_type": "audio/ogg; codecs=opus", "voice": True}}
STICKER = {"type": "sticker", "sticker": {"id": "s1", "mime_type": "image/webp", "animated": False}}
PLACE = {"type": "location", "location": {"latitude": 19.07, "longitude": 72.87}}
DOCTOR = {"name": {"formatted_name": "Dr Mehta"}, "phones": [{"phone": "+919811111111"}]}
CONTACT = {"type": "contacts", "contacts": [DOCTOR]}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ([IMAGE] * 3, ["cannot look at pictures", "connect you with a person"]),
        ([VOICE], ["cannot listen to voice messages", "connect you with a person"]),
        ([STICKER], ["How can I help you"]),
        ([PLACE], ["noted the place"]),
        ([CONTACT], ["the contact is kept here"]),
    ],
    ids=["an album", "a voice note", "a sticker", "a place", "a contact"],
)
async def test_whatsapp_beyond_words_is_answered_sensibly(
    house: House, sent: list[dict[str, Any]], read: list[str]
) -> None:
    """One answer to all that came in one go, which says what the desk cannot do and who can."""
    for more in sent:
        await house.post_signed("/webhooks/whatsapp", house.whatsapp("", **more))
    await until(lambda: len(house.graph.accepted) >= 1)
    await asyncio.sleep(0.5)

    (reply,) = house.replies()
    assert all(words in reply for words in read), reply
    (customer,) = await house.documents("customers")
    assert "+919811111111" not in str(customer), "somebody else's number is not the customer's"


@pytest.mark.parametrize(
    ("attachments", "read"),
    [
        (["image", "image", "image"], "cannot look at pictures"),
        (["audio"], "cannot listen to voice messages"),
        (["like_heart"], "How can I help you"),
        (["story_mention"], "Thank you for sharing"),
    ],
    ids=["an album", "a voice message", "a heart", "a mention in a story"],
)
async def test_instagram_beyond_words_is_answered_sensibly(
    house: House, attachments: list[str], read: str
) -> None:
    """The same on Instagram, where an album is one message."""
    body = house.instagram("")
    message = body["entry"][0]["messaging"][0]["message"]
    message["attachments"] = [
        {"type": kind, "payload": {"url": "https://cdn.example/x"}} for kind in attachments
    ]
    del message["text"]
    await house.post_signed("/webhooks/instagram", body)
    await until(lambda: len(house.graph.accepted) >= 1)

    assert read in house.replies()[0], house.replies()


async def test_a_voice_note_or_a_sticker_amid_a_booking_does_not_lose_it(house: House) -> None:
    """The desk says that it cannot listen, and asks its question again; a sticker changes nothing."""
    await house.ask("I want to book a blood test tomorrow")
    heard = await house.answer_to(house.whatsapp("", **VOICE))
    seen = await house.answer_to(house.whatsapp("", **STICKER))

    assert "cannot listen" in heard
    assert "Which time suits you?" in heard
    assert seen == "Which time suits you?"


async def test_a_reaction_is_not_answered_and_not_taken_for_words(house: House) -> None:
    """A thumb on an answer ends nothing and begins nothing; the next question is answered as ever."""
    await house.ask("What does a CBC test cost?")
    thumb = {"type": "reaction", "reaction": {"message_id": house.graph.accepted[0]["id"], "emoji": "👍"}}
    await house.post_signed("/webhooks/whatsapp", house.whatsapp("", **thumb))
    await asyncio.sleep(0.8)
    assert 1 == len(house.graph.accepted)

    assert "₹1,200" in await house.ask("And vitamin D?")
