"""What the desk says, brought into what each channel shows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.channels.fit import fitted, misfit, pieces
from shared.channels.registry import channel_named
from shared.channels.shape import Channel
from shared.domain.content import Attachment, Choice, Outgoing, Template

CHANNELS: dict[str, Channel] = {
    "webchat": channel_named("webchat"),
    "whatsapp": channel_named("whatsapp"),
    "whatsapp by twilio": channel_named("whatsapp", "twilio"),
    "instagram": channel_named("instagram"),
    "sms": channel_named("sms"),
}
said = st.builds(
    Outgoing,
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=6000).filter(str.strip),
    choices=st.lists(
        st.builds(
            Choice, id=st.just("x"), title=st.text("abcd é", min_size=1, max_size=60).filter(str.strip)
        ),
        max_size=15,
    ).map(tuple),
    attachments=st.lists(st.just(Attachment(kind="image", url="https://a.example/i")), max_size=2).map(tuple),
)


@pytest.mark.parametrize("name", CHANNELS)
@settings(max_examples=25, deadline=None)
@given(message=said)
def test_whatever_the_desk_says_fits_once_it_is_fitted(name: str, message: Outgoing) -> None:
    """No message that was fitted to a channel is refused by that channel's own limits."""
    limits = CHANNELS[name].limits
    assert [misfit(one, limits) for one in fitted(message, limits)] == [None] * len(fitted(message, limits))


@given(text=st.text(max_size=400), most=st.integers(4, 60))
@settings(max_examples=60, deadline=None)
def test_parting_a_text_loses_no_word(text: str, most: int) -> None:
    """The parts of a text, joined, are the text but for the spaces between them."""
    assert "".join("".join(pieces(text, most)).split()) == "".join(text.split())


def test_choices_that_cannot_be_tapped_become_numbers() -> None:
    """Where a channel has no buttons, choices are lines a customer answers by number."""
    choices = (Choice(id="a", title="Cleaning", description="30 minutes"), Choice(id="b", title="Whitening"))
    (message,) = fitted(Outgoing(text="Which?", choices=choices), CHANNELS["sms"].limits)
    assert message == Outgoing(text="Which?\n1. Cleaning: 30 minutes\n2. Whitening")


def test_a_long_answer_is_parted_where_a_reader_would_pause() -> None:
    """Paragraphs stay whole where they can."""
    assert pieces("One. Two.\n\nThree, four.", 14) == ["One. Two.", "Three, four."]


def test_bytes_are_counted_where_the_vendor_counts_bytes() -> None:
    """A thousand Hindi letters are three messages on Instagram."""
    messages = fitted(Outgoing(text="क" * 1000), CHANNELS["instagram"].limits)
    assert [len(one.text.encode()) for one in messages] == [999, 999, 999, 3]


def test_a_template_stays_as_it_is() -> None:
    """What the vendor approved is not cut."""
    message = Outgoing(template=Template(name="reopen", language="en"))
    assert fitted(message, CHANNELS["whatsapp"].limits) == [message]
