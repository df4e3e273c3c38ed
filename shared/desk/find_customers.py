"""Finds customers by what people type into a search: names, handles, numbers."""

from shared.desk.customers import read_customer
from shared.domain.customers import searched
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

_FOUND = 30  # customers of a search; a query takes no more values


async def customers_named(store: TenantStore, words: str) -> list[str]:
    """The customers whom these words name, all of them; the longest is looked up, the others compared."""
    digits = "".join(filter(str.isdigit, words))
    number = len(digits) >= 4 and not any(letter.isalpha() for letter in words)
    terms = [digits] if number else sorted({word[:12] for word in searched(words)}, key=len, reverse=True)
    if not terms:
        return []
    where = (Where("terms", "contains", terms[0]),)
    page = await store.query("customers", Query(where, limit=_FOUND * 4))
    found = [read_customer(one) for one in page.documents]
    return [one.id for one in found if set(terms) <= set(one.terms) and not one.merged_into][:_FOUND]
