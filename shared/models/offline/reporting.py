"""What a tool's result means to the customer, in their language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.models.chat_model import Turn
from shared.models.offline.hearing import hear
from shared.models.offline.phrases import listed, say, spoken_day
from shared.models.offline.quoting import passages_of, quote
from shared.models.offline.slots import fits
from shared.models.offline.talk import Talk

Choices = tuple[tuple[str, str], ...]
_LABELS = ("label", "summary", "time", "slot", "start", "when", "due", "title", "subject")
_REFERENCES = ("reference", "ref", "booking", "ticket", "ticket_id", "booking_id", "number", "id")
_SAID = ("say", "message", "reply", "customer_is_told")
_NOTHING_MORE = 0.9


@dataclass(frozen=True, slots=True)
class Report:
    """A result in words, with what can be tapped next and how sure it is, 0..1."""

    text: str
    choices: Choices = ()
    confidence: float = _NOTHING_MORE
    unknown: bool = False  # a search that found no answer


def report(turn: Turn, talk: Talk) -> Report:
    """The words for one tool turn."""
    result = turn.result or {}
    if error := result.get("error"):
        return _refused(str(error), turn, talk)
    passages = passages_of(result)
    if passages is not None:
        return _quoted(turn, talk)
    if result.get("bookings") == []:
        return Report(say(talk.language, "no_booking"), confidence=0.5, unknown=True)
    if turn.choices:
        return _offered(turn, talk)
    if any(isinstance(result.get(key), list) for key in ("slots", "options", "choices")):
        return Report(say(talk.language, "none_free"), confidence=0.8)
    return _done(turn, result, talk)


def offer(talk: Talk, choices: Choices, opening: str = "") -> Report:
    """Offered times to tap, with the wish they fall short of where they do."""
    language = talk.language
    if not opening:
        opening = _opening(talk, choices)
    zone = [say(language, "in_zone", zone=talk.zone)] if talk.zone else []
    return Report(" ".join([opening, *zone, say(language, "choose")]), choices)


def _opening(talk: Talk, choices: Choices) -> str:
    language, wish = talk.language, talk.wish
    if not any(character.isdigit() for _, title in choices for character in title):
        return say(language, "options_plain")
    fitting = [choice for choice in choices if fits(choice, wish, talk.now)]
    if wish and not fitting:
        words = " ".join(
            filter(
                None,
                [spoken_day(language, wish.day) if wish.day else "", wish.times[0] if wish.times else ""],
            )
        )
        if wish.times and talk.begins:
            times = listed(language, list(talk.begins))
            return f"{say(language, 'begins', times=times)} {say(language, 'options')}"
        if words:
            return say(language, "not_exactly", wish=words)
    return say(language, "options")


def _refused(error: str, turn: Turn, talk: Talk) -> Report:
    choices = turn.choices or (talk.choices if talk.failed else ())
    if choices:
        return offer(talk, choices, say(talk.language, "taken") + " " + say(talk.language, "options"))
    view = talk.box.views.get(turn.call.name) if turn.call else None
    if view and "details" in view.acts and not talk.flow:
        return Report("")  # the desk may not keep it, which needs no words
    reason = error.split(": ", 1)[-1].split(";", maxsplit=1)[0].strip()
    if talk.language == "en" and len(reason) < 120:
        return Report(say("en", "failed_because", error=_sentence(reason)), confidence=0.4)
    return Report(say(talk.language, "failed"), confidence=0.4)


def _quoted(turn: Turn, talk: Talk) -> Report:
    query = str(next(iter(turn.call.arguments.values()), "")) if turn.call else ""
    text, sure = quote(passages_of(turn.result) or [], hear(query), talk.language)
    if not text:
        return Report(
            say(talk.language, "unknown_again" if talk.puzzled else "unknown"),
            confidence=min(sure, 0.2),
            unknown=True,
        )
    return Report(text, confidence=sure)


def _offered(turn: Turn, talk: Talk) -> Report:
    return offer(talk, turn.choices)


def _done(turn: Turn, result: Mapping[str, object], talk: Talk) -> Report:
    view = talk.box.views.get(turn.call.name) if turn.call else None
    acts = view.acts if view else {}
    language, label = talk.language, _text(result, _LABELS)
    title = result.get("title")
    if isinstance(title, str) and title and title != label and result.get("time"):
        label = f"{title}, {label}"
    said = _text(result, _SAID)
    if said and (hear(said).language or "en").split("-")[0] == language.split("-")[0]:
        return Report(said)
    act = max(acts, key=lambda one: acts[one], default="")
    if view and view.of_kind("choice") and act != "rebook":
        act = "book"
    if act in ("rebook", "unbook") and label:
        return Report(say(language, f"{act}ed", label=label))
    return _acted(act, result, label, language)


def _acted(act: str, result: Mapping[str, object], label: str, language: str) -> Report:
    match act:
        case "human":
            return Report(say(language, "handing_over"), confidence=1.0)
        case "ticket":
            text = say(language, "ticketed")
        case "callback":
            text = say(language, "called_back_at", label=label) if label else say(language, "called_back")
        case "details":
            text = say(language, "noted")
        case "book" if label:
            text = " ".join([say(language, "booked", label=label), *_whose(result, language)])
        case _ if label:
            text = say(language, "seen", value=label)
        case _:
            text = say(language, "done")
    reference = _text(result, _REFERENCES)
    return Report(
        f"{text} {say(language, 'reference', reference=reference)}"
        if reference and act != "details"
        else text
    )


def _whose(result: Mapping[str, object], language: str) -> list[str]:
    """Under which name a booking is, for how many, and their number, where the result says so."""
    told = {
        "under_name": result.get("name"),
        "for_people": result.get("party_size"),
        "reach_on": result.get("phone"),
    }
    return [say(language, key, value=str(value)) for key, value in told.items() if value]


def _text(result: Mapping[str, object], keys: tuple[str, ...]) -> str:
    """The first of these fields that holds a text, dates made readable."""
    for key in keys:
        value = result.get(key)
        if isinstance(value, str) and value:
            return _readable(value) if keys != _SAID else value
        if isinstance(value, Mapping) and (inner := _text(value, keys)):
            return inner
    return ""


def _readable(value: str) -> str:
    if len(value) < 10 or value[4:5] != "-":
        return value.rstrip(". ")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{spoken_day('en', moment.date())}, {moment:%H:%M}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
