"""What must be true of a conversation when its server has died and risen, whatever the moment was."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from shared.domain.states import FROZEN
from tests.drills.books import Books
from tests.journeys.house import said

ENDED = ("sent", "delivered", "read", "unconfirmed", "suppressed", "parked", "failed")
CONFIRMED = ("sent", "delivered", "read")
EXPECTED = {"price": ("350",), "booking": ("Which time suits you", "Booked")}
"""Words each answer of a talk holds, where no person was called in."""


def wrongs(books: Books, talk: str, sent: Sequence[str], accepted: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Every promise that was broken, in words."""
    yield from _of_the_state(books)
    yield from _of_what_came_in(books, sent)
    yield from _of_what_went_out(books, accepted)
    if not any(head["state"] in FROZEN for head in books.heads):
        yield from _of_the_answers(books, talk, sent)


def _of_the_state(books: Books) -> Iterator[str]:
    if not books.at_rest:
        yield f"left to do: {books.left}"
    for handler, state, error in books.jobs:
        if state == "dead":
            yield f"a dead letter of {handler}: {error}"
    if any("/parked/" in path for path in books.documents):
        yield "a message was parked as nobody's"
    if any(effect["state"] != "done" for effect in books.of("effects", "*")):
        yield "an effect was begun and never done"


def _of_what_came_in(books: Books, sent: Sequence[str]) -> Iterator[str]:
    recorded = Counter(one["provider_id"] for one in books.messages if one["author"] == "customer")
    if recorded != Counter(sent):
        yield f"of {len(sent)} messages {dict(recorded)} are recorded"
    if sent and len(books.heads) != 1:
        yield f"{len(books.heads)} conversations of one customer"


def _of_what_went_out(books: Books, accepted: Sequence[dict[str, Any]]) -> Iterator[str]:
    keys = Counter(str(one["body"]["biz_opaque_callback_data"]) for one in accepted)
    for key, times in keys.items():
        if times > 1:
            yield f"the vendor took {key} {times} times"
    took = {int(key.rpartition(".")[2]) for key in keys}
    for message in books.messages:
        if message["author"] == "customer":
            continue
        if message["status"] not in ENDED:
            yield f"message {message['seq']} is left {message['status']}"
        if message["status"] in CONFIRMED and message["seq"] not in took:
            yield f"message {message['seq']} is {message['status']}, and the vendor never saw it"
        if message["status"] not in CONFIRMED and message["seq"] in took:
            yield f"message {message['seq']} is {message['status']}, though the vendor reported it"


def _of_the_answers(books: Books, talk: str, sent: Sequence[str]) -> Iterator[str]:
    desks = [message for message in books.messages if message["author"] == "desk"]
    answers = [message for message in desks if message.get("turn")]
    if len(answers) != len(sent):
        yield f"{len(answers)} answers to {len(sent)} messages"
    unasked = [str(message["content"].get("text", "")) for message in desks if not message.get("turn")]
    if sum(text.startswith("Confirmed: ") for text in unasked) != (talk == "booking"):
        yield f"beside its answers the desk said {unasked}"
    for answer, words in zip(answers, EXPECTED[talk], strict=False):
        text = said({"text": {"body": answer["content"].get("text", "")}})
        if words not in text:
            yield f"the answer was {text!r}"
    receipts = len(books.of("conversations", "*", "turns", "*"))
    if receipts != len(sent):
        yield f"{receipts} receipts of {len(sent)} turns"
    booked = 1 if talk == "booking" else 0
    for what, found in (
        ("bookings", books.of("bookings", "*")),
        ("places taken", books.of("calendars", "*", "places", "*")),
        ("booking.made told", [one for one in books.of("happenings", "*") if one["what"] == "booking.made"]),
    ):
        if len(found) != booked:
            yield f"{len(found)} {what}"
