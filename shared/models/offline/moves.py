"""What a customer's message calls for: things to say, tools to fill, questions to look up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from shared.models.chat_model import Briefing
from shared.models.offline.hearing import Heard, hear, parts
from shared.models.offline.slots import fits, selected, told
from shared.models.offline.spelling import plain
from shared.models.offline.talk import Talk
from shared.models.offline.toolbox import Argument, ToolView
from shared.models.offline.vocabulary import Act, vocabulary
from shared.models.offline.when import when

_FACTS: dict[Act, tuple[str, ...]] = {
    "hours": ("hours", "opening", "timings", "open"),
    "address": ("address", "location", "where", "directions"),
    "contact": ("contact", "phone", "email", "number"),
}
_MOST_QUESTIONS = 2
_POINTING = frozenset(
    [
        "it",
        "this",
        "that",
        "its",
        "iska",
        "iski",
        "iske",
        "uska",
        "uski",
        "इसका",
        "इसकी",
        "इसके",
        "उसका",
        "उसकी",
    ]
)
_CARRIED_ON = ("and", "what about", "how about", "aur", "और")
_PATIENCE = 2  # times we may not know before a person is fetched unasked


@dataclass(frozen=True, slots=True)
class Move:
    """One thing to do about a message."""

    kind: Literal["say", "fact", "search", "flow", "reask"]
    key: str = ""  # of the sentence to say, or the fact's name
    text: str = ""  # the fact, or the question to look up
    extra: tuple[str, ...] = field(default=())  # sentences to say after it


def moves(talk: Talk, text: str, briefing: Briefing) -> list[Move]:
    """The moves for the newest message; `talk` is brought up to date with it."""
    heard = hear(text)
    talk.notice(heard)
    found = (
        _about_us(talk, heard)
        or _picked(talk, heard)
        or _going_on(talk, heard, briefing)
        or _offer_answered(talk, heard)
        or _anew(talk, heard, briefing)
    )
    talk.before = text
    return found


def _about_us(talk: Talk, heard: Heard) -> list[Move]:
    """A person is wanted, or the customer wonders whether we are one: these come before all else."""
    person = talk.person
    if heard.does("bot"):
        again = [Move("reask")] if talk.missing() else []
        return [Move("say", "bot" if person else "bot_alone"), *again]
    if not heard.does("human") or _only_a_name_of_it(talk, heard):
        return []
    if person is None:
        return [Move("say", "no_human")]
    talk.open(person, heard.text, heard)
    return [Move("flow")]


def _only_a_name_of_it(talk: Talk, heard: Heard) -> bool:
    """Whether another tool is meant by the same words, as in "get a doctor's appointment"."""
    return heard.does("book", "availability", "price") and not heard.does("negative")


def _picked(talk: Talk, heard: Heard) -> list[Move]:
    """One of the offered choices is named."""
    waiting = talk.missing()
    if not talk.choices or (
        waiting is not None and waiting.kind != "choice" and not heard.does("correction")
    ):
        return []
    choice = selected(talk.choices, heard, talk.now)
    view = talk.flow_view if waiting else talk.box.taking_choices_of(talk.provider)
    argument = view.of_kind("choice") if view else None
    if choice is None or view is None or argument is None:
        return []
    if talk.flow is None or talk.flow.tool != view.spec.name:
        talk.open(view, heard.text, heard)
    if talk.flow is not None:
        talk.flow.values[argument.name] = choice[0]
    talk.exact = choice[1] if waiting is not None and waiting.kind != "choice" else ""
    return [Move("flow")]


def _going_on(talk: Talk, heard: Heard, briefing: Briefing) -> list[Move]:
    """A tool is being filled: the message answers our question, changes its mind, or asks beside it."""
    flow, asked = talk.flow, talk.asked()
    if flow is None or asked is None:
        return _wishes_again(talk, heard)
    if heard.does("cancel") or (asked.kind == "choice" and heard.words == ("no",)):
        talk.flow, talk.choices = None, ()
        return [Move("say", "cancelled")]
    if _another_time(talk, heard, asked):
        return [Move("flow")]
    beside = _questions(talk, heard, briefing)
    filled = talk.fill(heard, asked if not beside else None)
    if asked.name in filled:
        flow.misses = 0
        return [Move("flow")]
    if beside:
        return [*beside, Move("reask")]
    if filled or told(heard):
        return [Move("reask")]
    if heard.does("unsure") and not asked.required:
        flow.values[asked.name] = ""
        return [Move("flow")]
    flow.misses += 1
    return [Move("say", "not_caught"), Move("reask")]


def _another_time(talk: Talk, heard: Heard, asked: Argument) -> bool:
    """Whether the message names another time for what is being chosen, which is then looked for anew."""
    view, flow, moment = talk.flow_view, talk.flow, when(heard, talk.now)
    chosen = view.of_kind("choice") if view else None
    if chosen is None or flow is None or asked.kind in ("when", "date", "time"):
        return False
    if not moment and not (asked is chosen and heard.does("more")):
        return False
    flow.values.pop(chosen.name, None)
    talk.choices = tuple(one for one in talk.choices if moment.times and fits(one, talk.wish, talk.now))
    talk.choose_exactly()
    talk.fill(heard)
    return True


def _wishes_again(talk: Talk, heard: Heard) -> list[Move]:
    """Another day or hour after times were offered; or after all was settled, which we cannot change."""
    moment = when(heard, talk.now)
    taker = talk.box.taking_choices_of(talk.provider) if talk.choices else None
    other = heard.does("hours", "price", "callback", "ticket")
    if taker is not None and not other and (moment or heard.does("more")):
        talk.open(taker, heard.text, heard)
        talk.choices = tuple(one for one in talk.choices if moment.times and fits(one, talk.wish, talk.now))
        talk.choose_exactly()
        return [Move("flow")]
    if taker is not None and told(heard) and not heard.english[4:] and not heard.question:
        talk.open(taker, heard.text, heard)
        return [Move("reask")]
    changes = heard.does("more", "correction") and not heard.english[3:]
    if talk.settled and moment and changes and not other and not heard.does("book", "availability"):
        return [Move("say", "cannot_change", extra=_person_offer(talk))]
    return []


def _offer_answered(talk: Talk, heard: Heard) -> list[Move]:
    """Yes or no to the offer of a person."""
    person = talk.person
    if not talk.offered_human or person is None or heard.english[4:]:
        return []
    if heard.does("yes"):
        talk.open(person, talk.before or heard.text, heard)
        return [Move("flow")]
    return [Move("say", "ok")] if heard.does("no") and not heard.english else []


def _anew(talk: Talk, heard: Heard, briefing: Briefing) -> list[Move]:
    """A message that stands for itself."""
    regret = ["sorry_negative"] if heard.does("negative") else []
    if heard.does("unbook") and talk.box.doing("unbook") is None:
        return [Move("say", "cannot_change", extra=_person_offer(talk))]
    questions = _questions(talk, heard, briefing)
    view = _called_for(talk, heard)
    if regret and view is not None and not heard.does("ticket", "book", "callback"):
        view = None  # a grumble is no request
    if view is not None and not _asks_facts(heard, questions):
        talk.open(view, heard.text, heard)
        if talk.flow is not None and (talk.flow.values or "details" not in view.acts):
            return [*(Move("say", key) for key in regret), *questions[:1], Move("flow")]
        talk.flow = None
    if questions and not (regret and not heard.question):
        return [*(Move("say", key) for key in regret), *questions]
    if regret:
        return [Move("say", "sorry_negative", extra=_person_offer(talk))]
    return [_small_talk(talk, heard)]


def _called_for(talk: Talk, heard: Heard) -> ToolView | None:
    """The tool, other than looking things up, that the message calls for; to book is to take an offer."""
    view, search = talk.box.match(heard), talk.box.search
    telling = talk.box.doing("details") if told(heard) and not heard.question else None
    if view is None or (search is not None and view.spec.name == search.spec.name):
        return telling
    return (talk.box.taking_choices_of(view.spec.name) if heard.does("book") else None) or view


def _asks_facts(heard: Heard, questions: list[Move]) -> bool:
    """Whether it asks for our hours or address and not for a time of its own."""
    return any(move.kind == "fact" for move in questions) and not heard.does("book", "callback", "ticket")


def _questions(talk: Talk, heard: Heard, briefing: Briefing) -> list[Move]:
    """The first questions in the message that facts or knowledge can answer."""
    found: list[Move] = []
    telling = bool(told(heard))
    for part in parts(heard.text) or (heard.text,):
        piece = hear(part)
        move = None if telling and not piece.question else _question(talk, piece, briefing)
        if move and move not in found:
            found.append(move)
    return found[:_MOST_QUESTIONS]


def _question(talk: Talk, heard: Heard, briefing: Briefing) -> Move | None:
    if heard.does("off_topic"):
        return Move("say", "off_topic")
    fact = _fact(heard, briefing.facts)
    if fact:
        return fact
    search = talk.box.search
    if search is None:
        return None
    match = talk.box.match(heard)
    if (
        match is not None
        and match.spec.name != search.spec.name
        and not ("details" in match.acts and heard.question)
    ):
        return None
    asks = (
        heard.question
        or heard.does("price", "preparation", "hours", "address", "contact")
        or match is not None
    )
    if not heard.english or not (asks or talk.missing() is None):
        return None
    if not asks and (
        heard.does("greeting", "thanks", "bye", "positive", "negative", "abilities", "yes", "no", "unsure")
        or _gibberish(heard)
    ):
        return None
    if heard.does("abilities"):
        return None
    query = _query(talk, heard)
    return Move("search", text=query) if query else None


def _gibberish(heard: Heard) -> bool:
    return (
        len(heard.english) == 1
        and not any(letter in "aeiouy" for letter in heard.english[0])
        and len(heard.english[0]) > 4
    )


def _query(talk: Talk, heard: Heard) -> str:
    """The words to look up; a question that leaves its subject out takes the one before."""
    words = _without_person(heard)
    carried = plain(heard.text).startswith(_CARRIED_ON)
    if talk.topic and not _POINTING.isdisjoint(heard.words):
        words = [*talk.topic, *words]
    elif heard.matter:
        talk.topic = heard.matter
        if carried and talk.asked_price and "price" not in words:
            words.append("price")
    elif talk.topic and heard.does("price", "preparation"):
        words = [*talk.topic, *words]
    if heard.does("price") and "price" not in words:
        words.append("price")
    talk.asked_price = heard.does("price") or (carried and talk.asked_price)
    return " ".join(dict.fromkeys(words))


def _without_person(heard: Heard) -> list[str]:
    """The words to look up, less what the customer tells of themselves on the way."""
    own = {word for value in told(heard).values() for word in plain(value).split()}
    people = vocabulary().people
    counted = {pair[0] for pair in pairwise(heard.words) if pair[0].isdigit() and pair[1] in people} | people
    return [word for word in heard.english if word not in own and word not in counted]


def _fact(heard: Heard, facts: Mapping[str, str]) -> Move | None:
    """A fact of the desk the message asks for: hours, address, contact, or one it names."""
    if heard.does("price", "book", "callback"):
        return None
    for act, names in _FACTS.items():
        if heard.does(act) and (
            name := next((one for one in facts if any(key in one.lower() for key in names)), "")
        ):
            return Move("fact", key=act, text=facts[name])
    for name, value in facts.items():
        if any(key in name.lower() for keys in _FACTS.values() for key in keys):
            continue
        words = set(plain(name.replace("_", " ")).split())
        if heard.question and words and words <= {*heard.words, *heard.english}:
            return Move("fact", key=name, text=value)
    return None


def _small_talk(talk: Talk, heard: Heard) -> Move:
    if heard.does("off_topic"):
        return Move("say", "off_topic")
    for act in ("abilities", "how_are_you", "bye", "thanks", "greeting", "cancel"):
        if heard.does(act) and (act == "abilities" or not heard.english[3:]):
            return Move("say", {"cancel": "ok"}.get(act, act))
    if heard.does("positive"):
        return Move("say", "thanks")
    if heard.does("yes", "no", "unsure"):
        return Move("say", "ok")
    if talk.puzzled >= _PATIENCE:
        return Move("say", "unclear", extra=_person_offer(talk))
    return Move("say", "unclear")


def _person_offer(talk: Talk) -> tuple[str, ...]:
    return ("offer_human",) if talk.person else ()
