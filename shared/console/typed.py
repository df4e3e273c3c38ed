"""What people type into a form as a value: words, or JSON where it is JSON."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from shared.domain.errors import Permanent

_READS = re.compile(r"\binput\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")


def value_of(text: str) -> Any:
    """A number, true, null, a list or an object as such; anything else is words. None for nothing."""
    text = text.strip()
    if not text:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def fields_read(text: str) -> tuple[str, ...]:
    """The fields of its input that a workflow's text reads, as dotted names, in the order it names them."""
    found = list(dict.fromkeys(_READS.findall(text)))
    return tuple(one for one in found if not any(other.startswith(f"{one}.") for other in found))


def nested(fields: Mapping[str, str]) -> dict[str, Any]:
    """Typed fields by their dotted names as the object they describe; empty ones are left out.

    Raises Permanent where one is both a value and an object.
    """
    whole: dict[str, Any] = {}
    for name, text in fields.items():
        value = value_of(text)
        if value is None:
            continue
        *above, last = name.split(".")
        place = whole
        for part in above:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise Permanent(f"{name} lies within {part}, which has a value of its own; leave one empty")
        place[last] = value
    return whole
