"""What Firestore must know beforehand, `shared/backends/google/indexes.json`, is what the code asks."""

import json
import re

from shared.backends.google.letters import COLLECTION
from shared.backends.google.live import NOTES
from shared.backends.google.values import EXPIRY
from shared.domain.expiring import EXPIRING
from tests.house.tree import ROOT, files

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

    assert {"outbox", "kept_files"} <= asked
    assert asked == groups
