"""The questions in a message: which a fact of the desk answers, which are to be looked up and how."""

from collections.abc import Mapping
from itertools import pairwise

from shared.models.chat_model import Briefing
from shared.models.offline.hearing import Heard, hear, parts
from shared.models.offline.move import Move
from shared.models.offline.slots import told
from shared.models.offline.spelling import plain, stem
from shared.models.offline.talk import Talk
from shared.models.offline.toolbox import ToolView
from shared.models.offline.vocabulary import Act, vocabulary

_FACTS: dict[Act, tuple[str, ...]] = {
    "hours": ("hours", "opening", "timings", "open"),
    "address": ("address", "location", "where", "directions"),
    "contact": ("contact", "phone", "email", "e-mail", "number"),
}
_MATTERS: tuple[Act, ...] = ("price", "preparation", "overview", "hard", "allergy", *_FACTS)
_MOST = 2  # of one message
_SMALL_TALK: tuple[Act, ...] = (
    "greeting", "thanks", "bye", "positive", "negative", "yes", "no", "unsure", "cancel",
)  # fmt: skip
_POINTING = frozenset({"it", "this", "that", "its", "iska", "iski", "iske", "uska", "uski"})
_BELONGING = frozenset({"iska", "iski", "iske", "uska", "uski", "इसका", "इसकी", "इसके", "उसका", "उसकी"})
_COUNTS = ("user", "users")
_KINDS = frozenset(
    {"menu", "test", "plan", "service", "services", "packages", "package", "dishes", "food", "offer", "serve"}
)
_NOW = frozenset({"now", "currently", "abhi", "अभी"})
_CARRIED_ON = ("and", "what about", "how about", "aur", "और")


def questions(talk: Talk, heard: Heard, briefing: Briefing) -> list[Move]:
    """The first questions in the message that facts or knowledge may answer."""
    found: list[Move] = []
    telling = bool(told(heard))
    for part in parts(heard.text) or (heard.text,):
        piece = hear(part)
        move = None if telling and not piece.question else _question(talk, piece, briefing)
        if move and move not in found:
            found.append(move)
    return found[:_MOST]


def _question(talk: Talk, heard: Heard, briefing: Briefing) -> Move | None:
    if heard.does("off_topic"):
        return Move("say", "off_topic")
    return _fact(heard, briefing.facts) or (_look_up(talk, heard) if _is_to_look_up(talk, heard) else None)


def _is_to_look_up(talk: Talk, heard: Heard) -> bool:
    """Whether the desk's knowledge is to be asked: for a question, or for words no other tool claims."""
    search, match = talk.box.search, talk.box.match(heard)
    follows = bool(talk.topic) and heard.does("price", "preparation")
    if search is None or heard.does("abilities") or _claimed(heard, match, search):
        return False
    if not (heard.english or follows or heard.does("overview", "price")):
        return False
    asks = heard.question or match is not None or heard.does(*_MATTERS)
    return asks or (talk.missing() is None and not heard.does(*_SMALL_TALK) and not _gibberish(heard))


def _claimed(heard: Heard, match: ToolView | None, search: ToolView) -> bool:
    """Whether another tool takes the message; one that only notes details leaves questions alone."""
    if match is None or match.spec.name == search.spec.name or heard.does("policy"):
        return False
    return not ("details" in match.acts and heard.question)


def _gibberish(heard: Heard) -> bool:
    first = heard.english[0] if heard.english else ""
    return len(heard.english) == 1 and len(first) > 4 and first.isascii() and not set(first) & set("aeiouy")


def _look_up(talk: Talk, heard: Heard) -> Move | None:
    """The words to look up; a question that leaves its subject out takes the one before."""
    words = _without_person(heard)
    if (heard.does("overview") and not set(heard.matter) - _KINDS) or (words and not set(words) - _KINDS):
        kinds = [
            word for word in heard.english if word in ("package", "packages", "plan")
        ]  # tables are called so
        return Move("search", text=" ".join([*kinds, "price"]))  # rows with prices are what we have
    carried = plain(heard.text).startswith(_CARRIED_ON)
    price = heard.does("price") or (carried and talk.asked_price)
    if talk.topic and _points_back(heard):
        words = [*talk.topic, *words]
    elif heard.matter:
        talk.topic = heard.matter
    if price and "price" not in words:
        words.append("price")
    if len(words) > 1:
        words = [word for word in words if word not in ("menu", *_COUNTS) and not word.isdigit()] or words
    talk.asked_price = price
    query = " ".join(dict.fromkeys(words))
    own = " ".join(word for word in heard.words if word not in vocabulary().stopwords)
    careful = heard.does("allergy", "hard")
    if heard.language in ("hi", "hi-Latn") and words == list(heard.english) and own != query:
        return Move("search", text=own, other=query, offer_person=careful)
    return Move("search", text=query, offer_person=careful) if query else None


def _points_back(heard: Heard) -> bool:
    """Whether the subject is the one before: "and how much?", "do I need to fast for it?"."""
    if not heard.matter:
        return heard.does("price", "preparation") or not _POINTING.isdisjoint(heard.words)
    of_it = heard.words[-1] in _POINTING and heard.words[-2:-1] in (("for",), ("of",), ("about",))
    return of_it or not _BELONGING.isdisjoint(heard.words)


def _without_person(heard: Heard) -> list[str]:
    """The words that matter, less what the customer tells of themselves on the way."""
    own = {word for value in told(heard).values() for word in plain(value).split()}
    people = vocabulary().people | vocabulary().staff
    counted = {number for number, of in pairwise(heard.words) if number.isdigit() and of in people} | people
    return [word for word in heard.english if word not in own and word not in counted]


def _fact(heard: Heard, facts: Mapping[str, str]) -> Move | None:
    """A fact of the desk the message asks for: one it names, or its hours, address or contact."""
    if heard.does("price", "book", "callback", "hard"):
        return None
    others = [name for name in facts if not any(_is_of(name, act) for act in _FACTS)]
    named = next((name for name in others if heard.question and _names(name) <= _said(heard)), "")
    if named:
        return Move("fact", key=named, text=facts[named])
    of_act = {act: next((name for name in facts if _is_of(name, act)), "") for act in _FACTS}
    act = next((act for act, name in of_act.items() if name and heard.does(act)), None)
    return Move("fact", key=act, text=facts[of_act[act]]) if act else None


def _names(fact: str) -> frozenset[str]:
    return frozenset(stem(word) for word in plain(fact.replace("_", " ")).split())


def _said(heard: Heard) -> frozenset[str]:
    """The message's words; "now" asks for what is so right now."""
    now = {"right", "now"} if not _NOW.isdisjoint(heard.words) and heard.does("hours") else frozenset()
    return heard.stems | {stem(word) for word in heard.words} | now


def _is_of(name: str, act: Act) -> bool:
    return any(key in name.lower() for key in _FACTS[act])
