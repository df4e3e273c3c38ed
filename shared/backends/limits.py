"""What every backend refuses alike, so that nothing works on a laptop and fails in the cloud.

The figures are Firestore's (https://firebase.google.com/docs/firestore/quotas) or tighter.
"""

import re
from collections.abc import Sequence

from shared.domain.errors import Permanent
from shared.ports import Query, Where, Write

MAX_WRITES = 400
MAX_VALUES = 30
MAX_NAME_BYTES = 500
MAX_DOCUMENT_BYTES = 1_048_576

_SURELY_SHORT = MAX_NAME_BYTES // 4  # characters, of at most four bytes
_RESERVED = re.compile(r"__.*__")


def reserved(name: str) -> bool:
    """Whether the backends keep a name of this form (`__name__`) for themselves."""
    return name.startswith("__") and _RESERVED.fullmatch(name) is not None


def _check_parts(path: str, *, documents: bool) -> None:
    parts = path.split("/")
    kind = "document" if documents else "collection"
    if (len(parts) % 2 == 0) is not documents:
        raise Permanent(f"{path!r} is not a {kind}'s path: collection and document names take turns")
    for part in parts:
        if part and len(part) <= _SURELY_SHORT and part[0] not in "._":
            continue
        if not 1 <= len(part.encode(errors="replace")) <= MAX_NAME_BYTES:
            raise Permanent(
                f"{path!r} has a name that is not 1 to {MAX_NAME_BYTES} bytes: shorten or hash it"
            )
        if part in (".", "..") or reserved(part):
            raise Permanent(f"{path!r} has a name the store keeps for itself, {part!r}: choose another")


def check_path(path: str) -> None:
    """Raises Permanent unless `path` is a document's."""
    _check_parts(path, documents=True)


def check_collection(path: str) -> None:
    """Raises Permanent unless `path` is a collection's."""
    _check_parts(path, documents=False)


def check_writes(writes: Sequence[Write]) -> None:
    """Raises Permanent for a commit too large, with a bad path, or with two writes on one document."""
    if len(writes) > MAX_WRITES:
        raise Permanent(f"a commit of {len(writes)} writes: split it into parts of {MAX_WRITES} at most")
    seen: set[str] = set()
    for write in writes:
        check_path(write.path)
        if write.path in seen:
            raise Permanent(f"{write.path!r} is written twice in one commit: fold the writes into one")
        seen.add(write.path)


def check_field(field: str) -> None:
    """Raises Permanent unless `field` is one name, or several with dots between, without quotes."""
    if '"' in field or "`" in field or "" in field.split("."):
        raise Permanent(f"{field!r} is not a field a query can name: names with dots between, no quotes")


def check_where(where: Sequence[Where]) -> None:
    """Raises Permanent for a condition no backend can answer."""
    for condition in where:
        check_field(condition.field)
        if condition.op != "in":
            continue
        values = condition.value
        if not isinstance(values, (list, tuple)) or not 1 <= len(values) <= MAX_VALUES:
            raise Permanent(f"`{condition.field} in` takes a list of 1 to {MAX_VALUES} values")


def check_query(query: Query) -> None:
    """Raises Permanent for a query no backend can answer."""
    check_where(query.where)
    for field in query.order:
        check_field(field.removeprefix("-"))
    for field in query.fields:
        check_field(field)
        if "." in field or field == "__name__":
            raise Permanent(f"{field!r} cannot be read alone: name a top-level field")
    if "-__name__" in query.order:
        raise Permanent("names are ordered upwards alone: keep a field to order by downwards")
    if query.limit < 1:
        raise Permanent(f"a query's limit is at least 1, not {query.limit}")
