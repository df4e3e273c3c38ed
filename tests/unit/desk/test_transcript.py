"""The conversation as a model reads it."""

import pytest

from shared.desk.transcript import in_order, readable
from shared.domain.content import Attachment, Content, Location
from shared.domain.conversation import Message

VOICE, PICTURE = Attachment(kind="audio"), Attachment(kind="image")
PLACE, POST = Location(latitude=1.5, longitude=2.5), {"shared": [{"title": "Tips"}]}


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (Content(kind="media", attachments=(VOICE,)), "(sent a file: audio)"),
        (Content(kind="media", text="Is it yours?", attachments=(PICTURE,)), "Is it yours?"),
        (
            Content(kind="contacts", text="Dr Mehta +919811111111"),
            "(shared a contact: Dr Mehta +919811111111)",
        ),
        (Content(kind="contacts", text="+919811111111"), "+919811111111"),
        (Content(kind="location", text="1.5, 2.5", location=PLACE), "(shared a place: 1.5, 2.5)"),
        (Content(kind="location", text="Home", location=PLACE), "(shared a place: Home 1.5, 2.5)"),
        (Content(kind="media", text="Tips", data=POST), "(shared a post: Tips)"),
        (Content(kind="media", text="How much?", data=POST), "How much?"),
        (Content(kind="unsupported"), "(sent: unsupported)"),
    ],
)
def test_what_a_customer_did_not_write_is_told_apart_from_their_words(content: Content, read: str) -> None:
    """A contact's number is not the customer's own, and a place is no question."""
    assert readable(content) == read


def test_a_burst_stands_in_the_vendors_order_and_answers_stay_where_they_are() -> None:
    """Messages recorded out of order are read in the order they were written, never across an answer."""

    def wrote(seq: int, at: str) -> Message:
        return Message(seq=seq, author="customer", status="received", at=at, provider_at=at)

    answer = Message(seq=3, author="desk", status="sent", at="12:05")
    recorded = [wrote(1, "12:02"), wrote(2, "12:01"), answer, wrote(4, "12:00"), wrote(5, "12:00")]

    assert [message.seq for message in in_order(recorded)] == [2, 1, 3, 4, 5]
