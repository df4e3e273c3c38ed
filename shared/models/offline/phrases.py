"""The desk's own sentences in each language, said and recognised again in what it said before."""

import re
from datetime import date
from functools import lru_cache

from shared.models.offline.toolbox import Argument
from shared.models.offline.vocabulary import vocabulary


def say(language: str, key: str, **values: str) -> str:
    """The sentence of that key; where the language lacks it, the English one."""
    languages = vocabulary().languages
    written = languages.get(language, languages["en"]).say
    return written.get(key, languages["en"].say[key]).format(**values)


@lru_cache(maxsize=4096)
def says(key: str, text: str) -> bool:
    """Whether a text of ours holds that sentence, in any language."""
    return any(
        (part := words.say[key].split("{")[0].strip()) and part in text
        for words in vocabulary().languages.values()
    )


def row_named(text: str) -> str:
    """What the table's row is called that a text of ours tells the price of; empty where it tells none."""
    found = next((match for pattern in _priced() if (match := pattern.match(text))), None)
    return re.sub(r" \(\w+\)$", "", found[1]) if found else ""


@lru_cache(maxsize=1)
def _priced() -> tuple[re.Pattern[str], ...]:
    """Our sentence of a price, in every language."""
    written = (words.say["costs"] for words in vocabulary().languages.values())
    return tuple(
        re.compile(re.escape(one).replace(r"\{name\}", r"([^.;\n]{2,60}?)").replace(r"\{price\}", ".{1,40}?"))
        for one in written
    )


def question(language: str, argument: Argument) -> str:
    """What we ask to learn an argument: the schema's own words (`x-ask`), else ours for its kind."""
    own = argument.asking
    if isinstance(own, dict):
        own = own.get(language) or own.get(language.split("-", maxsplit=1)[0]) or own.get("en") or ""
    if own:
        return own
    key = f"ask_{argument.kind}"
    if key not in vocabulary().languages["en"].say or (argument.kind == "text" and not argument.required):
        key = "ask"
    if argument.kind == "text" and argument.name not in _ABOUT:
        key = "ask"
    return say(language, key, label=label(language, argument.label))


def asked_with(argument: Argument, text: str) -> bool:
    """Whether a text of ours asks for that argument."""
    return any(question(language, argument) in text for language in vocabulary().languages)


def label(language: str, name: str) -> str:
    """A field's name as customers read it."""
    known = vocabulary().languages.get(language)
    plain = name.replace("_", " ").strip()
    return known.labels.get(plain.lower(), plain) if known else plain


def translated(language: str, value: str) -> str:
    """A table cell with the few everyday words we know in that language put in place of the English ones."""
    known = vocabulary().languages.get(language)
    for word, instead in sorted((known.values if known else {}).items(), key=lambda pair: -len(pair[0])):
        value = re.sub(rf"\b{re.escape(word)}\b", instead, value, flags=re.IGNORECASE)
    return value


def listed(language: str, parts: list[str], word: str = "and") -> str:
    """The parts as people enumerate: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {say(language, word)} {parts[-1]}"


def spoken_day(language: str, day: date) -> str:
    """A date in words: "Saturday 21 November"."""
    words = vocabulary().languages.get(language, vocabulary().languages["en"])
    weekday = next((word for word, number in words.weekdays.items() if number == day.weekday()), "")
    months = words.months or vocabulary().languages["en"].months
    month = next((word for word, number in months.items() if number == day.month), "")
    return f"{weekday.capitalize()} {day.day} {month.capitalize()}"


_ABOUT = frozenset(
    {"about", "subject", "description", "summary", "topic", "problem", "issue", "message", "purpose"}
)
