"""The signals of the newest message, by rules; what the words do not show is left out."""

import re
from collections.abc import Mapping, Sequence

from shared.models.chat_model import Request, Turn
from shared.models.offline.answering import gathered
from shared.models.offline.hearing import Heard, hear
from shared.models.offline.phrases import asked_with, says
from shared.models.offline.slots import count, told
from shared.models.offline.talk import PEOPLE
from shared.models.offline.toolbox import toolbox
from shared.models.offline.vocabulary import Act

_INTENTS: tuple[tuple[str, tuple[Act, ...]], ...] = (
    ("emergency", ("emergency",)),
    ("human", ("human",)),
    ("complaint", ("ticket",)),
    ("cancellation", ("unbook", "rebook")),
    ("callback", ("callback",)),
    ("booking", ("book", "availability")),
    ("price", ("price",)),
    ("preparation", ("preparation",)),
    ("hours", ("hours",)),
    ("address", ("address",)),
    ("contact", ("contact",)),
    ("off_topic", ("off_topic",)),
    ("about_us", ("bot", "abilities")),
    ("complaint", ("negative",)),
    ("details", ("details",)),
    ("thanks", ("thanks", "positive")),
    ("goodbye", ("bye",)),
    ("greeting", ("greeting", "how_are_you")),
    ("cancel", ("cancel",)),
    ("agreement", ("yes",)),
    ("refusal", ("no",)),
)
_PERCENT = re.compile(r"\b(\d{1,3})\s*(?:%|percent|per cent|pratishat|प्रतिशत|फीसदी)", re.IGNORECASE)
_OFF = re.compile(r"\b(?:off|discount|less|rebate)\b|छूट|कम", re.IGNORECASE)
_NEUTRAL = 0.5
_SIGNS_OF_INTEREST = 5  # this many make a customer fully qualified


def signals(request: Request) -> dict[str, object]:
    """What the newest message shows: intent, language, scores, party and wish for a person."""
    said = [turn.text for turn in gathered(request.turns) if turn.role == "customer"]
    if not said:
        return {}
    heard = hear(said[-1])
    found: dict[str, object | None] = {
        "intent": intent(heard, request),
        "language": _language(said),
        "sentiment": sentiment(heard),
        "complexity": complexity(heard),
        "qualification": qualification(said),
        "discount": discount(heard),
        "party_size": party_size(heard, request.turns),
        "wants_human": wants_human(heard, request.turns),
    }
    return {name: value for name, value in found.items() if value is not None}


def intent(heard: Heard, request: Request) -> str | None:
    """What the message is for; one of the schema's own intents where it lists them."""
    named = next((name for name, acts in _INTENTS if heard.does(*acts)), None)
    if named is None and heard.english and heard.question:
        named = "question"
    if named is None and (view := toolbox(request.tools).match(heard)):
        named = view.spec.name
    allowed = _allowed(request.schema)
    if not allowed or named in allowed:
        return named
    return next((one for one in allowed if named and (named in one or one in named)), None)


def _allowed(schema: Mapping[str, object] | None) -> list[str]:
    properties = (schema or {}).get("properties")
    written = properties.get("intent") if isinstance(properties, Mapping) else None
    options = written.get("enum") if isinstance(written, Mapping) else None
    return [str(option) for option in options if option is not None] if isinstance(options, list) else []


def _language(said: Sequence[str]) -> str | None:
    heard = next((language for text in reversed(said) if (language := hear(text).language)), None)
    return heard.split("-")[0] if heard else None


def sentiment(heard: Heard) -> float:
    """0 is furious, 0.5 neither, 1 delighted."""
    value = _NEUTRAL
    if heard.does("negative"):
        value -= 0.3
    if heard.does("ticket"):
        value -= 0.1
    if heard.does("positive"):
        value += 0.3 if not heard.does("negative") else 0.0
    if heard.does("thanks"):
        value += 0.2
    value += 0.1 * sum(sign in heard.text for sign in "😀🙂😊👍❤🙏😍")
    value -= 0.2 * sum(sign in heard.text for sign in "😠😡🤬👎😤😞")
    letters = [letter for letter in heard.text if letter.isalpha()]
    shouting = len(letters) > 12 and sum(letter.isupper() for letter in letters) > 0.8 * len(letters)
    if value < _NEUTRAL and (shouting or "!!" in heard.text or heard.does("urgent")):
        value -= 0.1
    return round(min(max(value, 0.0), 1.0), 2)


def complexity(heard: Heard) -> float:
    """0 is a greeting, 1 a long request on matters for an expert."""
    length = min(len(heard.words) / 60, 0.3)
    questions = min(0.1 * max(heard.text.count("?") - 1, 0), 0.2)
    if heard.does("emergency"):
        return 0.9
    matter = 0.5 if heard.does("hard") else 0.0
    trouble = 0.2 if heard.does("ticket") else 0.0
    return round(min(0.1 + length + questions + matter + trouble, 1.0), 2)


def qualification(said: Sequence[str]) -> float | None:
    """How ready a prospect is, from what they told: who they are, how many, what money, by when, a demo."""
    signs: set[str] = set()
    for text in said:
        heard = hear(text)
        signs |= {f"told {kind}" for kind in told(heard) if kind in ("email", "phone", "company")}
        signs |= {act for act in ("book", "price", "callback", "details") if heard.does(act)}
        spaced = f" {' '.join(heard.words)} "
        signs |= {
            sign
            for sign in ("budget", "team", "employees", "users", "seats", "trial", "proposal", "quarter")
            if f" {sign} " in spaced
        }
    return round(min(len(signs) / _SIGNS_OF_INTEREST, 1.0), 2) if signs else None


def discount(heard: Heard) -> float | None:
    """The share off the price that is asked for, 0 where they press for less without a figure."""
    figure = _PERCENT.search(heard.text)
    if figure and (heard.does("haggle") or _OFF.search(heard.text)):
        return min(int(figure[1]), 100) / 100
    if not heard.does("haggle"):
        return None
    return 0.5 if "half" in heard.words else 0.0


def wants_human(heard: Heard, turns: Sequence[Turn]) -> bool:
    """Whether a person is asked for, or the offer of one accepted."""
    accepted = says("offer_human", _before(turns)) and heard.does("yes")
    return (heard.does("human") and not heard.does("book", "availability", "price")) or accepted


def party_size(heard: Heard, turns: Sequence[Turn]) -> int | None:
    """How many people come, told by itself or because we asked."""
    return count(heard, PEOPLE, asked=asked_with(PEOPLE, _before(turns)))


def _before(turns: Sequence[Turn]) -> str:
    """What the desk said last."""
    return next((turn.text for turn in reversed(turns) if turn.role == "desk" and turn.text), "")
