"""Whether Firestore could answer a query with the indexes it makes by itself and those of indexes.json.

The emulator asks for none and the embedded backend needs none, so every test asks here instead.
"""

import json

from shared.domain.expiring import EXPIRING
from shared.ports import Query, Where
from tests.house.tree import ROOT

EXPIRY, NAME = "expire_at", "__name__"
_RANGES = ("!=", "<", "<=", ">", ">=")
Sorted = list[tuple[str, bool]]  # fields by which an index is sorted, and whether downwards

_FILE = json.loads((ROOT / "shared/backends/google/indexes.json").read_text("utf-8"))
COMPOSITE: list[tuple[str, Sorted]] = [
    (
        one["collectionGroup"],
        [(field["fieldPath"], field["order"] == "DESCENDING") for field in one["fields"]],
    )
    for one in _FILE["indexes"]
]


def lacking(collection: str, query: Query) -> str:
    """What index a query of a collection lacks, in words; empty where it lacks none."""
    group = collection.rpartition("/")[2]
    same = {one.field for one in query.where if one.op not in _RANGES} - {NAME}
    ranges = sorted({one.field for one in query.where if one.op in _RANGES} - {NAME})
    order = [(one.removeprefix("-"), one.startswith("-")) for one in query.order if one != NAME]
    down = bool(order) and order[-1][1]
    order += [(field, down) for field in ranges if field not in {named for named, _ in order}]
    if not order or (len(order) == 1 and not same):
        return ""
    turned = [(field, not downwards) for field, downwards in order]
    fitting = [
        {field for field, _ in fields[: -len(order)]}
        for of, fields in COMPOSITE
        if of == group and fields[-len(order) :] in (order, turned)
    ]
    covered = set().union(*(before for before in fitting if before <= same))
    missing = sorted(same - covered) if same else [field for field, _ in order if set() not in fitting]
    if not missing:
        return ""
    wanted = ", ".join(f"{field} {'down' if downwards else 'up'}" for field, downwards in order)
    return f"{group}: {', '.join(missing)} with {wanted}"


def lacking_of_count(collection: str, where: tuple[Where, ...]) -> str:
    """As `lacking`, of a count, which also looks for what has expired."""
    found = lacking(collection, Query(where))
    if found or collection.rpartition("/")[2] not in EXPIRING or not where:
        return found
    return lacking(collection, Query((*where, Where(EXPIRY, "<=", ""))))
