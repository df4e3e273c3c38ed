"""Vendors' JSON is read as it may come, not as documented: any field may be missing or of another type."""

from datetime import UTC, datetime

import msgspec

from shared.domain.errors import Malformed
from shared.domain.instants import stamp

Item = dict[str, object]

_LARGEST = 2**63  # what every store can keep as a number
_NESTED = 64  # containers inside each other in one body
_DEEPEST = 8  # levels of a structure we only pass on
_EARLIEST, _LATEST = (
    datetime(2009, 1, 1, tzinfo=UTC).timestamp(),
    datetime(2100, 1, 1, tzinfo=UTC).timestamp(),
)


def decode(body: bytes) -> Item:
    """The object in a body. Raises Malformed for anything else."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Malformed(f"the webhook's body is not JSON: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise Malformed(f"the webhook's body is not an object but {type(found).__name__}")
    if body.count(b"{") + body.count(b"[") > _NESTED and _depth(found) > _NESTED:
        raise Malformed(f"the webhook's body is nested more than {_NESTED} deep")
    return found


def _depth(value: object) -> int:
    """How many containers lie inside each other, counted level by level, so that depth costs no stack."""
    depth, level = 0, [value]
    while level:
        depth += 1
        inside = [list(one.values()) if isinstance(one, dict) else one for one in level]
        level = [
            one for many in inside if isinstance(many, list) for one in many if isinstance(one, dict | list)
        ]
    return depth


def mapping(item: Item, key: str) -> Item:
    """The object under `key`; empty where there is none."""
    found = item.get(key)
    return found if isinstance(found, dict) else {}


def mappings(item: Item, key: str) -> list[Item]:
    """The objects in the list under `key`; whatever else is in it is left out."""
    found = item.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(item: Item, key: str) -> str:
    """The text under `key`, a whole number as its digits; empty where there is neither."""
    found = item.get(key)
    if isinstance(found, str):
        return found
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def number(item: Item, key: str) -> float | None:
    """The number under `key`, also where it is written as text; None where there is none."""
    found = item.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        value = float(found)
    except (ValueError, OverflowError):
        return None
    return value if abs(value) < _LARGEST else None


def instant_of(item: Item, key: str, *, per_second: int = 1) -> str:
    """The stamp of a Unix instant; empty where it is missing or absurd, for the recorder to fill."""
    value = number(item, key)
    if value is None or not _EARLIEST <= value / per_second <= _LATEST:
        return ""
    return stamp(datetime.fromtimestamp(value / per_second, UTC))


def kept(item: Item) -> Item:
    """The item as any store can hold it: too deep a part, a list in a list, too large a number as text."""
    return {key: _kept(value, 1) for key, value in item.items()}


def _written(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _kept(value: object, depth: int) -> object:
    if isinstance(value, dict | list) and depth == _DEEPEST:
        return _written(value)
    if isinstance(value, dict):
        return {key: _kept(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):  # Firestore takes no list that lies directly in a list
        return [_written(inner) if isinstance(inner, list) else _kept(inner, depth + 1) for inner in value]
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return str(value)
    return value
