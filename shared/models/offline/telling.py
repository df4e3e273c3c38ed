"""Rows of a table as people say them: one as sentences, several as a list, never as the table's own cells."""

import re
from collections.abc import Sequence

from shared.models.offline.hearing import Heard, hear
from shared.models.offline.phrases import label, say, translated
from shared.models.offline.spelling import stem

Row = dict[str, str]

_MOST_FIELDS = 3
_SHORT = 60  # letters of a cell that is told unasked
_CODES = re.compile(r"^(code|id|sku|ref|key|no|number|category)$", re.IGNORECASE)
_ALIASES = re.compile(r"also|alias|synonym|other name|code|short", re.IGNORECASE)
_CURRENCY = re.compile(r"[_ (](inr|usd|eur|gbp|aed|rs)\)?$", re.IGNORECASE)
_SIGNS = {"inr": "₹{}", "rs": "₹{}", "usd": "${}", "eur": "€{}", "gbp": "£{}"}
_PRICE = re.compile(r"^(price|cost|rate|fee|mrp)", re.IGNORECASE)
_ALWAYS = re.compile(r"price|cost|rate|fee|mrp|prep|fast", re.IGNORECASE)
_PER = re.compile(r"^(billed|per|unit|period)$", re.IGNORECASE)  # told in one breath with the price
_ABOUT = re.compile(r"^(about|description|details|what is in it)$", re.IGNORECASE)  # speaks for itself
_KIND = re.compile(r"^(kind|type|diet|class)$", re.IGNORECASE)  # told where it is asked for alone


def tell_rows(rows: Sequence[Row], asked: Heard, language: str, *, all_told: bool) -> str:
    """One row in sentences; several as a list, said to be all there is or only some."""
    if len(rows) == 1:
        return _sentences(rows[0], asked, language)
    lines = [_line(row, asked, language) for row in rows]
    return "\n".join([say(language, "these" if all_told else "among"), *lines])


def title(row: Row) -> str:
    """What the row is called."""
    return row[_titled(row)]


def is_alias(name: str) -> bool:
    """Whether a column holds other names of the row."""
    return _ALIASES.search(name) is not None


def stems(text: str) -> frozenset[str]:
    """Every word of a text, in its shortest form."""
    heard = hear(text)
    return heard.stems | {stem(word) for word in heard.words}


def _sentences(row: Row, asked: Heard, language: str) -> str:
    price = _price(row)
    head = say(language, "costs", name=_head(row), price=price) if price else _ended(_head(row), language)
    kept = _kept(row, asked, brief=False)
    return " ".join([head, *(_ended(_field(name, row[name], language), language) for name in kept)])


def _line(row: Row, asked: Heard, language: str) -> str:
    price = _price(row)
    beside = [_field(name, row[name], language) for name in _kept(row, asked, brief=True)]
    told = f"{_head(row)}, {price}" if price else _head(row)
    return f"• {told} ({'; '.join(beside)})" if beside else f"• {told}"


def _kept(row: Row, asked: Heard, *, brief: bool) -> list[str]:
    """The columns told beside name and price: how to prepare, what was asked, and else what is short."""
    spoken = {_titled(row), *(name for name in row if _CODES.match(name) or _PER.match(name))}
    if _price(row):
        spoken |= {name for name in row if _PRICE.match(name)}
    rest = [name for name in row if name not in spoken]
    always = [name for name in rest if _ALWAYS.search(name)]
    wanted = [name for name in rest if stems(name.replace("_", " ")) & asked.stems]
    others = [] if brief else [name for name in rest if len(row[name]) <= _SHORT and not _KIND.match(name)]
    kept = [*always, *wanted, *(name for name in others if not is_alias(name))]
    return list(dict.fromkeys(kept))[: _MOST_FIELDS - bool(_price(row))]


def _price(row: Row) -> str:
    """The price with its sign and what it is for; empty where the row has no figure for it."""
    name = next((one for one in row if _PRICE.match(one) and re.search(r"\d", row[one])), "")
    if not name:
        return ""
    value, currency = row[name], _CURRENCY.search(name)
    if currency and re.match(r"\d", value):
        value = re.sub(r"^\d{4,}", lambda number: f"{int(number[0]):,}", value)
        value = _SIGNS.get(currency[1].lower(), "{} " + currency[1].upper()).format(value)
    per = next((row[one] for one in row if _PER.match(one)), "")
    return f"{value} {per}".rstrip()


def _head(row: Row) -> str:
    code = next((row[name] for name in row if name.lower() in ("code", "sku")), "")
    return title(row) if not code or code.lower() in title(row).lower() else f"{title(row)} ({code})"


def _titled(row: Row) -> str:
    return next((name for name in row if not _CODES.match(name)), next(iter(row)))


def _field(name: str, value: str, language: str) -> str:
    bare = _CURRENCY.sub("", name).replace("_", " ").strip()
    if _ABOUT.match(bare):
        return value[:1].upper() + value[1:]
    told = label(language, bare)
    return f"{told[:1].upper()}{told[1:]}: {translated(language, value)}"


def _ended(sentence: str, language: str) -> str:
    if sentence[-1:] in (".", "!", "?", "।"):
        return sentence
    return f"{sentence}{'।' if language == 'hi' else '.'}"
