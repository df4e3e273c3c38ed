"""What a message fills of a tool's arguments: a name, a number, a day, one of several options."""

import re
from datetime import datetime, time
from functools import cache, lru_cache

from rapidfuzz import fuzz

from shared.models.offline.hearing import Heard, hear
from shared.models.offline.spelling import plain, stem
from shared.models.offline.toolbox import Argument
from shared.models.offline.vocabulary import vocabulary
from shared.models.offline.when import DIGITS, When, part_of_day, when

_TAPPED = re.compile(r"\[([^\]]+)\]$")  # the id of a tapped choice, after its title
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w@.])\+?\(?\d[\d\s().-]{6,18}\d(?!\w)")
_NUMBER = re.compile(r"(?<![\w:/.-])(\d{1,9})(?![\w:/-]|\.\d)")
_NAME_WORD = re.compile(r"^[^\W\d_][^\d_,;:!?।@]*$")
_SENTENCE_END = re.compile(
    r"[,;!?\n।]|\.\s|\s(?:and|from|at|my|phone|number|aur|और|mera|मेरा|with|for|on|calling|speaking|here)\s",
    re.IGNORECASE,
)
_PERSONAL = ("name", "phone", "email", "company")
_WEAK = frozenset({  # openings that need not be followed by a name
    "i am", "im", "this is", "under", "its", "main", "mai", "मैं", "myself", "name", "naam", "नाम", "call me",
})  # fmt: skip
_OF_A_COMPANY = re.compile(r"size|seats|users|employees|team|headcount")
_LONGEST_TEXT = 400
_PART_BEGINS = {"morning": "10:00", "afternoon": "14:00", "evening": "17:00"}


def take(argument: Argument, heard: Heard, now: datetime, *, asked: bool = False) -> object | None:
    """The argument's value in the message, or None. `asked` means the message answers our question for it."""
    kind = argument.kind
    if kind in _PERSONAL:
        return personal(kind, heard, asked=asked)
    if kind in ("date", "time", "when"):
        return _moment(kind, when(heard, now), now)
    if kind in ("count", "number"):
        return count(heard, argument, asked=asked)
    if kind == "enum":
        return option(argument.options, heard)
    return _answered(kind, heard) if asked else None


def _answered(kind: str, heard: Heard) -> object | None:
    """A whole message as the answer to our question."""
    match kind:
        case "boolean":
            return True if heard.does("yes") else False if heard.does("no") else None
        case "text" | "query" | "reason":
            return heard.text.strip()[:_LONGEST_TEXT] or None
        case "list":
            return [part.strip() for part in re.split(r",|\band\b|\n", heard.text) if part.strip()]
    return None


def personal(kind: str, heard: Heard, *, asked: bool = False) -> str | None:
    """A name, phone number, e-mail address or company the customer tells."""
    match kind:
        case "email":
            found = _EMAIL.search(heard.text)
            return found[0] if found else None
        case "phone":
            return _phone(heard.text)
        case "name":
            return _introduced(heard.text, vocabulary().name_before) or (
                _answered_name(heard) if asked else None
            )
    told = _introduced(heard.text, vocabulary().company_before, strict=True)
    return told or (heard.text.strip()[:80] if asked and len(heard.words) <= 6 else None)


def told(heard: Heard) -> dict[str, str]:
    """Every personal detail the message tells by itself."""
    return dict(_told(heard.text))


@lru_cache(maxsize=4096)
def _told(text: str) -> tuple[tuple[str, str], ...]:
    found = {kind: personal(kind, hear(text)) for kind in _PERSONAL}
    if not found["name"] and (found["phone"] or found["email"]):
        rest = _PHONE.sub("", _EMAIL.sub("", text)).strip(" ,.;-\n")
        found["name"] = _as_name(rest, weak=True) if len(rest.split()) <= 4 else None
    return tuple((kind, value) for kind, value in found.items() if value)


def bare_name(heard: Heard) -> str | None:
    """A name told without a word around it: up to three capitalised words, none an everyday one."""
    known = vocabulary().spellings
    if heard.question or not 1 <= len(heard.words) <= 3 or not known.isdisjoint(heard.words):
        return None
    return _as_name(heard.text, weak=True)


def count(heard: Heard, argument: Argument, *, asked: bool = False) -> int | None:
    """How many: a number beside the argument's own words or people's words; any number if we asked."""
    numbers, words = vocabulary().numbers, heard.words
    people = vocabulary().people | (
        vocabulary().staff if _OF_A_COMPANY.search(argument.name) else frozenset()
    )
    beside = {stem(word) for word in plain(argument.label).split()} | {stem(word) for word in people}
    for at, word in enumerate(words):
        value = int(word) if word.isdigit() and len(word) < 7 else numbers.get(word)
        after, before = words[at + 1 : at + 3], words[max(at - 2, 0) : at]
        if (
            value
            and argument.kind == "count"
            and ({stem(one) for one in after[:1]} & beside or "of us" in " ".join(after))
        ):
            return value
        if (
            value
            and argument.kind == "count"
            and before[-1:] == ("for",)
            and not _clockish(after)
            and _whole(word, heard.text)
        ):
            return value
        if value and argument.kind == "number" and {stem(one) for one in (*before, *after)} & beside:
            return value
    if not asked:
        return None
    found = _NUMBER.search(heard.text)
    return int(found[1]) if found else next((numbers[word] for word in words if word in numbers), None)


def option(options: tuple[str, ...], heard: Heard) -> str | None:
    """The option the message names, forgiving a typo; parts of the day are known in every language."""
    known = vocabulary()
    said = {
        *heard.words,
        *heard.english,
        *(known.periods[word] for word in heard.words if word in known.periods),
    }
    if heard.does("urgent"):
        said.add("urgent")
    spaced = f" {' '.join(heard.words)} "
    for one in options:
        name = plain(one.replace("_", " "))
        if name and (name in said or f" {name} " in spaced):
            return one
    return None


def selected(choices: tuple[tuple[str, str], ...], heard: Heard, now: datetime) -> tuple[str, str] | None:
    """The offered choice the message picks: by id, title, number, place in the row, or time of day."""
    text = heard.text.strip()
    tapped = _TAPPED.search(text)
    for choice in choices:
        if choice[0] in (text, tapped and tapped[1]) or plain(text) == plain(choice[1]):
            return choice
    if place := _place(heard, len(choices)):
        return choices[place - 1]
    moment = when(heard, now)
    fitting = [choice for choice in choices if fits(choice, moment, now)]
    if moment.times:
        return fitting[0] if fitting else None
    if len(plain(text)) >= 4:
        best = max(choices, key=lambda choice: fuzz.ratio(plain(text), plain(choice[1])), default=None)
        if best and (fuzz.ratio(plain(text), plain(best[1])) >= 80 or plain(best[1]).startswith(plain(text))):
            return best
    return None


def fits(choice: tuple[str, str], moment: When, now: datetime) -> bool:
    """Whether an offered time is at the day, time and part of the day that were asked for."""
    offered = when(hear(choice[1]), now)
    if moment.times:
        if not set(moment.times) & set(offered.times[:1]):
            return False
    elif moment.period and (not offered.times or part_of_day(offered.times[0]) != moment.period):
        return False
    return not (moment.day and offered.day and moment.day != offered.day)


def _place(heard: Heard, many: int) -> int | None:
    known, words = (
        vocabulary(),
        [
            word
            for word in heard.words
            if word not in ("the", "option", "number", "no", "wala", "wali", "वाला", "वाली", "one", "please")
        ],
    )
    if len(heard.words) > 5 or not many:
        return None
    places = [known.ordinals[word] for word in heard.words if word in known.ordinals]
    if not places and len(words) == 1:
        value = int(words[0]) if words[0].isdigit() else known.numbers.get(words[0])
        places = [value] if value else []
    if not places and heard.words == ("one",):
        places = [1]
    place = places[0] if places else 0
    place = many if place == -1 else place
    return place if 1 <= place <= many else None


def _moment(kind: str, found: When, now: datetime) -> str | None:
    """A day, a time of day, or both, in ISO 8601."""
    if kind == "date":
        return found.day.isoformat() if found.day else None
    if kind == "time":
        return found.times[0] if found.times else None
    if not found.times and not (found.day and found.period):
        return None
    clock = found.times[0] if found.times else _PART_BEGINS[found.period or ""]
    hour, minute = (int(part) for part in clock.split(":"))
    at = datetime.combine(found.day or now.date(), time(hour, minute), now.tzinfo)
    return at.isoformat()


def _phone(text: str) -> str | None:
    for found in _PHONE.finditer(text.translate(DIGITS)):
        digits = re.sub(r"\D", "", found[0])
        if 8 <= len(digits) <= 15 and not re.match(r"20\d\d-\d\d-\d\d", found[0]):
            return ("+" if found[0].lstrip("(").startswith("+") else "") + digits
    return None


def _introduced(text: str, openings: tuple[str, ...], *, strict: bool = False) -> str | None:
    """The words after "my name is", up to where the sentence goes on."""
    bare = re.sub("[’']", "", text)
    for opening in openings:
        found = _opening(opening).search(bare)
        if found and (name := _as_name(found[1], weak=strict or opening in _WEAK)):
            return name
    return None


@cache
def _opening(words: str) -> re.Pattern[str]:
    joint = r"(?:is\b|:|-)" if words == "name" else r"(?:is\b|:|-)?\s+"
    return re.compile(rf"(?:^|[\s,.!]){re.escape(words)}\s*{joint}\s*(\S.*)", re.IGNORECASE)


def _answered_name(heard: Heard) -> str | None:
    if heard.question or heard.does("cancel", "human", "bot", "hours", "address", "price"):
        return None
    return _as_name(_PHONE.sub("", _EMAIL.sub("", heard.text)).strip(" ,.;-"), weak=False)


def _as_name(text: str, *, weak: bool) -> str | None:
    """Up to four words that can be a name. After a weak opening ("I am") each must look like one."""
    known = vocabulary()
    head = _SENTENCE_END.split(f"{text.strip()} ")[0].strip(" .")
    words = [word.strip(".") for word in head.split()]
    while words and plain(words[0]) in (
        "its",
        "it",
        "is",
        "im",
        "i",
        "am",
        "yes",
        "sure",
        "ok",
        "the",
        "haan",
        "ji",
        "name",
    ):
        words.pop(0)
    kept: list[str] = []
    for word in words:
        if plain(word) in known.name_after or plain(word) in known.days or not _NAME_WORD.match(word):
            break
        kept.append(word)
    if not 1 <= len(kept) <= 4 or all(plain(word) in known.stopwords for word in kept):
        return None
    if weak and any(not _looks_like_name(word) for word in kept):
        return None
    return " ".join(word if not word.islower() else word.capitalize() for word in kept)


def _looks_like_name(word: str) -> bool:
    known = vocabulary()
    if not word[0].isascii():
        return plain(word) not in known.spellings
    return word[0].isupper() and plain(word) not in known.stopwords


def _whole(word: str, text: str) -> bool:
    """Whether a number stands by itself in the text, not as the hour of 19:30."""
    return not word.isdigit() or any(found[1] == word for found in _NUMBER.finditer(text))


def _clockish(after: tuple[str, ...]) -> bool:
    known = vocabulary()
    return bool(after) and (after[0] in ("am", "pm") or after[0] in known.oclock or after[0] in known.months)
