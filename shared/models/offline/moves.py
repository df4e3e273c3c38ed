"""What a customer's message calls for, given where the talk stands."""

from dataclasses import replace

from shared.models.chat_model import Briefing
from shared.models.offline.hearing import Heard, hear
from shared.models.offline.move import Move
from shared.models.offline.questions import questions
from shared.models.offline.slots import bare_name, fits, selected, told
from shared.models.offline.spelling import plain, stem
from shared.models.offline.standing import change, standing
from shared.models.offline.talk import Flow, Talk
from shared.models.offline.toolbox import Argument, ToolView
from shared.models.offline.unread import apart, unread
from shared.models.offline.vocabulary import Act
from shared.models.offline.when import when

_OTHERWISE: tuple[Act, ...] = ("price", "book", "availability", "hours", "address", "contact")
_PATIENCE = 2  # times we may not understand before a person is offered, or ask again after other answers


def moves(talk: Talk, text: str, briefing: Briefing) -> list[Move]:
    """The moves for the newest message; `talk` is brought up to date with it."""
    words, sent = apart(text)
    beside = unread(talk, sent, words=bool(words)) if sent else []
    if sent and not words:
        return beside
    heard = hear(words)
    talk.notice(heard)
    found = (
        _promised(heard, briefing)
        or _about_us(talk, heard)
        or standing(talk, heard)
        or _picked(talk, heard)
        or _going_on(talk, heard, briefing)
        or _wishes_again(talk, heard)
        or _offer_answered(talk, heard)
        or _anew(talk, heard, briefing)
    )
    talk.before = words
    return [*beside, *found]


def _promised(heard: Heard, briefing: Briefing) -> list[Move]:
    """They ask what our people promised them, or about the matter of such a promise."""
    asked = heard.does("promised")
    if not briefing.promises or (heard.does("emergency", "human") and not asked):
        return []
    if not asked and (not heard.question or heard.does(*_OTHERWISE)):
        return []
    matter = {stem(word) for word in heard.matter}
    of_it = [one for one in briefing.promises if matter & {stem(word) for word in plain(one).split()}]
    told = of_it or (briefing.promises if asked else ())
    return [Move("fact", key="promised", text="; ".join(told))] if told else []


def _about_us(talk: Talk, heard: Heard) -> list[Move]:
    """Somebody is in danger, wants a person, or wonders whether we are one: these come before all else."""
    if heard.does("bot"):
        again = [Move("reask")] if talk.missing() else []
        return [Move("say", "bot" if talk.person else "bot_alone"), *again]
    if heard.does("emergency"):
        if talk.person is not None:
            talk.open(talk.person, heard.text, heard)
        return [Move("say", "emergency"), *([Move("flow")] if talk.person else [])]
    by_the_way = heard.does("book", "availability", "price") and not heard.does("negative")
    if not heard.does("human") or by_the_way:  # "get a doctor's appointment" asks for no person
        return []
    if talk.person is None:
        return [Move("say", "no_human")]
    talk.open(talk.person, heard.text, heard)
    return [Move("flow")]


def _picked(talk: Talk, heard: Heard) -> list[Move]:
    """One of the offered choices is named."""
    waiting = talk.missing()
    choosing = waiting is None or waiting.kind == "choice"
    if not talk.choices or not (choosing or heard.does("correction")):
        return []
    choice = selected(talk.choices, heard, talk.now)
    view = talk.flow_view if waiting else talk.box.taking_choices_of(talk.provider)
    argument = view.of_kind("choice") if view else None
    if choice is None or view is None or argument is None:
        return []
    flow = talk.flow if talk.flow and talk.flow.tool == view.spec.name else talk.open(view, heard.text, heard)
    flow.values[argument.name] = choice[0]
    talk.exact = "" if choosing else choice[1]
    return [Move("flow")]


def _going_on(talk: Talk, heard: Heard, briefing: Briefing) -> list[Move]:
    """A tool is being filled: the message answers our question, changes its mind, or asks beside it."""
    flow, asked = talk.flow, talk.asked()
    if flow is None or asked is None:
        return []
    if heard.does("cancel", "unbook") or (asked.kind == "choice" and heard.words == ("no",)):
        talk.flow, talk.choices = None, ()
        return [Move("say", "cancelled")]
    if _another_time(talk, heard, asked):
        return [Move("flow")]
    in_own_words = asked.kind == "text" and not heard.does("price", "hours", "address")
    beside = [] if in_own_words else questions(talk, heard, briefing)
    return _answered(talk, flow, asked, heard, beside)


def _answered(talk: Talk, flow: Flow, asked: Argument, heard: Heard, beside: list[Move]) -> list[Move]:
    filled = talk.fill(heard, asked if not beside else None)
    if heard.does("unsure") and not asked.required and not filled:
        filled = {asked.name}
        flow.values[asked.name] = ""
    if asked.name in filled:
        flow.misses = 0
        return [Move("flow")]
    if asked.kind in ("choice", "phone", "email") and (name := bare_name(heard)):
        talk.told["name"] = flow.values["name"] = name
        return [_thanks_for(name), Move("reask")]
    courtesy = next(
        (act for act in ("thanks", "bye", "greeting") if heard.does(act) and not heard.english), ""
    )
    if courtesy and not filled:
        return [Move("say", courtesy), *([Move("reask")] if courtesy == "greeting" else [])]
    if beside or filled or told(heard):
        flow.aside += bool(beside)
        thanks = _noted(heard) if asked.kind == "choice" else _thanks_for(", ".join(told(heard).values()))
        given = [thanks] if told(heard) and not beside else []
        nagging = asked.kind == "choice" and flow.aside > _PATIENCE
        return beside if nagging and beside else [*given, *beside, Move("reask")]
    flow.misses += 1
    return [Move("say", "not_caught"), Move("reask")]


def _thanks_for(details: str) -> Move:
    """What was told beside our question is repeated, so that the customer sees it was taken."""
    return Move("say", "taken_down", details)


def _noted(heard: Heard) -> Move:
    """The same, and a phone number is noted: one nobody can call is told now, not at the booking."""
    thanks, phone = _thanks_for(", ".join(told(heard).values())), told(heard).get("phone")
    return replace(thanks, kind="note", other=phone) if phone else thanks


def _another_time(talk: Talk, heard: Heard, asked: Argument) -> bool:
    """Whether the message names another time for what is being chosen, which is then looked for anew."""
    view, flow, moment = talk.flow_view, talk.flow, when(heard, talk.now)
    chosen = view.of_kind("choice") if view else None
    if chosen is None or flow is None or asked.kind in ("when", "date", "time"):
        return False
    if (not moment and not (asked is chosen and heard.does("more"))) or _asks_of_the_desk(heard):
        return False
    flow.values.pop(chosen.name, None)
    talk.fill(heard)
    _choose_anew(talk, heard)
    return True


def _asks_of_the_desk(heard: Heard) -> bool:
    """Whether a time is named in a question on something else, as in "are you open on Sunday?"."""
    return heard.does("hours", "price", "callback", "ticket", "address")


def _choose_anew(talk: Talk, heard: Heard) -> None:
    """Of what was offered keep what fits the new wish; it is chosen if it is the one."""
    named = bool(when(heard, talk.now).times)
    talk.choices = tuple(one for one in talk.choices if named and fits(one, talk.wish, talk.now))
    talk.choose_exactly()


def _wishes_again(talk: Talk, heard: Heard) -> list[Move]:
    """Another day or hour, or a name, after times were offered; or a change after all was settled."""
    moment, more = when(heard, talk.now), heard.does("more")
    other = _asks_of_the_desk(heard)
    taker = talk.box.taking_choices_of(talk.provider) if talk.choices else None
    if taker is not None and not other and (moment or more):
        talk.open(taker, heard.text, heard)
        _choose_anew(talk, heard)
        return [Move("flow")]
    if taker is not None and told(heard) and not heard.english[4:] and not heard.question:
        talk.open(taker, heard.text, heard)
        return [_noted(heard), Move("reask")]
    changes = moment and (more or heard.does("correction")) and not heard.english[3:]
    if talk.settled and changes and not other and not heard.does("book", "availability"):
        return change(talk, heard, "rebook")
    return []


def _offer_answered(talk: Talk, heard: Heard) -> list[Move]:
    """Yes or no to the offer of a person."""
    if not talk.offered_human or talk.person is None or heard.english[4:]:
        return []
    if heard.does("yes"):
        talk.open(talk.person, talk.before or heard.text, heard)
        return [Move("flow")]
    return [Move("say", "ok")] if heard.does("no") and not heard.english else []


def _anew(talk: Talk, heard: Heard, briefing: Briefing) -> list[Move]:
    """A message that stands for itself."""
    regret = [Move("say", "sorry_negative")] if heard.does("negative") else []
    asked = questions(talk, heard, briefing)
    view = _called_for(talk, heard)
    facts = any(move.kind == "fact" for move in asked) and not heard.does("book", "callback", "ticket")
    grumble = regret and not heard.does("ticket", "book", "callback")
    if view is not None and not facts and not grumble:
        flow = talk.open(view, heard.text, heard)
        if flow.values or "details" not in view.acts:
            return [*regret, *asked[:1], Move("flow")]
        talk.flow = None
    taker = talk.box.taking_choices_of("")
    if taker is not None and when(heard, talk.now) and not heard.question and not heard.matter and not facts:
        talk.open(taker, heard.text, heard)  # a bare day or hour asks for it
        return [Move("flow")]
    if asked and not (regret and not heard.question):
        return [*regret, *asked]
    if regret:
        return [Move("say", "sorry_negative", offer_person=True)]
    return [_small_talk(talk, heard)]


def _called_for(talk: Talk, heard: Heard) -> ToolView | None:
    """The tool, other than looking things up, that the message calls for; to book is to take an offer."""
    view, search = talk.box.match(heard), talk.box.search
    if view is not None and not view.acts.keys().isdisjoint(("unbook", "rebook")):
        return None  # nothing is changed because of words that merely resemble it
    if view is None or view is search:
        return talk.box.doing("details") if told(heard) and not heard.question else None
    return (talk.box.taking_choices_of(view.spec.name) if heard.does("book") else None) or view


def _small_talk(talk: Talk, heard: Heard) -> Move:
    for act in ("abilities", "how_are_you", "bye", "thanks", "greeting", "cancel"):
        if heard.does(act) and (act == "abilities" or not heard.english[3:]):
            return Move("say", {"cancel": "ok"}.get(act, act))
    if heard.does("positive"):
        return Move("say", "thanks")
    if heard.does("yes", "no", "unsure"):
        return Move("say", "ok")
    return Move("say", "unclear", offer_person=talk.puzzled >= _PATIENCE)
