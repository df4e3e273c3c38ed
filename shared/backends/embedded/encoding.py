"""Documents as JSON text that SQLite can look into, and back: nothing a document may hold is lost."""

from base64 import b64decode, b64encode
from math import isfinite
from typing import Any, cast

import msgspec

from shared.backends.limits import MAX_DOCUMENT_BYTES, reserved
from shared.domain.errors import Permanent
from shared.ports import Data

_BYTES = "__bytes__"  # a key no document can have
_SIMPLE = frozenset({str, bool, type(None)})
_SURELY_SMALL = MAX_DOCUMENT_BYTES // 2
_LARGEST_INTEGER = 2**63


def encode(data: Data, path: str) -> str:
    """The JSON text of a document. Raises Permanent naming what in `path` cannot be stored."""
    plain = _plain(data, path)
    try:
        text = msgspec.json.encode(plain).decode()
    except UnicodeEncodeError as error:
        raise Permanent(
            f"{path!r} holds text that is no Unicode (a lone surrogate): clean it first"
        ) from error
    if len(text) > _SURELY_SMALL and _size(data) > MAX_DOCUMENT_BYTES:
        raise Permanent(f"{path!r} is larger than {MAX_DOCUMENT_BYTES} bytes: keep its content in Blobs")
    return text


def decode(text: str) -> Data:
    """The document of a JSON text."""
    data = msgspec.json.decode(text)
    return cast("Data", _restored(data) if _BYTES in text else data)


def encode_value(value: object) -> object:
    """A value as `json_extract` shows it: a list or map as its JSON text."""
    plain = _plain(value, "a query")
    return msgspec.json.encode(plain).decode() if isinstance(plain, list | dict) else plain


def _plain(value: object, where: str) -> object:
    kind = type(value)
    if kind in _SIMPLE:
        return value
    if kind is dict:
        # What is nearly always so is seen without a call.
        return {
            key if type(key) is str and key and key[0] != "_" else _key(key, where): (
                item if type(item) in _SIMPLE else _plain(item, where)
            )
            for key, item in cast("dict[object, object]", value).items()
        }
    if kind is list or kind is tuple:
        return [_plain(item, where) for item in cast("list[object]", value)]
    if kind is int:
        return _integer(cast("int", value), where)
    if kind is bytes:
        return {_BYTES: b64encode(cast("bytes", value)).decode()}
    return _rarer(value, where)


def _key(key: object, where: str) -> str:
    if not isinstance(key, str) or not key or reserved(key):
        raise Permanent(f"{where!r} has a key {key!r}: keys are text, not empty, not of the form __x__")
    return key


def _integer(value: int, where: str) -> int:
    if not -_LARGEST_INTEGER <= value < _LARGEST_INTEGER:
        raise Permanent(f"{where!r} holds an integer beyond 64 bits: store it as text")
    return value


def _rarer(value: object, where: str) -> object:
    if isinstance(value, bytes):
        return {_BYTES: b64encode(value).decode()}
    if isinstance(value, float) and isfinite(value):
        return float(value)
    if isinstance(value, str):  # a StrEnum
        return str(value)
    if isinstance(value, int):
        return _integer(int(value), where)
    raise Permanent(f"{where!r} holds a {type(value).__name__}, which is no JSON: store text or a number")


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        if _BYTES in value:
            return b64decode(value[_BYTES])
        return {key: _restored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_restored(item) for item in value]
    return value


def _size(value: object) -> int:
    """Bytes as Firestore counts them, near enough: https://firebase.google.com/docs/firestore/storage-size."""
    if isinstance(value, str):
        return len(value.encode()) + 1
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(_size(key) + _size(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return sum(_size(item) for item in value)
    return 8
