"""Passages of a desk's knowledge, told shortly and with where they come from."""

import re
from collections.abc import Mapping, Sequence
from typing import cast

from shared.models.offline.hearing import Heard, hear
from shared.models.offline.phrases import label, say, translated
from shared.models.offline.spelling import stem

_ENOUGH = 0.3  # of a question a passage must cover to be an answer
_BESIDE = 0.85  # another passage is as good when it covers nearly as much as the best
_NAMED = 0.15  # another row is meant too when its name fits the question nearly as well
_ALIAS = 0.9  # what a row is also called, against its name
_MOST_ROWS = 8
_MOST_NAMED = 3
_MOST_FIELDS = 3
_SHORT = 60  # letters of a cell that is told unasked
_LONGEST = 320  # letters of a quoted text
_CODES = re.compile(r"^(code|id|sku|ref|key|no|number|category)$", re.IGNORECASE)
_ALIASES = re.compile(r"also|alias|synonym|other name|code|short", re.IGNORECASE)
_CURRENCY = re.compile(r"[_ (](inr|usd|eur|gbp|aed|rs)\)?$", re.IGNORECASE)
_SIGNS = {"inr": "₹{}", "rs": "₹{}", "usd": "${}", "eur": "€{}", "gbp": "£{}"}
_ALWAYS = re.compile(r"price|cost|rate|fee|mrp|prep|fast", re.IGNORECASE)
_SENTENCES = re.compile(r"(?<=[.!?।])\s+|\n{2,}|\n(?=[-*#|])")
_GENERIC = frozenset({"price", "test", "fast", "report", "preparation", "plan", "package", "hour"})

Passage = Mapping[str, object]
Row = dict[str, str]


def quote(passages: Sequence[Passage], asked: Heard, language: str) -> tuple[str, float]:
    """What the passages say to the question, and how sure it is, 0..1; empty where they say nothing."""
    if asked.does("allergy"):  # a row that names an allergen is no proof of what a dish is free of
        passages = [one for one in passages if not _fields(one)]
    scored = sorted(((covers(one, asked), one) for one in passages), key=lambda pair: -pair[0])
    best = scored[0][0] if scored else 0.0
    if best < _ENOUGH:
        return "", best
    chosen = rows(passages, asked)
    if chosen:
        told = "\n".join(_row(_fields(one), asked, language, brief=len(chosen) > 1) for one in chosen)
        told = f"{say(language, 'among')}\n{told}" if _more_may_be(chosen, asked) else told
    else:
        chosen = [scored[0][1]]
        told = _text(chosen[0], asked)
    source = _source(str(chosen[0].get("source", "")))
    return f"{told} {say(language, 'source', source=source)}" if source else told, min(best, 1.0)


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
        return good[:_MOST_ROWS]
    return [one for how, one in sorted(named, key=lambda pair: -pair[0]) if how >= fit - _NAMED][:_MOST_NAMED]


def _more_may_be(chosen: Sequence[Passage], asked: Heard) -> bool:
    """Whether other rows may answer as well: the question named none of these, or more than are told."""
    subject = asked.stems - _GENERIC
    unnamed = len(chosen) > 1 and not any(_named(_fields(one), subject) for one in chosen)
    return not subject or unnamed or len(chosen) >= _MOST_NAMED


def names(passages: Sequence[Passage], asked: Heard) -> list[str]:
    """What the rows that answer are called."""
    return [_fields(one)[_title(_fields(one))] for one in rows(passages, asked)]


def _named(fields: Row, subject: frozenset[str]) -> float:
    """How much of the question's subject a row's name, or what it is also called, holds; 0..1."""
    if not subject:
        return 0.0
    title = _stems(fields[_title(fields)])
    also = frozenset().union(*(_stems(value) for name, value in fields.items() if _ALIASES.search(name)))
    return max(len(subject & title), _ALIAS * len(subject & (title | also))) / len(subject)


def _stems(text: str) -> frozenset[str]:
    heard = hear(text)
    return heard.stems | {stem(word) for word in heard.words}


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


def _row(fields: Row, asked: Heard, language: str, *, brief: bool) -> str:
    """A row of a table: its name, its price and preparation, and what was asked of it."""
    title = _title(fields)
    code = next((fields[name] for name in fields if name.lower() in ("code", "sku")), "")
    head = fields[title] if not code or code.lower() in fields[title].lower() else f"{fields[title]} ({code})"
    rest = [name for name in fields if name != title and not _CODES.match(name)]
    always = [name for name in rest if _ALWAYS.search(name)]
    wanted = [name for name in rest if name not in always and _stems(name.replace("_", " ")) & asked.stems]
    others = [name for name in rest if not _ALIASES.search(name) and len(fields[name]) <= _SHORT]
    kept = list(dict.fromkeys([*always, *wanted, *([] if brief and always else others)]))[:_MOST_FIELDS]
    told = "; ".join(_field(name, fields[name], language) for name in kept)
    return f"{head}: {told}." if told else f"{head}."


def _title(fields: Row) -> str:
    return next((name for name in fields if not _CODES.match(name)), next(iter(fields)))


def _field(name: str, value: str, language: str) -> str:
    currency = _CURRENCY.search(name)
    bare = _CURRENCY.sub("", name).replace("_", " ").strip()
    if currency and re.match(r"\d", value):
        value = re.sub(r"^\d{4,}", lambda number: f"{int(number[0]):,}", value)
        value = _SIGNS.get(currency[1].lower(), "{} " + currency[1].upper()).format(value)
    if re.match(r"price|cost|rate", bare, re.IGNORECASE) and re.search(r"\d", value):
        return value
    return f"{label(language, bare)}: {translated(language, value)}"


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
