"""An id as people type it: its first letters will do where nothing else of the kind begins with them."""

import asyncio
from collections.abc import Iterable

from shared.cli.shape import WrongUse
from shared.domain.errors import NotThere
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

SHOWN = 5
"""Candidates that are named at most."""
_LAST = "~"  # sorts behind whatever an id is made of


async def whole_id(store: TenantStore, collection: str, typed: str, *, find: str) -> str:
    """The id of a tenant's document that begins with `typed`. Raises as `whole_id_among`."""
    return (await whole_id_among([store], collection, typed, find=find))[1]


async def whole_id_among(
    stores: Iterable[TenantStore], collection: str, typed: str, *, find: str
) -> tuple[str, str]:
    """Whose document of any of these tenants begins with `typed`, and its id; a whole id is itself.

    `find` says where ids are found. Raises NotThere where none begins so, WrongUse naming the candidates
    where several do.
    """
    kind = collection.removesuffix("s")
    beginning = (Where("__name__", ">=", typed), Where("__name__", "<", typed + _LAST))
    query = Query(beginning, ("__name__",), SHOWN + 1)
    asked = list(stores) if typed and "/" not in typed else []
    pages = await asyncio.gather(*(store.query(collection, query) for store in asked))
    found = [
        (store.tenant, document.path.rpartition("/")[2])
        for store, page in zip(asked, pages, strict=True)
        for document in page.documents
    ]
    exact = [one for one in found if one[1] == typed]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        raise NotThere(f"{kind} {typed} is unknown; {find}")
    more = " and others" if len(found) > SHOWN else ""
    names = ", ".join(id_ for _, id_ in found[:SHOWN])
    raise WrongUse(f"several {collection} begin with {typed}: {names}{more}; write more of it")
