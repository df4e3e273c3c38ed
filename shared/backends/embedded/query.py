"""A Query as SQL over JSON, with Firestore's meaning: types never mix, and a missing field never matches."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from shared.backends.embedded.encoding import encode_value
from shared.backends.limits import check_field
from shared.domain.errors import Permanent
from shared.ports import Query, Where

NAME = "__name__"
_COMPARE = {"==": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True, slots=True)
class Key:
    """One expression that documents are ordered by."""

    sql: str
    descending: bool


@dataclass(slots=True)
class Sql:
    """A condition in SQL with the values of its marks."""

    text: str
    values: tuple[object, ...] = ()


def _path(field: str) -> str:
    """The JSON path of a dotted field, as an SQL literal."""
    check_field(field)
    return "'$." + ".".join(f'"{part}"' for part in field.split(".")).replace("'", "''") + "'"


def value_of(field: str) -> str:
    """A field's value in SQL; an index is used where it says the same."""
    return f"json_extract(data, {_path(field)})"


def content(fields: Sequence[str]) -> Sql:
    """A document's JSON in SQL: whole, or these fields of it, as they were written.

    SQLite looks through the text once; what is left out is neither copied nor read by us. It shows a constant
    as a number, and writes fewer digits of a number than there are, if it is not told.
    """
    if not fields:
        return Sql("data")
    value = (
        "CASE each.type WHEN 'true' THEN json('true') WHEN 'false' THEN json('false')"
        " WHEN 'array' THEN json(each.value) WHEN 'object' THEN json(each.value)"
        " WHEN 'real' THEN json(printf('%!.17g', each.value)) ELSE each.value END"
    )
    marks = ", ".join("?" * len(fields))
    return Sql(
        f"(SELECT json_group_object(key, {value}) FROM json_each(data) each WHERE key IN ({marks}))",  # noqa: S608 - fields are marks
        tuple(fields),
    )


def in_group(group: str) -> str:
    """The condition of a collection group, written out: an index that is for one is used for no mark."""
    return "grp = '" + group.replace("'", "''") + "'"


def _rank(field: str) -> str:
    """Firestore's order of types; NULL where the field is missing."""
    return (
        f"CASE json_type(data, {_path(field)}) WHEN 'null' THEN 0 WHEN 'false' THEN 1 WHEN 'true' THEN 1"
        " WHEN 'integer' THEN 2 WHEN 'real' THEN 2 WHEN 'text' THEN 3 WHEN 'array' THEN 4"
        " WHEN 'object' THEN 5 END"
    )


def _rank_of(value: object) -> int:
    if isinstance(value, bool):
        return 1
    for rank, kinds in ((2, (int, float)), (3, (str,)), (4, (list, tuple)), (5, (dict, bytes))):
        if isinstance(value, kinds):
            return rank
    return 0


def conditions(where: Sequence[Where]) -> Sql:
    """All of the conditions, as one text that begins with AND; empty where there are none."""
    parts = [_condition(one) for one in where]
    return Sql(
        "".join(f" AND ({part.text})" for part in parts),
        tuple(value for part in parts for value in part.values),
    )


def _condition(where: Where) -> Sql:
    if where.op == "in":
        return _among(where.field, _listed(where.value))
    if where.field == NAME:
        return _named(where)
    if where.op == "contains":
        return _contains(where.field, where.value)
    if where.op == "!=":
        return _unequal(where.field, where.value)
    if where.op == "==":
        return _equal(where.field, where.value)
    return Sql(
        f"{_rank(where.field)} = ? AND {value_of(where.field)} {_COMPARE[where.op]} ?",
        (_rank_of(where.value), encode_value(where.value)),
    )


def _listed(values: object) -> Sequence[object]:
    return values if isinstance(values, (list, tuple)) else (values,)


def _among(field: str, values: Sequence[object]) -> Sql:
    """Texts are compared as one list, for which an index serves; else each kind has its own rank."""
    if field == NAME or not all(isinstance(value, str) for value in values):
        return _any([_equal(field, value) for value in values])
    marks = ", ".join("?" * len(values))
    return Sql(f"{value_of(field)} IN ({marks}) AND {_rank(field)} = ?", (*values, _rank_of("")))


def _any(parts: Sequence[Sql]) -> Sql:
    return Sql(
        " OR ".join(f"({part.text})" for part in parts),
        tuple(value for part in parts for value in part.values),
    )


def _named(where: Where) -> Sql:
    compare = "<>" if where.op == "!=" else _COMPARE.get(where.op)
    if compare is None:
        raise Permanent(f"a document's name cannot be asked with {where.op!r}")
    return Sql(f"name {compare} ?", (where.value,))


def _equal(field: str, value: object) -> Sql:
    if field == NAME:
        return Sql("name = ?", (value,))
    if value is None:
        return Sql(f"{_rank(field)} = 0")
    return Sql(f"{value_of(field)} = ? AND {_rank(field)} = ?", (encode_value(value), _rank_of(value)))


def _unequal(field: str, value: object) -> Sql:
    """Null is unequal to nothing, as in Firestore."""
    equal = _equal(field, value)
    return Sql(f"{_rank(field)} > 0 AND NOT ({equal.text})", equal.values)


def _contains(field: str, value: object) -> Sql:
    kinds = (
        ("null",),
        ("true",) if value else ("false",),
        ("integer", "real"),
        ("text",),
        ("array",),
        ("object",),
    )
    marks = ", ".join(f"'{kind}'" for kind in kinds[_rank_of(value)])
    path = _path(field)
    return Sql(
        f"json_type(data, {path}) = 'array' AND EXISTS (SELECT 1 FROM json_each(data, {path}) AS item"  # noqa: S608 - a quoted path
        f" WHERE item.type IN ({marks}) AND item.value IS ?)",
        (encode_value(value),),
    )


def ordering(query: Query, *, group: bool) -> tuple[list[Key], str]:
    """The keys of a query's order down to the document's name, and the condition that its fields exist."""
    keys: list[Key] = []
    exist = ""
    descending = False
    for field in query.order:
        descending = field.startswith("-")
        bare = field.removeprefix("-")
        if bare == NAME:
            return keys + _name_keys(descending=descending, group=group), exist
        keys += [Key(_rank(bare), descending), Key(value_of(bare), descending)]
        exist += f" AND json_type(data, {_path(bare)}) IS NOT NULL"
    return keys + _name_keys(descending=descending, group=group), exist


def _name_keys(*, descending: bool, group: bool) -> list[Key]:
    names = ("collection", "name") if group else ("name",)
    return [Key(name, descending) for name in names]


def after(keys: Sequence[Key], cursor: str | None) -> Sql:
    """The condition that a document comes after the cursor; begins with AND, empty without a cursor."""
    if cursor is None:
        return Sql("")
    last = _opened(cursor, len(keys))
    either: list[Sql] = []
    for place, key in enumerate(keys):
        same = [f"{former.sql} IS ?" for former in keys[:place]]
        beyond = f"{key.sql} {'<' if key.descending else '>'} ?"
        either.append(Sql(" AND ".join([*same, beyond]), tuple(last[: place + 1])))
    text = _any(either)
    return Sql(f" AND ({text.text})", text.values)


def sealed(values: Sequence[object]) -> str:
    """A cursor that holds the order's values of the last document of a page."""
    return urlsafe_b64encode(json.dumps(values).encode()).decode()


def _opened(cursor: str, keys: int) -> list[object]:
    try:
        values = json.loads(urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or len(values) != keys:
        raise Permanent("the cursor is not one of this query: begin again without it")
    return values
