"""What the customers of a list are called, read in one go."""

from collections.abc import Iterable

import msgspec

from shared.console.conversation import called
from shared.domain.customers import Customer
from shared.security.tenancy import TenantStore


async def people_named(store: TenantStore, customers: Iterable[str]) -> dict[str, str]:
    """What those who are known are called, by the customer's id."""
    ids = list(dict.fromkeys(filter(None, customers)))
    found = await store.get_many([f"customers/{one}" for one in ids]) if ids else []
    people = [msgspec.convert(document.data, Customer) for document in found if document]
    return {one.id: called(one) for one in people}
