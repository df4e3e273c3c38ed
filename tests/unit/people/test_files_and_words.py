"""What people attach, and the words a desk keeps for them."""

import pytest

from shared.desk.attach import attach
from shared.desk.canned import canned_replies, templates
from shared.desk.speak import speak
from shared.domain.errors import Permanent
from tests.unit.people.conftest import PRIYA

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


async def test_a_file_is_kept_and_sent_before_the_words(office):
    """As what its bytes say it is, under a name the channel's reader can ask for."""
    await office.customer_writes("hello")
    kept = await attach(*office.place, content=PNG, media_type="image/png", file_name="map.png", by=PRIYA)

    await speak(*office.place, text="Here we are.", attachments=(kept,), client_id="1", by=PRIYA)

    file, words = (await office.messages())[-2:]
    assert (file.content.attachments, file.outgoing.attachments) == ((kept,), (kept,))
    assert words.content.text == "Here we are."
    assert await office.services.ports.blobs.get(kept.blob) == (PNG, "image/png")


@pytest.mark.parametrize(
    ("content", "media_type", "words"),
    [
        (b"", "image/png", "empty"),
        (PNG + b"0" * 5_000_000, "image/png", r"map.png has 5.0 MB; whatsapp takes images of 5 MB at most"),
        (b"MZ" + b"0" * 50, "application/pdf", "not kept"),
    ],
)
async def test_a_file_that_cannot_go_is_refused_in_words(office, content, media_type, words):
    """With what the channel takes; nothing is kept, nothing sent."""
    office.channel = "whatsapp"
    await office.customer_writes("hello")

    with pytest.raises(Permanent, match=words):
        await attach(*office.place, content=content, media_type=media_type, file_name="map.png", by=PRIYA)

    assert [] == await office.documents("attachments")


async def test_canned_replies_know_the_customer(office):
    """Names are filled in; a reply without a placeholder stays as it is."""
    replies = [
        {"id": "hello", "title": "Greeting", "text": "Hello {{ customer.name }}, {{ agent.name }} here."},
        {"id": "way", "title": "Directions", "text": "We are beside the station."},
    ]
    await office.publish(behavior={"canned_replies": replies})
    await office.customer_writes("hello", name="Asha")

    first, second = await canned_replies(*office.place)

    assert first.text.startswith("Hello Asha, ")
    assert (second.id, second.title, second.text) == ("way", "Directions", "We are beside the station.")


async def test_templates_are_those_of_the_channel(office):
    """The one that reopens first, each once; a channel that needs none has none."""
    office.channel = "whatsapp"
    await office.customer_writes("hello")
    named = [(one.template.name, one.template.language) for one in await templates(*office.place)]
    assert named == [("hello", "en"), ("reminder", "en"), ("hello", "hi")]

    office.channel = "webchat"
    await office.customer_writes("hello")
    assert () == await templates(*office.place)
