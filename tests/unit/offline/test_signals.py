"""Signals by rules: what a message shows, and what is left out because it does not show."""

from datetime import UTC, datetime

import msgspec
import pytest

from shared.desk.triggers import facts_of, first_that_holds
from shared.domain.conversation import Head
from shared.domain.signals import Signals
from shared.models.chat_model import Request, Turn
from shared.models.offline.model import OfflineModel

FRIDAY = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
SIGNALS = {
    "title": "Signals",
    "type": "object",
    "properties": {
        "intent": {"type": ["string", "null"]},
        "language": {"type": ["string", "null"]},
        "sentiment": {"type": "number"},
        "complexity": {"type": "number"},
        "qualification": {"type": "number"},
        "party_size": {"type": ["integer", "null"]},
        "wants_human": {"type": "boolean"},
    },
}


async def signals(*said: str, schema: dict = SIGNALS, desk: str = "Yes?") -> dict:
    turns = [
        turn for text in said for turn in (Turn(role="customer", text=text), Turn(role="desk", text=desk))
    ]
    request = Request(model="offline", system="", turns=tuple(turns[:-1]), schema=schema)
    answer = await OfflineModel().answer(request)
    return answer.data


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("how much is the CBC test?", "price"),
        ("book a table for two", "booking"),
        ("kal subah appointment milega?", "booking"),
        ("when are you open?", "hours"),
        ("where are you located", "address"),
        ("I want to talk to a manager", "human"),
        ("मुझे किसी इंसान से बात करनी है", "human"),
        ("I want to make a complaint", "complaint"),
        ("cancel my booking", "cancellation"),
        ("please call me back", "callback"),
        ("tell me a joke", "off_topic"),
        ("thanks a lot", "thanks"),
        ("namaste", "greeting"),
        ("do you deliver to Bandra?", "question"),
    ],
)
async def test_the_intent_is_what_the_words_do(text, intent):
    """Each message has the intent of the act it does."""
    assert (await signals(text))["intent"] == intent


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("what is the price", "en"),
        ("कीमत क्या है", "hi"),
        ("iska rate kitna hai", "hi"),
        ("இது எவ்வளவு", "ta"),
        ("দাম কত", "bn"),
    ],
)
async def test_the_language_is_told_by_script_and_everyday_words(text, language):
    """Hindi is Hindi in either script; other scripts give their language."""
    assert (await signals(text))["language"] == language


async def test_words_without_language_keep_the_one_before():
    """A number or a name says nothing of the language, so the talk's goes on."""
    assert (await signals("kal ka appointment chahiye", "9876543210"))["language"] == "hi"


async def test_an_unknown_language_is_absent():
    """A signal that does not show is left out."""
    assert "language" not in await signals("9876543210")


async def test_sentiment_falls_with_anger_and_rises_with_thanks():
    """Anger is below 0.3, the plain is in the middle, thanks are above."""
    angry = (await signals("this is pathetic, your service is useless!!"))["sentiment"]
    plain = (await signals("what are your hours"))["sentiment"]
    pleased = (await signals("excellent, thank you so much 😊"))["sentiment"]

    assert angry < 0.3 < plain == 0.5 < pleased <= 1.0


async def test_sentiment_is_understood_in_hindi():
    """Anger shows in Hindi in either script."""
    assert (await signals("बहुत घटिया सेवा है"))["sentiment"] < 0.3
    assert (await signals("ekdum bakwas service hai"))["sentiment"] < 0.3


async def test_matters_for_experts_are_complex():
    """Symptoms are harder than a greeting."""
    hard = (await signals("I have chest pain and these symptoms, what does my report mean?"))["complexity"]

    assert hard > 0.5 > (await signals("hello"))["complexity"]


async def test_qualification_grows_with_what_a_prospect_tells():
    """Company, address, money and a wish for a demo add up over the talk; small talk is none."""
    little = await signals("how much is it")
    much = await signals(
        "I'm Dana from Acme, budget is 5k", "dana@acme.com, book a demo for 40 users", "price?"
    )

    assert "qualification" not in await signals("hello")
    assert 0 < little["qualification"] < much["qualification"] == 1.0


async def test_agreeing_to_the_offer_of_a_person_is_wanting_one():
    """A yes means a person only after we offered one."""
    offer = "Would you like me to connect you with a person?"

    assert (await signals("hm", "yes please", desk=offer))["wants_human"] is True
    assert (await signals("hm", "yes please"))["wants_human"] is False


async def test_an_intent_is_one_of_those_the_schema_lists():
    """Where the schema lists intents, none of its own making is told."""
    listed = {"title": "Signals", "properties": {"intent": {"enum": ["price_question", "other"]}}}

    assert await signals("how much is it", schema=listed) == {"intent": "price_question"}
    assert await signals("where are you", schema=listed) == {}


async def test_a_required_signal_that_does_not_show_is_null():
    """What the schema requires is there, if only as null."""
    strict = SIGNALS | {"required": ["intent", "language", "qualification"]}

    found = await signals("9876543210", schema=strict)

    assert found["language"] is None
    assert found["qualification"] is not None


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("table for 12 people tomorrow", 12),
        ("We are 12 people, can we book a table for Saturday at 19:30?", 12),
        ("table for two", 2),
        ("कल शाम 10 लोगों के लिए टेबल चाहिए", 10),
        ("kal 12 log aayenge, table chahiye", 12),
        ("a table for 19:30", None),
        ("a table for 10.30 tomorrow", None),
        ("table for 9 pm", None),
        ("how much is the lamb", None),
    ],
)
async def test_the_party_is_as_large_as_the_words_say(text, people):
    """How many people come is a fact before anything is answered; a time of day is no number of people."""
    assert (await signals(text)).get("party_size") == people


async def test_a_bare_number_is_the_party_where_it_was_asked_for():
    """The answer to "For how many people?" counts, the same number elsewhere does not."""
    asked = await signals("a table please", "12", desk="For how many people?")

    assert asked["party_size"] == 12
    assert "party_size" not in await signals("a table please", "12")


async def test_a_table_for_more_than_the_desk_seats_calls_a_person(desk_of):
    """The sample restaurant's own condition holds for twelve people and not for eight."""
    config = desk_of("saffron-table/reservations.yaml").config
    head = Head(desk="saffron", channel="webchat", account="a", contact="c", customer="c")

    def called(said: dict):
        return first_that_holds(config, facts_of(head, None, msgspec.convert(said, Signals), FRIDAY))

    assert called(await signals("table for 12 people tomorrow")).priority == "high"
    assert called(await signals("table for 8 people tomorrow")) is None
