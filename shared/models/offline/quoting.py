"""Passages of a desk's knowledge, told shortly and with where they come from."""

import re
from collections.abc import Mapping, Sequence
from typing import cast

from shared.domain.romanise import romanise
from shared.models.offline.hearing import Heard, hear
from shared.models.offline.phrases import say
from shared.models.offline.telling import Row, is_alias, stems, tell_rows, title

_ENOUGH = 0.3  # of a question a passage must cover to be an answer
_BESIDE = 0.85  # another passage is as good when it covers nearly as much as the best
_NAMED = 0.15  # another row is meant too when its name fits the question nearly as well
_ALIAS = 0.9  # what a row is also called, against its name
_MOST_LISTED = 6
_LONGEST = 320  # letters of a quoted text
_SENTENCES = re.compile(r"(?<=[.!?।])\s+|\n{2,}|\n(?=[-*#|])")
_FREE = frozenset({"free", "without", "contain", "allergy", "allergic"})  # asks of an allergen, names none
_GENERIC = frozenset({"price", "test", "fast", "report", "preparation", "plan", "package", "hour"})

Passage = Mapping[str, object]


def quote(passages: Sequence[Passage], asked: Heard, language: str) -> tuple[str, float]:
    """What the passages say to the question, and how sure it is, 0..1; empty where they say nothing."""
    if asked.does("allergy"):  # a row that names an allergen is no proof of what a dish is free of
        matter = asked.stems - _FREE
        texts = (one for one in passages if not _fields(one))
        passages = [one for one in texts if matter & stems(str(one.get("text", "")))]
    scored = sorted(((covers(one, asked), one) for one in passages), key=lambda pair: -pair[0])
    best = scored[0][0] if scored else 0.0
    if best < _ENOUGH:
        return "", best
    fitting = rows(passages, asked)
    chosen = fitting[:_MOST_LISTED] or [_readable([one for _, one in scored], asked, language)]
    if fitting:
        told = tell_rows(
            list(map(_fields, chosen)), asked, language, all_told=not _more_may_be(fitting, asked)
        )
    else:
        told = _text(chosen[0], asked)
        told = _in_latin(told) if language == "hi-Latn" else told
    source = _source(str(chosen[0].get("source", "")))
    beside = "\n" if "\n" in told else " "
    return f"{told}{beside}{say(language, 'source', source=source)}" if source else told, min(best, 1.0)


def rows(passages: Sequence[Passage], asked: Heard) -> list[Passage]:
    """The table rows that are the answer; none where a text answers better."""
    scored = sorted(((covers(one, asked), one) for one in passages), key=lambda pair: -pair[0])
    best = scored[0][0] if scored else 0.0
    good = [one for score, one in scored if score >= max(best * _BESIDE, _ENOUGH) and _fields(one)]
    subject = asked.stems - _GENERIC
    first = bool(scored) and bool(_fields(scored[0][1]))
    if not good or not (first or len(good) > 1 or not subject):
        return []
    named = [(_named(_fields(one), subject), one) for one in good]
    fit = max(one for one, _ in named)
    if not fit:
        return good
    return [one for how, one in sorted(named, key=lambda pair: -pair[0]) if how >= fit - _NAMED]


def _more_may_be(fitting: Sequence[Passage], asked: Heard) -> bool:
    """Whether other rows may answer as well: more fit than are told, or the question named nothing."""
    return len(fitting) > _MOST_LISTED or not asked.stems - _GENERIC


def _readable(passages: Sequence[Passage], asked: Heard, language: str) -> Passage:
    """The best passage, or one nearly as good that is written in the letters the customer reads."""
    fit = [one for one in passages if covers(one, asked) >= _ENOUGH] or list(passages)
    if language == "hi":
        return fit[0]
    return next((one for one in fit if not _devanagari(str(one.get("text", "")))), fit[0])


def _in_latin(text: str) -> str:
    told = romanise(text).replace("।", ".")
    return re.sub(r"(^|\. )([a-z])", lambda start: start[1] + start[2].upper(), told)


def _devanagari(text: str) -> bool:
    return any("\u0900" <= letter <= "\u097f" for letter in text)


def names(passages: Sequence[Passage], asked: Heard) -> list[str]:
    """What the rows that answer are called."""
    return [title(_fields(one)) for one in rows(passages, asked)]


def _named(fields: Row, subject: frozenset[str]) -> float:
    """How much of the question's subject a row's name, or what it is also called, holds; 0..1."""
    if not subject:
        return 0.0
    called = stems(title(fields))
    also = frozenset().union(*(stems(value) for name, value in fields.items() if is_alias(name)))
    return max(len(subject & called), _ALIAS * len(subject & (called | also))) / len(subject)


def covers(passage: Passage, asked: Heard) -> float:
    """How much of the question a passage covers, 0..1: the index's own score, else shared words."""
    score = passage.get("score")
    if isinstance(score, (int, float)):
        return float(score)
    stems = hear(str(passage.get("text", ""))).stems
    return len(asked.stems & stems) / len(asked.stems) if asked.stems else 0.0


def _fields(passage: Passage) -> Row:
    fields = passage.get("fields")
    if not isinstance(fields, Mapping):
        return {}
    return {str(name): str(value).strip() for name, value in fields.items() if str(value).strip()}


def _text(passage: Passage, asked: Heard) -> str:
    """The sentence that shares most with the question, and the one after it."""
    headings = str(passage.get("source", "")).split(" > ")[1:]
    body = str(passage.get("text", "")).removeprefix(" > ".join(headings))
    sentences = [one.strip(" #*-") for one in _SENTENCES.split(body) if one.strip(" #*-")]
    if not sentences:
        return ""
    shares = [len(hear(sentence).stems & asked.stems) for sentence in sentences]
    at = shares.index(max(shares))
    told = " ".join(_ended(" ".join(one.split())) for one in sentences[at : at + 2])
    return told if len(told) <= _LONGEST else told[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"


def _ended(sentence: str) -> str:
    return sentence if sentence[-1] in ".!?।:" else f"{sentence}."


def _source(name: str) -> str:
    """A file's name as people say it: `price-list.csv#3` is "price list"."""
    stem = re.split(r"\.(?:md|csv|txt|pdf)\b|#", name.rsplit("/", 1)[-1])[0]
    return re.sub(r"[-_]+", " ", stem).strip()


def passages_of(result: Mapping[str, object] | None) -> list[Passage] | None:
    """The passages a tool's result brings, or None where it is no search."""
    found = (result or {}).get("passages")
    return cast("list[Passage]", found) if isinstance(found, list) else None
