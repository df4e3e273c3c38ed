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
