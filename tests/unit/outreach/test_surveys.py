"""What customers are asked after a booking and after it was kept, and what counts as an answer."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from shared.config.behavior import Question
from shared.config.catalogue import Catalogue
from shared.config.validate import validate
from shared.desk.outreach.follow_up import follow_up
from shared.desk.outreach.heard import answer_in
from shared.domain.calendar import Booking
from shared.domain.content import Content
from shared.domain.events import Happened, MessageReceived, Sender
from shared.domain.instants import instant, stamp
from shared.ports import Put
from tests.unit.desk.front import DESK
from tests.unit.outreach.conftest import ASHA, CHANNELS, Speaking

SOURCE = {
    "id": "source",
    "text": "How did you hear about us?",
    "type": "multiple_choice",
    "options": ["A friend", "Google"],
    "trigger": "post_booking",
}
MORE = {"id": "more", "text": "What else may we do?", "trigger": "post_booking"}
MARK = {"id": "mark", "text": "How was it?", "type": "rating", "scale": "1-5", "trigger": "post_service"}


async def booked(
    front: Speaking, *, hours: float = 20, questions: Sequence[Any] = (SOURCE, MORE, MARK), **more: Any
) -> tuple[str, Booking]:
    """A customer of WhatsApp books, for so many hours ahead; their id, and the booking."""
    surveys = {"questions": [*questions], **more}
    await front.publish(behavior={"surveys": surveys, "outreach": {"hours": {"daily": "00:00-24:00"}}})
    customer = await front.wrote("I want to book")
    await front.turn()
    begins = front.clock.now() + timedelta(hours=hours)
    made = Booking(
        ref="K7P2M",
        call="c1",
        desk="front",
        calendar="front",
        start=stamp(begins),
        end=stamp(begins + timedelta(minutes=30)),
        timezone="Asia/Kolkata",
        place=0,
        title="Check-up",
        customer=customer,
        conversation=front.conversation,
        created_at=stamp(front.clock.now()),
    )
    await keep(front, made)
    await follow_up(front.services, happened(front, "booking.made", made))
    return customer, made


async def keep(front: Speaking, booking: Booking) -> None:
    """The booking stands as it is told."""
    await front.store.commit([Put(f"bookings/{booking.ref}", msgspec.to_builtins(booking))])


def happened(front: Speaking, what: str, booking: Booking) -> Happened:
    """The fact as the booking tools tell it."""
    return Happened(
        event_id=f"{what} {booking.start}",
        tenant="acme",
        what=what,
        at=stamp(front.clock.now()),
        conversation=booking.conversation,
        data={"desk": "front", "customer": booking.customer, "booking": booking.ref},
    )


async def test_questions_follow_a_booking_one_after_the_other_with_thanks_at_the_end(front: Speaking) -> None:
    """A tap is an answer and no question to the desk; free words are kept and answered as any others."""
    customer, _ = await booked(front)
    await front.passes(minutes=2)
    (*_, asked) = await front.messages()
    assert asked.outgoing is not None
    assert (SOURCE["text"], ["A friend", "Google"]) == (
        asked.content.text,
        [one.title for one in asked.outgoing.choices],
    )

    tap = Content(kind="choice", text="Google", choice=asked.outgoing.choices[1].id)
    await front.wrote("", content=tap)
    head = await front.head()
    assert head.answered >= head.pending
    await front.rings()
    (*_, following) = await front.messages()
    assert MORE["text"] == following.content.text

    front.clock.move(seconds=30)
    await front.wrote("Open on Sundays, please")
    head = await front.head()
    assert head.pending == head.last
    await front.rings()
    answers = sorted(await front.documents("survey_answers"), key=lambda one: str(one["at"]))
    assert [("source", "Google", customer), ("more", "Open on Sundays, please", customer)] == [
        (one["question"], one["answer"], one["customer"]) for one in answers
    ]
    assert "Thank you for telling us!" in [one.content.text for one in await front.messages()]


async def test_after_the_service_a_mark_is_asked_for_unless_the_booking_fell(front: Speaking) -> None:
    """An hour after its end; moved, it is asked after the new one and not after the old."""
    _, made = await booked(front, hours=2)
    moved = msgspec.structs.replace(
        made,
        start=stamp(front.clock.now() + timedelta(hours=5)),
        end=stamp(front.clock.now() + timedelta(hours=5.5)),
    )
    await keep(front, moved)
    await follow_up(front.services, happened(front, "booking.moved", moved))
    await front.passes(hours=5)
    states = {one.due: one.state for one in await front.standing() if one.purpose == "survey post_service"}
    assert ["cancelled", "waiting"] == sorted(states.values())

    await front.passes(hours=2)
    (*_, asked) = await front.messages()
    assert MARK["text"] == asked.content.text
    await front.wrote("4")
    (answer,) = await front.documents("survey_answers")
    assert ("mark", "4", 4, "K7P2M") == (
        answer["question"],
        answer["answer"],
        answer["mark"],
        answer["about"],
    )


async def test_what_is_no_answer_goes_to_the_desk(front: Speaking) -> None:
    """A customer who asks something instead is answered, and the question is dropped."""
    await booked(front)
    await front.passes(minutes=2)
    await front.wrote("What are your hours?")
    head = await front.head()

    assert (head.last, "") == (head.pending, head.asked)
    assert [] == await front.documents("survey_answers")


@pytest.mark.parametrize(("hours", "kept"), [(47, True), (49, False)])
async def test_a_question_ends_two_days_after_it_was_asked(
    front: Speaking, hours: int, *, kept: bool
) -> None:
    """Words that come later are no answer to it; they go to the desk as any others."""
    await booked(front, questions=[MORE])
    await front.passes(minutes=2)
    (asked,) = await front.standing()
    front.clock.at = instant(asked.ended_at) + timedelta(hours=hours)
    await front.wrote("Open on Sundays, please")
    head = await front.head()

    assert (head.last, "") == (head.pending, head.asked)
    assert kept == bool(await front.documents("survey_answers"))


async def test_the_file_says_how_long_a_question_stands_and_a_tap_names_its_own(front: Speaking) -> None:
    """After an hour typed words are no answer any more; the button under a question always is."""
    await booked(front, questions=[SOURCE], answer_within=3600)
    await front.passes(minutes=2)
    (*_, asked) = await front.messages()
    assert asked.outgoing is not None
    front.clock.move(hours=2)
    tap = Content(kind="choice", text="Google", choice=asked.outgoing.choices[1].id)
    await front.wrote("", content=tap)

    assert ["Google"] == [one["answer"] for one in await front.documents("survey_answers")]


async def test_typed_words_are_no_answer_once_the_files_time_is_over(front: Speaking) -> None:
    """The hour a file gives counts from when the question went, and by when the customer wrote."""
    await booked(front, questions=[SOURCE], answer_within=3600)
    await front.passes(minutes=2)
    front.clock.move(hours=2)
    await front.wrote("Google")

    assert [] == await front.documents("survey_answers")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("Open on Sundays, please", True),
        ("The price was a bit high", True),
        ("What I liked best was the nurse", True),  # begins like a question, and asks nothing
        ("Are you open on Sunday?", False),
        ("मेरी रिपोर्ट कब आएगी?", False),
        ("I want to talk to a person", False),
        ("Please cancel my booking", False),
        ("kal ka appointment cancel kar do", False),
    ],
)
async def test_who_plainly_asks_for_something_has_not_answered(
    front: Speaking, words: str, *, answer: bool
) -> None:
    """Free words answer a free question, unless they ask: then it is over, and the desk answers."""
    await booked(front, questions=[MORE])
    await front.passes(minutes=2)
    await front.wrote(words)
    head = await front.head()

    assert answer == bool(await front.documents("survey_answers"))
    assert (head.last, "") == (head.pending, head.asked)


TEMPLATE = {"name": "how_was_it", "language": "en", "text": "{{1}}: how was it, {{2}}, from 1 to 5?"}
CLOSED = {**MARK, "template": "how_was_it", "parameters": ["{{ desk.name }}", "{{ customer.name }}"]}


async def test_where_the_window_has_closed_a_question_goes_as_its_template(front: Speaking) -> None:
    """A day after they last wrote it is asked in the words the vendor approved, and answered as any other."""
    whatsapp = CHANNELS["whatsapp"]
    templates = [*whatsapp["templates"], TEMPLATE]
    await front.publish(channels={**CHANNELS, "whatsapp": {**whatsapp, "templates": templates}})
    await front.wrote("hello", sender=Sender(id=ASHA, phone=f"+{ASHA}", name="Asha"))
    await booked(front, hours=40, questions=[CLOSED])
    await front.passes(hours=44)
    (asked,) = await front.standing()
    (*_, message) = await front.messages()
    assert ("sent", "template") == (asked.state, asked.means)
    assert "Acme Front Desk: how was it, Asha, from 1 to 5?" == message.content.text

    await front.wrote("5")
    assert [5] == [one["mark"] for one in await front.documents("survey_answers")]


async def test_a_template_with_an_empty_place_is_not_sent(front: Speaking) -> None:
    """The vendor refuses one: of a customer whose name nobody knows the question is not asked so."""
    whatsapp = CHANNELS["whatsapp"]
    templates = [*whatsapp["templates"], TEMPLATE]
    await front.publish(channels={**CHANNELS, "whatsapp": {**whatsapp, "templates": templates}})
    await booked(front, hours=40, questions=[CLOSED])
    await front.passes(hours=44)

    assert [("refused", "no way is open")] == [(one.state, one.reason) for one in await front.standing()]


async def test_without_a_template_a_question_is_not_asked_once_the_window_has_closed(front: Speaking) -> None:
    """The desk's template that asks people back is no question, and is not sent for one."""
    await booked(front, hours=40, questions=[MARK])
    await front.passes(hours=44)

    assert [("refused", "no way is open")] == [(one.state, one.reason) for one in await front.standing()]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({**MARK, "template": "nobody_approved"}, "'nobody_approved', no template of channels.whatsapp"),
        ({**CLOSED, "template": "reminder"}, "2 parameters, for a template with 1 place"),
    ],
)
def test_a_file_whose_question_names_no_template_of_its_own_is_refused(
    question: dict[str, Any], found: str
) -> None:
    """The mistake is told with its place, before anybody is to be asked."""
    written = {**DESK, "channels": CHANNELS, "behavior": {"surveys": {"questions": [question]}}}
    validated = validate(json.dumps(written).encode(), Catalogue(tools={}))
    told = [one for one in validated.problems if "surveys" in str(one)]

    assert 1 == len(told)
    assert found in str(told[0])


@pytest.mark.parametrize(
    ("question", "words", "answer"),
    [
        (SOURCE, "google", "Google"),  # a choice that was typed
        (SOURCE, "2", "Google"),  # its number, where choices are numbered lines
        (SOURCE, "3", None),
        (SOURCE, "Is it far?", None),
        (MARK, "5", "5"),
        (MARK, "6", None),  # beyond the scale
        (MARK, "five", None),
        (MORE, "Anything", "Anything"),
        (MORE, "  ", None),
    ],
)
def test_an_answer_is_one_of_what_was_offered(
    question: dict[str, Any], words: str, answer: str | None
) -> None:
    """Nothing is read into words that are none of the answers."""
    said = MessageReceived(
        event_id="e",
        channel="sms",
        account="a",
        sender=Sender(id="c"),
        message_id="m",
        at="",
        content=Content(text=words),
    )
    assert answer == answer_in(Question.model_validate(question), said)
