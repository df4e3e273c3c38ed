"""What the inbox asks at every drawing is found without reading every conversation, as in Firestore."""

from shared.backends.embedded.query import in_group, ordering, value_of
from shared.ports import Query


def _index(name: str, *values: str, order: str = "") -> str:
    """For conversations whose fields equal something, in the order of one more."""
    places = [value_of(field) for field in values]
    if order:
        keys, _ = ordering(Query(order=(order,)), group=False)
        places += [f"{key.sql} DESC" if key.descending else key.sql for key in keys]
    heads = in_group("conversations")
    return f"CREATE INDEX documents_{name} ON documents (collection, {', '.join(places)}) WHERE {heads}"


INDEXES = (
    _index("by_state", "state", "assignee"),
    _index("by_assignee", "assignee", order="-last_at"),
    _index("by_last_at", order="-last_at"),
)
"""Statements; a query finds its index by saying the same SQL. They cost a write of a head 50 microseconds."""
