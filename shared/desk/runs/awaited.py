"""Keeps on a customer's record which runs wait for their next message, so that one costs no look-up."""

import msgspec

from shared.desk.commit import as_data, head_path, read_head
from shared.desk.customers import read_customer
from shared.domain.runs import Run, awaits_reply
from shared.ports import Put, Write
from shared.security.tenancy import TenantStore

MOST = 20
"""Runs that a record names, those that asked last."""


async def awaited(store: TenantStore, before: Run, run: Run) -> list[Write]:
    """The write that keeps whether a run waits for its customer's next message; none where it did before."""
    awaits = _awaits(run)
    if awaits == _awaits(before):
        return []
    customer = run.customer or await _of(store, run.conversation)
    document = await store.get(f"customers/{customer}") if customer else None
    while document and document.data.get("merged_into"):
        document = await store.get(f"customers/{document.data['merged_into']}")
    if document is None:
        return []
    known = read_customer(document)
    others = [one for one in known.awaiting if one != run.id]
    awaiting = tuple([*others, run.id][-MOST:] if awaits else others)
    if awaiting == known.awaiting:
        return []
    new = msgspec.structs.replace(known, awaiting=awaiting)
    return [Put(document.path, as_data(new), version=document.version)]


def _awaits(run: Run) -> bool:
    return awaits_reply(run) and not run.turn  # what answers a turn hears of the next one by its desk


async def _of(store: TenantStore, conversation: str) -> str:
    head = read_head(await store.get(head_path(conversation))) if conversation else None
    return head.customer if head else ""
