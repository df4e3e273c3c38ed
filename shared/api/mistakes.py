"""What is wrong with a body, in words that say what would be right: the fields there are, what a name is."""

import re
from collections.abc import Iterator

import msgspec
from msgspec import inspect

MOST = 25
"""Fields that are listed; of a longer list nobody reads the end."""
_UNKNOWN = "Object contains unknown field "
_PATTERN = "Expected `str` matching regex "
_KEY = "`key` in "
_STEP = re.compile(r"\.(\w+)|\[[^\]]*\]")


def mistake(error: msgspec.DecodeError, shape: object) -> str:
    """What msgspec found in a body that is to be a `shape`, as a sentence without its end."""
    text = str(error)
    found, _, place = text.partition(" - at ")
    if found.startswith(_UNKNOWN):
        fields = [one.encode_name for each in _at(shape, place) for one in _fields(each)]
        if 0 < len(fields) <= MOST:
            return f"{text}; there are {', '.join(fields)}"
        return f"{text}; it takes none" if not fields else text
    if found.startswith(_PATTERN):
        words = next(filter(None, map(_description, _at(shape, place))), "")
        where = place.removeprefix(_KEY)
        what = f"a name in {where}" if place.startswith(_KEY) else where
        return f"{what} is {words}" if words else text
    return text


def _at(shape: object, place: str) -> list[inspect.Type]:
    """The types a place such as `$.about[0].name` may have."""
    types = [inspect.type_info(shape)]
    for name in (step[1] for step in _STEP.finditer(place)):
        types = [inner for each in types for inner in _inner(each, name)]
    if place.startswith(_KEY):
        types = [each.key_type for each in map(_bare, types) if isinstance(each, inspect.DictType)]
    return types


def _inner(type_: inspect.Type, name: str | None) -> Iterator[inspect.Type]:
    """What stands in a type under a field's name, or as one of its items where that is None."""
    match _bare(type_):
        case inspect.UnionType(types=types):
            for each in types:
                yield from _inner(each, name)
        case inspect.StructType(fields=fields):
            yield from (one.type for one in fields if one.encode_name == name)
        case inspect.DictType(value_type=value):
            yield value
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            yield item


def _fields(type_: inspect.Type) -> tuple[inspect.Field, ...]:
    match _bare(type_):
        case inspect.UnionType(types=types):
            return tuple(one for each in types for one in _fields(each))
        case inspect.StructType(fields=fields):
            return fields
    return ()


def _description(type_: inspect.Type) -> str:
    """What a type's Meta says of it."""
    match type_:
        case inspect.UnionType(types=types):
            return next(filter(None, map(_description, types)), "")
        case inspect.Metadata(extra_json_schema=schema):
            return str((schema or {}).get("description", ""))
    return ""


def _bare(type_: inspect.Type) -> inspect.Type:
    return _bare(type_.type) if isinstance(type_, inspect.Metadata) else type_
