"""The sample desks as they ship: what their pages suggest to ask gets a true answer offline."""

import pytest

LAB, SALES, RESTAURANT = (
    "krishna-diagnostics/front-desk.yaml",
    "acme-corp/sales.yaml",
    "saffron-table/reservations.yaml",
)
STARTERS = {
    LAB: {
        "How much is a thyroid test?": "₹550",
        "Book a blood test for tomorrow morning": "Which time suits you?",
        "When are you open on Sunday?": "Sun 07:00-12:00",
        "क्या खाली पेट आना है?": "खाली पेट",
    },
    SALES: {
        "What does the Growth plan cost?": "$99",
        "Book a demo": "Which time suits you?",
        "Does it work with Shopify?": "Shopify",
        "When can I talk to a person?": "Our team is not at work right now",
    },
    RESTAURANT: {
        "Book a table for two tonight": "Which time suits you?",
        "How much is the lamb biryani?": "£17.50",
        "Are you open on Sunday?": "Sun 12:30-21:00",
        "What is vegan on your menu?": "We have, among others:",
    },
}


@pytest.mark.parametrize("desk", STARTERS)
def test_every_starter_is_among_those_answered_here(desk, desk_of):
    """A starter added to a sample desk is to be added here, with its answer."""
    assert set(desk_of(desk).config.channels.webchat.starters) == set(STARTERS[desk])


@pytest.mark.parametrize(
    ("desk", "text", "heard"),
    [(desk, text, heard) for desk, starters in STARTERS.items() for text, heard in starters.items()],
)
async def test_every_starter_is_answered(desk, text, heard, talks, desk_of):
    """No starter of a sample desk is answered with "I do not know"."""
    answer = await talks(desk_of(desk)).say(text)

    assert heard in answer.text
    assert answer.confidence > 0.3


async def test_a_refused_number_stops_no_booking(talks, desk_of):
    """A number too short is named and asked for again; a greeting between keeps the booking."""
    talk = talks(desk_of(RESTAURANT))
    await talk.say("table for 4 on Saturday at 19:30")
    refused = await talk.say("I am Tom Reed, 0770 0900")
    greeted = await talk.say("hello")
    booked = await talk.say("07700 900123")

    assert "07700900 does not look like a whole phone number" in refused.text
    assert "does not look like" not in greeted.text
    assert booked.text.startswith("Booked")


async def test_a_list_names_all_that_fits_up_to_six_in_tidy_lines(talks, desk_of):
    """Every vegan starter there is, said to be all; of seven vegan things six, said to be some."""
    talk = talks(desk_of(RESTAURANT))
    few = await talk.say("vegan starter")
    many = await talk.say("What is vegan on your menu?")

    assert few.text == "We have:\n• Onion bhaji, £6.50\n• Lentil soup, £6.00\n(from menu)"
    assert many.text.startswith("We have, among others:")
    assert many.text.count("•") == 6


async def test_one_row_is_told_in_sentences(talks, desk_of):
    """No cell is dumped with its column's name where people would just say it."""
    lamb = await talks(desk_of(RESTAURANT)).say("How much is the lamb biryani?")
    plan = await talks(desk_of(SALES)).say("What does the Growth plan cost?")

    assert lamb.text.startswith("Lamb biryani costs £17.50. Slow-cooked lamb shoulder")
    assert plan.text.startswith("Growth costs $99 per month. Users: 10.")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("kya khali pet aana hai?", "8 se 12 ghante khaalee pet"),
        ("ghar se sample lete ho?", "₹150"),
        ("thyroid test kitne ka hai?", "₹550"),
        ("kal subah ka time milega?", "samay khali hain"),
    ],
)
async def test_hindi_in_latin_letters_is_answered_in_latin_letters(asked, told, talks, desk_of):
    """What the files say in Devanagari is written as the customer writes; no answer mixes the two."""
    answer = await talks(desk_of(LAB)).say(asked)
    shown = answer.text + "".join(title for _, title in answer.choices)

    assert told in answer.text
    assert not any("\u0900" <= letter <= "\u097f" for letter in shown)


async def test_what_is_free_of_an_allergen_is_never_guessed_from_the_word_free(talks, desk_of):
    """A rule on free cancelling says nothing of gluten: the desk does not know, and offers a person."""
    answer = await talks(desk_of(RESTAURANT)).say("gluten free?")

    assert "do not know" in answer.text
    assert len(answer.choices) == 2
