"""What Firestore must know beforehand, `shared/backends/google/indexes.json`, is what the code asks."""

import json
import re

import pytest

from shared.backends.google.letters import COLLECTION
from shared.backends.google.live import NOTES
from shared.backends.google.values import EXPIRY
from shared.domain.expiring import EXPIRING
from shared.ports import Query, Where
from tests.house.tree import ROOT, files
from tests.indexed import lacking, lacking_of_count

OVERRIDES = json.loads((ROOT / "shared/backends/google/indexes.json").read_text("utf-8"))["fieldOverrides"]


def test_every_collection_that_expires_has_its_policy():
    """A document with an end is removed on Google Cloud too: one TTL policy a collection group, no more."""
    policies = [one for one in OVERRIDES if one.get("ttl")]

    assert sorted(EXPIRING) == sorted(one["collectionGroup"] for one in policies)
    assert {EXPIRY} == {one["fieldPath"] for one in policies}
    for one in policies:  # counts look for expired documents of a collection
        assert [{"order": "ASCENDING", "queryScope": "COLLECTION"}] == one["indexes"]


def test_what_the_backend_itself_lets_expire_is_on_the_list():
    """Dead letters and notes go past the tenants' stores, which would refuse a name that is not there."""
    assert {COLLECTION.rpartition("/")[2], NOTES} <= EXPIRING


def test_every_look_across_tenants_has_its_index():
    """Ordering a collection group is what Firestore does not index by itself."""
    asked = set()
    for path in files():
        if path.suffix == ".py" and path.is_relative_to(ROOT / "shared"):
            asked |= set(re.findall(r"\.across_tenants\(\s*\"(\w+)\"", path.read_text("utf-8")))
    groups = {
        one["collectionGroup"]
        for one in OVERRIDES
        if {"order": "ASCENDING", "queryScope": "COLLECTION_GROUP"} in one["indexes"]
    }

    assert {"outbox", "kept_files", "calls"} <= asked
    assert asked == groups


@pytest.mark.parametrize(
    ("collection", "query", "told"),
    [
        ("tickets", Query((Where("state", "==", "open"),), ("-created_at",)), ""),
        ("tickets", Query((Where("state", "==", "open"), Where("desk", "==", "d")), ("-created_at",)), ""),
        ("tickets", Query((Where("state", "in", ["open"]),), ("created_at",)), ""),  # read from its end
        ("tickets", Query((Where("state", "==", "open"), Where("desk", "==", "d"))), ""),
        ("any", Query((Where("at", ">", "a"), Where("at", "<", "b")), ("-at",)), ""),
        ("a/b/any", Query(order=("__name__",)), ""),
        ("tickets", Query((Where("subject", "==", "s"),), ("-created_at",)), "subject with created_at down"),
        ("tickets", Query((Where("state", "==", "open"),), ("due",)), "state with due up"),
        ("tickets", Query((Where("state", "==", "open"), Where("at", ">", "a"))), "state with at up"),
        ("any", Query(order=("a", "-b")), "a, b with a up, b down"),
    ],
)
def test_what_needs_an_index_is_told_from_what_needs_none(collection, query, told):
    """Equality alone and one field's order need none; equality beside another field's order needs its own."""
    group = collection.rpartition("/")[2]

    assert (f"{group}: {told}" if told else "") == lacking(collection, query)


def test_a_count_where_documents_expire_needs_the_end_too():
    """What has expired is counted and taken away, by the same conditions."""
    late = (Where("late", "==", True), Where("solved_at", "==", ""))

    assert "" == lacking_of_count("tickets", late)
    assert "" == lacking_of_count("tickets", ())
    assert "tickets: state with expire_at up" == lacking_of_count("tickets", (Where("state", "==", "open"),))
