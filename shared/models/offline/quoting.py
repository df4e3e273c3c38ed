"""Passages of a desk's knowledge, told shortly and with where they come from."""

import re
from collections.abc import Mapping, Sequence
from typing import cast

from shared.models.offline.hearing import Heard, hear
from shared.models.offline.phrases import label, say, translated

_ENOUGH = 0.3  # of a question a passage must cover to be an answer
_BESIDE = 0.85  # a second row is told when it covers nearly as much as the best
_MOST_ROWS = 4
_LONGEST = 320  # letters of a quoted text
_CODES = re.compile(r"^(code|id|sku|ref|key|no|number|category|type)$", re.IGNORECASE)
_CURRENCY = re.compile(r"[_ (](inr|usd|eur|gbp|aed|rs)\)?$", re.IGNORECASE)
_SIGNS = {"inr": "₹{}", "rs": "₹{}", "usd": "${}", "eur": "€{}", "gbp": "£{}"}
_ALWAYS = re.compile(r"price|cost|rate|fee|mrp|prep|fast", re.IGNORECASE)
_SENTENCES = re.compile(r"(?<=[.!?।])\s+|\n+")

Passage = Mapping[str, object]


def quote(passages: Sequence[Passage], asked: Heard, language: str) -> tuple[str, float]:
    """What the passages say to the question, and how sure it is, 0..1; empty where they say nothing."""
    scored = sorted(
        ((covers(one, asked), -at, one) for at, one in enumerate(passages)),
        key=lambda item: item[:2],
        reverse=True,
    )
    if not scored or scored[0][0] < _ENOUGH:
        return "", scored[0][0] if scored else 0.0
    best = scored[0][0]
    rows = [one for score, _, one in scored if score >= best * _BESIDE and _fields(one)][:_MOST_ROWS]
    chosen = rows if rows and _fields(scored[0][2]) else [scored[0][2]]
    told = [_row(_fields(one), asked, language) if _fields(one) else _text(one, asked) for one in chosen]
    source = _source(str(chosen[0].get("source", "")))
    ending = f" {say(language, 'source', source=source)}" if source else ""
    return "\n".join(dict.fromkeys(told)) + ending, min(best, 1.0)


def covers(passage: Passage, asked: Heard) -> float:
    """How much of the question a passage covers, 0..1: the index's own score, else shared words."""
    score = passage.get("score")
    if isinstance(score, (int, float)):
        return float(score)
    stems = hear(str(passage.get("text", ""))).stems
    return len(asked.stems & stems) / len(asked.stems) if asked.stems else 0.0


def _fields(passage: Passage) -> dict[str, str]:
    fields = passage.get("fields")
    if not isinstance(fields, Mapping):
        return {}
    return {str(name): str(value).strip() for name, value in fields.items() if str(value).strip()}


def _row(fields: dict[str, str], asked: Heard, language: str) -> str:
    """A row of a table: its name, then what was asked of it and what is always worth telling."""
    title = _title(fields)
    code = next(
        (fields[name] for name in fields if _CODES.match(name) and name.lower() in ("code", "sku")), ""
    )
    head = fields[title] if not code or code.lower() in fields[title].lower() else f"{fields[title]} ({code})"
    rest = [name for name in fields if name != title and not _CODES.match(name)]
    rest.sort(
        key=lambda name: (not _ALWAYS.search(name), not hear(name.replace("_", " ")).stems & asked.stems)
    )
    told = [_field(name, fields[name], language) for name in rest[:4]]
    return f"{head}: {'; '.join(told)}." if told else f"{head}."


def _title(fields: dict[str, str]) -> str:
    return next((name for name in fields if not _CODES.match(name)), next(iter(fields)))


def _field(name: str, value: str, language: str) -> str:
    currency = _CURRENCY.search(name)
    bare = _CURRENCY.sub("", name).replace("_", " ").strip()
    if currency and re.match(r"\d", value):
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
    told = " ".join(_ended(one) for one in sentences[at : at + 2])
    return told if len(told) <= _LONGEST else told[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"


def _ended(sentence: str) -> str:
    return sentence if sentence[-1] in ".!?।:" else f"{sentence}."


def _source(name: str) -> str:
    """A file's name as people say it: `price-list.csv#3` is "price list"."""
    stem = re.split(r"\.(?:md|csv|txt|pdf)\b|#", name.rsplit("/", 1)[-1])[0]
    return re.sub(r"[-_]+", " ", stem).strip()


def rows_of(result: Mapping[str, object] | None) -> list[str]:
    """The names of the table rows that answer best among a result's passages."""
    scored = [(float(str(one.get("score", 1))), _fields(one)) for one in passages_of(result) or ()]
    best = max((score for score, _ in scored), default=0.0)
    return [
        fields[_title(fields)] for score, fields in scored if fields and score >= max(best * _BESIDE, _ENOUGH)
    ]


def passages_of(result: Mapping[str, object] | None) -> list[Passage] | None:
    """The passages a tool's result brings, or None where it is no search."""
    found = (result or {}).get("passages")
    return cast("list[Passage]", found) if isinstance(found, list) else None
