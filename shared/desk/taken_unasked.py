"""A conversation a person finished though nobody was asked, or nobody had come: told as a handover is."""

import msgspec

from shared.desk.commit import head_path, message_path, read_head, read_message
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

LOOKED_AT = 60
"""Messages back in which a person's words are looked for."""


async def taken_unasked(store: TenantStore, conversation: str, ended_at: str) -> Handover | None:
    """What a handover would hold of a person's words since the last one ended; None where they wrote none.

    It carries the reason and the id of the handover that nobody came for, where there is one.
    """
    head = read_head(await store.get(head_path(conversation)))
    if head is None:
        return None
    page = await store.query("handovers", Query(where=(Where("conversation", "==", conversation),)))
    former = sorted(
        (msgspec.convert(one.data, Handover) for one in page.documents), key=lambda one: one.asked_at
    )
    told = max((one.ended_at for one in former if one.state in ("handed_back", "resolved")), default="")
    seqs = range(max(head.last - LOOKED_AT + 1, 1), head.last + 1)
    found = await store.get_many([message_path(conversation, seq) for seq in seqs])
    messages = [read_message(one) for one in found if one]
    first = next((one.seq for one in messages if one.author == "human" and one.at > told), 0)
    asked = max((one.seq for one in messages if one.author == "customer" and one.seq < first), default=0)
    if not asked:
        return None
    missed = next(
        (one for one in reversed(former) if one.state == "unanswered" and one.asked_at > told), None
    )
    return Handover(
        id=missed.id if missed else digest("taken", conversation, str(first)),
        desk=head.desk,
        conversation=conversation,
        customer=head.customer,
        channel=head.channel,
        state="resolved",
        reason=missed.reason if missed else "",
        asked_at=missed.asked_at if missed else ended_at,
        asked_seq=asked,
        ended_at=ended_at,
    )
