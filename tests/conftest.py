"""What every test is held to, whatever it is about."""

from collections.abc import Iterator

import pytest

from shared.ports import Page, Query, Where
from shared.security.tenancy import PlatformStore, TenantStore
from tests.indexed import lacking, lacking_of_count


@pytest.fixture(autouse=True)
def only_indexed_queries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the product asks of its store in a test, Firestore can answer too."""
    refused: set[str] = set()
    part = TenantStore.__base__
    assert part is PlatformStore.__base__
    query, count = part.query, part.count

    async def asked(self: TenantStore, collection: str, wanted: Query) -> Page:
        refused.add(lacking(collection, wanted))
        page: Page = await query(self, collection, wanted)
        return page

    async def counted(
        self: TenantStore, collection: str, where: tuple[Where, ...] = (), *, most: int | None = None
    ) -> int:
        refused.add(lacking_of_count(collection, where))
        number: int = await count(self, collection, where, most=most)
        return number

    monkeypatch.setattr(part, "query", asked)
    monkeypatch.setattr(part, "count", counted)
    yield
    assert refused <= {""}, "add to shared/backends/google/indexes.json, or ask another way"
