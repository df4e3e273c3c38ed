"""The port's queries in Firestore's language, and cursors that resume them in another process."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from google.cloud.firestore_v1 import AsyncClient, AsyncDocumentReference, DocumentSnapshot
from google.cloud.firestore_v1.async_query import AsyncQuery
from google.cloud.firestore_v1.base_query import FieldFilter

from shared.backends.google.values import field_path, stored
from shared.domain.errors import Malformed
from shared.ports import Query, Where

NAME = "__name__"
_RANGES = ("!=", "<", "<=", ">", ">=")
_BYTES = "~bytes"  # no stored map has this name alone, see values.py

Snapshot = DocumentSnapshot[AsyncDocumentReference]


@dataclass(frozen=True, slots=True)
class Source:
    """Where documents come from: one collection, or every collection of a last name."""

    everything: AsyncQuery
    reference: Callable[[str], AsyncDocumentReference]  # of a name, or in a group of a whole path

    @classmethod
    def collection(cls, client: AsyncClient, path: str) -> "Source":
        """The documents directly in a collection."""
        collection = client.collection(path)
        return cls(AsyncQuery(collection), collection.document)

    @classmethod
    def group(cls, client: AsyncClient, name: str) -> "Source":
        """The documents of every collection of that last name."""
        return cls(client.collection_group(name), client.document)

    def where(self, conditions: tuple[Where, ...]) -> AsyncQuery:
        """The documents on which all conditions hold."""
        asked = self.everything
        for one in conditions:
            operator = "array_contains" if one.op == "contains" else one.op
            asked = asked.where(filter=FieldFilter(field_path(one.field), operator, self._operand(one)))
        return asked

    def _operand(self, condition: Where) -> object:
        """A condition's value; a document's name is a reference in Firestore, not a text."""
        value = condition.value
        if condition.op == "in":
            return [self._operand(Where(condition.field, "==", one)) for one in cast("list[object]", value)]
        if condition.field == NAME:
            return self.reference(str(value))
        return stored(value, condition.field, inside=condition.op == "contains")


def ordering(query: Query) -> list[tuple[str, str]]:
    """The fields that decide the order, and each one's direction; the document's name is the last.

    Firestore orders by the fields of ranges too, and breaks ties in the direction of the last
    field: said here, so that a cursor holds a value for each.
    """
    order = list(query.order)
    named = {field.removeprefix("-") for field in order}
    sign = "-" if order and order[-1].startswith("-") else ""
    ranges = {condition.field for condition in query.where if condition.op in _RANGES}
    if NAME not in named:
        order += [sign + field for field in (*sorted(ranges - named - {NAME}), NAME)]
    return [
        (field_path(field.removeprefix("-")), "DESCENDING" if field.startswith("-") else "ASCENDING")
        for field in order
    ]


def position(snapshot: Snapshot, order: list[tuple[str, str]]) -> list[object]:
    """Where a document stands in an order: a value for each field of it."""
    return [snapshot.reference if path == NAME else snapshot.get(path) for path, _ in order]


def cursor_of(place: list[object]) -> str:
    """A position as text."""

    def plain(value: Any) -> object:
        return {_BYTES: base64.b64encode(value).decode()} if isinstance(value, bytes) else {NAME: value.path}

    return base64.urlsafe_b64encode(json.dumps(place, default=plain).encode()).decode()


def place_of(cursor: str, order: list[tuple[str, str]], client: AsyncClient) -> list[object]:
    """The position in an order that a cursor names. Raises Malformed for a text that is none of its own."""

    def rich(pairs: dict[str, Any]) -> object:
        if pairs.keys() == {_BYTES}:
            return base64.b64decode(pairs[_BYTES])
        return client.document(pairs[NAME]) if pairs.keys() == {NAME} else pairs

    try:
        place = json.loads(base64.urlsafe_b64decode(cursor), object_hook=rich)
    except ValueError:
        place = None
    if not isinstance(place, list) or len(place) != len(order):
        raise Malformed("the cursor is not one of this query: begin again without it")
    return cast("list[object]", place)
