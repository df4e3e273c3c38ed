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
    columns = ", ".join(("collection", *places))
    return f"CREATE INDEX IF NOT EXISTS documents_{name} ON documents ({columns}) WHERE {heads}"


INDEXES = (
    _index("by_unread", "state", "unread"),
    _index("by_assigned_unread", "state", "assignee", "unread"),
    _index("by_assigned_waiting", "state", "assignee", "first_waiting"),
    _index("by_assignee", "assignee", order="-last_at"),
    _index("by_last_at", order="-last_at"),
)
"""Statements; a query finds its index by saying the same SQL. Each ends in what the numbers on the tabs
bound, so that a tab of which nothing is unread is not read through to learn so."""

REPLACED = ("documents_by_state",)
"""Indexes that older files have and no query needs any more."""
