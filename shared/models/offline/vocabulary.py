"""The word lists of `words/`, read once: all languages are understood at once, one is answered in."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec.yaml

from shared.models.offline.spelling import plain

_FOLDER = Path(__file__).parent / "words"
_LANGUAGES = ("en", "hi", "hi-Latn")
_GAP = r"(?:\S+ ){0,3}"

Act = str
"""What a customer does with words: "greeting", "price", "book"...; the keys of `acts` in the lists."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language's list, as its file writes it."""

    language: str
    markers: list[str]  # words that give the language away
    stopwords: list[str]  # words that say nothing about the matter
    requesting: list[str]  # words that ask for something without saying about what
    things: list[str]  # what is booked for its own sake, not for what we spoke of before
    glossary: dict[str, str]  # words and the English of a desk's knowledge
    acts: dict[Act, list[str]]
    numbers: dict[str, int]
    ordinals: dict[str, int]
    days: dict[str, int]  # days from today
    day_phrases: dict[str, int]
    weekdays: dict[str, int]  # Monday is 0
    months: dict[str, int]
    periods: dict[str, str]  # morning, afternoon or evening
    oclock: list[str]
    people: list[str]
    staff: list[str]  # people of a company, who do not come to a table
    name_before: list[str]
    name_after: list[str]
    company_before: list[str]
    say: dict[str, str]
    can: dict[str, str]  # what a desk can do, by act
    labels: dict[str, str]  # names of fields as customers read them
    values: dict[str, str]  # words of table cells as customers read them


class Vocabulary(msgspec.Struct, frozen=True):
    """All lists together, for understanding."""

    languages: dict[str, Words]
    markers: dict[str, frozenset[str]]
    stopwords: frozenset[str]
    requesting: frozenset[str]
    things: frozenset[str]
    glossary: dict[str, str]
    acts: dict[Act, re.Pattern[str]]
    numbers: dict[str, int]
    ordinals: dict[str, int]
    days: dict[str, int]
    day_phrases: dict[str, int]
    weekdays: dict[str, int]
    months: dict[str, int]
    periods: dict[str, str]
    oclock: frozenset[str]
    people: frozenset[str]
    staff: frozenset[str]
    name_before: tuple[str, ...]
    name_after: frozenset[str]
    company_before: tuple[str, ...]
    spellings: frozenset[str]  # words long enough that a typo of one is recognisable


@cache
def vocabulary() -> Vocabulary:
    """Everything in `words/`, merged. A word list that is malformed raises msgspec.ValidationError."""
    lists = [_read(language) for language in _LANGUAGES]
    patterns: dict[Act, list[str]] = {}
    for words in lists:
        for act, lines in words.acts.items():
            patterns.setdefault(act, []).extend(lines)
    merged: dict[str, dict[str, int]] = {
        field: {plain(word): value for words in lists for word, value in getattr(words, field).items()}
        for field in ("numbers", "ordinals", "days", "day_phrases", "weekdays", "months")
    }
    return Vocabulary(
        languages={words.language: words for words in lists},
        markers={words.language: _plain_set(words.markers) for words in lists},
        stopwords=_plain_set(word for words in lists for word in words.stopwords),
        requesting=_plain_set(word for words in lists for word in words.requesting),
        things=_plain_set(word for words in lists for word in words.things),
        glossary={plain(word): to for words in lists for word, to in words.glossary.items()},
        acts={act: re.compile("|".join(map(_expression, lines))) for act, lines in patterns.items()},
        periods={plain(word): period for words in lists for word, period in words.periods.items()},
        oclock=_plain_set(word for words in lists for word in words.oclock),
        people=_plain_set(word for words in lists for word in words.people),
        staff=_plain_set(word for words in lists for word in words.staff),
        name_before=_longest_first(word for words in lists for word in words.name_before),
        name_after=_plain_set(word for words in lists for word in words.name_after),
        company_before=_longest_first(word for words in lists for word in words.company_before),
        spellings=_spellings(patterns, merged, lists),
        **merged,
    )


def _read(language: str) -> Words:
    raw = (_FOLDER / f"{language}.yaml").read_bytes()
    return msgspec.yaml.decode(raw, type=Words)  # it loads PyYAML only now, which keeps our start quick


def _expression(pattern: str) -> str:
    """A line of `acts` as a regular expression over spaced-out plain words."""
    parts: list[str] = []
    for word in pattern.split():
        if word == "*":
            parts.append(_GAP)
        elif word in ("^", "$"):
            parts.append(r"^ " if word == "^" else "$")
        else:
            choices = "|".join(re.escape(plain(choice)) for choice in word.rstrip("?").split("/"))
            parts.append(f"(?:(?:{choices}) )" + ("?" if word.endswith("?") else ""))
    body = "".join(parts)
    return body if body.startswith("^ ") else f"(?<= ){body}"


def _spellings(
    patterns: dict[Act, list[str]], merged: dict[str, dict[str, int]], lists: list[Words]
) -> frozenset[str]:
    of_acts = {
        plain(word) for lines in patterns.values() for line in lines for word in re.split(r"[ /?]", line)
    }
    of_times = {word for numbers in merged.values() for word in numbers}
    of_glossaries = {plain(word) for words in lists for word in words.glossary}
    known_short = {plain(word) for words in lists for word in (*words.stopwords, *words.markers)}
    return frozenset(word for word in of_acts | of_times | of_glossaries | known_short if word)


def _plain_set(words: Iterable[str]) -> frozenset[str]:
    return frozenset(plain(word) for word in words)


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({plain(word) for word in words}, key=lambda word: (-len(word), word)))
