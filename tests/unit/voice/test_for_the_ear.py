"""What is written for the eye is said as one would read it aloud."""

import pytest

from shared.domain.content import Choice
from voice_service.for_the_ear import Measured, choices_aloud, for_the_ear, tells_a_price

SAID = {
    "plain words": ("We open at eight.", "We open at eight."),
    "stress": ("**Very** _good_ and ~~bad~~ `x`.", "Very good and bad x."),
    "a heading": ("## Hours\nWe open at eight.", "Hours We open at eight."),
    "a link": ("See [our page](https://example.org/a?b=1).", "See our page."),
    "an address": ("Write to us at https://example.org/a, please.", "Write to us at, please."),
    "a picture": ("![map](https://example.org/m.png) Here.", "Here."),
    "a list": ("We have:\n- X-rays\n- Blood tests\n2. MRI!", "We have: X-rays. Blood tests. MRI!"),
    "emoji": ("Hello 👋🏽 there ✅!", "Hello there!"),
    "rupees": ("It is ₹1,250.", "It is 1250 rupees."),
    "one rupee": ("₹1 only", "1 rupee only"),
    "dollars and cents": ("$19.99 each", "19 dollars 99 cents each"),
    "round cents": ("USD 20.00", "20 dollars"),
    "behind": ("500 INR a visit", "500 rupees a visit"),
    "a rate": ("Rs. 500/- a visit", "500 rupees a visit"),
    "the clock": ("At 14:30 or 09:00.", "At 2:30 pm or 9 am."),
    "a clock with its half": ("At 2:30 PM.", "At 2:30 pm."),
    "a span": ("Open 08:00-20:00", "Open 8 am to 8 pm"),
    "midnight and noon": ("00:00, 12:00", "12 am, 12 pm"),
    "not a clock": ("Ratio 3:45:20", "Ratio 3:45:20"),
    "snake_case": ("the file a_b_c", "the file a_b_c"),
    "stars in sums": ("2 * 3 * 4", "2 * 3 * 4"),
    "nothing": ("🙂", ""),
}


@pytest.mark.parametrize(("written", "said"), SAID.values(), ids=SAID)
def test_words_are_said_as_one_reads_them_aloud(written: str, said: str) -> None:
    """Marks, addresses and pictures go; money, times and lists become words."""
    assert said == for_the_ear(written, "en")


def test_hindi_has_its_own_words_for_money_and_reads_times_as_they_stand() -> None:
    """The currency is said in the language of the talk."""
    assert "कीमत 500 रुपये, समय 14:30" == for_the_ear("कीमत ₹500, समय 14:30", "hi")


@pytest.mark.parametrize("words", ["₹500", "It is 500 rupees.", "USD 20", "20 dollars 5 cents", "500 रुपये"])
def test_a_price_is_known_written_and_said(words: str) -> None:
    """Sentences that tell one are said to their end."""
    assert tells_a_price(words)


@pytest.mark.parametrize("words", ["We open at 8.", "Room 500", "the 2 of us", "rupees"])
def test_a_number_alone_is_no_price(words: str) -> None:
    """A caller may speak into it."""
    assert not tells_a_price(words)


def test_choices_are_one_short_question() -> None:
    """Four at most, as nobody remembers more."""
    made = [Choice(id=str(n), title=f"{n}:00 pm") for n in range(1, 7)]

    assert "1 pm or 2 pm?" == choices_aloud(made[:2], "en")
    assert "" == choices_aloud(made[:1], "en")
    assert "1 pm, 2 pm, 3 pm and 4 pm?" == choices_aloud(made, "en")


def test_an_answer_that_goes_on_ends_with_a_whole_sentence() -> None:
    """Nobody listens for minutes, and nothing stops within a word."""
    measured = Measured(30)

    assert "One. " == measured.take("One. ")
    assert "Two is here." == measured.take("Two is here. Three goes on and on and on.")
    assert measured.cut
    assert "" == measured.take("Four.")
