"""How a document's JSON sits in Firestore, which takes more than JSON but no list in a list.

A list directly in a list becomes a map of the one name `~[]`, so names that begin with `~` get another
one in front. Everything else stays as it is, so indexes and the Google console see fields by their names.
"""

from math import isfinite
from typing import cast

from google.cloud.firestore_v1.field_path import FieldPath

from shared.backends.limits import reserved
from shared.domain.errors import Permanent
from shared.ports import Data

EXPIRY = "expire_at"  # the field a TTL policy watches
WRITE = "write_id"  # differs with every write: Firestore keeps the version of a document that stays equal
_OURS = (EXPIRY, WRITE)  # at the top of a document, never in its data
_LIST = "~[]"


def _name(key: object, holder: str, *, top: bool = False) -> str:
    if not isinstance(key, str) or not key or reserved(key):
        raise Permanent(f"{holder!r} has a key {key!r}: keys are text, not empty, not of the form __x__")
    return f"~{key}" if key.startswith("~") or (top and key in _OURS) else key


def stored(value: object, holder: str, *, inside: bool = False) -> object:
    """A value as Firestore takes it; `inside` says that it stands directly in a list.

    Raises Permanent, naming its `holder`, for what is no JSON.
    """
    if value is None or isinstance(value, (str, bool, int, bytes)):
        return value
    if isinstance(value, dict):
        return {_name(key, holder): stored(item, holder) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [stored(item, holder, inside=True) for item in value]
        return {_LIST: items} if inside else items
    if isinstance(value, float) and isfinite(value):
        return value
    raise Permanent(f"{holder!r} holds a {type(value).__name__}, which is no JSON: store text or a number")


def stored_data(data: Data, holder: str) -> Data:
    """A whole document as Firestore takes it. Raises Permanent for what is no JSON."""
    return {_name(key, holder, top=True): stored(value, holder) for key, value in data.items()}


def read(value: object) -> object:
    """The value that `stored` was given."""
    if isinstance(value, dict):
        if value.keys() == {_LIST}:
            return read(value[_LIST])
        return {key.removeprefix("~"): read(item) for key, item in value.items()}
    if isinstance(value, list):
        return [read(item) for item in value]
    return value


def read_data(data: Data) -> Data:
    """The document that `stored_data` was given."""
    return cast("Data", read({key: value for key, value in data.items() if key not in _OURS}))


def field_path(field: str) -> str:
    """A dotted field of the port as a path of Firestore's query language."""
    if field == "__name__":
        return field
    first, *rest = field.split(".")
    return FieldPath(_name(first, field, top=True), *(_name(part, field) for part in rest)).to_api_repr()
