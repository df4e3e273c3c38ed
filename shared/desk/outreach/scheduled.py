"""What is scheduled for a customer: what the desk will say of its own accord, and the calls to be made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from shared.desk.calls.call_list import planned_calls
from shared.desk.calls.dial import cancel_planned
from shared.desk.edit_document import Edited, edit_document
from shared.desk.outreach.overtaken import overtaken
from shared.desk.outreach.person import person_of
from shared.desk.services import Services
from shared.domain.colleagues import Actor
from shared.domain.content import ChannelName
from shared.domain.errors import NotThere, Permanent
from shared.domain.outreach import Outreach, OutreachState, outreach_path, over
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """One thing to come. `what` says in which list its id is found."""

    id: str
    what: Literal["outreach", "call"]
    desk: str
    customer: str
    due: str  # a stamp
    purpose: str
    text: str
    channel: ChannelName | None  # the way that is tried first, where one is named
    reason: str  # why it waits, where it had to


@dataclass(frozen=True, slots=True, kw_only=True)
class Outreaches:
    """One page; `cursor` is None where nothing follows."""

    items: tuple[Outreach, ...]
    cursor: str | None = None


async def outreaches(
    store: TenantStore,
    *,
    state: OutreachState | None = None,
    desk: str | None = None,
    customer: str | None = None,
    campaign: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Outreaches:
    """A tenant's outreaches that match, the next first."""
    asked = {"state": state, "desk": desk, "customer": customer, "campaign": campaign}
    where = tuple(Where(field, "==", value) for field, value in asked.items() if value is not None)
    query = Query(where=where, order=("due",), limit=min(limit, MOST), cursor=cursor)
    page = await store.query("outreach", query)
    return Outreaches(
        items=tuple(msgspec.convert(one.data, Outreach) for one in page.documents), cursor=page.cursor
    )


async def scheduled(services: Services, tenant: str, customer: str) -> tuple[Scheduled, ...]:
    """What is to come for a customer, the next first; what they have overtaken by now is not."""
    store = services.tenant(tenant)
    found: list[Scheduled] = []
    waiting = (await outreaches(store, state="waiting", customer=customer, limit=MOST)).items
    for one in waiting:
        published = await services.versions.published(one.desk)
        if published is None:
            continue
        person = await person_of(store, published.config, one)
        if not await overtaken(store, one, person):
            found.append(_outreach(one))
    calls = await planned_calls(store, state="waiting", customer=customer, limit=MOST)
    found += [
        Scheduled(
            id=one.id,
            what="call",
            desk=one.desk,
            customer=one.customer,
            due=one.due,
            purpose=one.purpose,
            text=one.opening,
            channel="phone",
            reason=one.reason,
        )
        for one in calls.items
    ]
    return tuple(sorted(found, key=lambda one: one.due))


def _outreach(one: Outreach) -> Scheduled:
    return Scheduled(
        id=one.id,
        what="outreach",
        desk=one.desk,
        customer=one.customer,
        due=one.due,
        purpose=one.purpose,
        text=one.saying.text or one.saying.template_text,
        channel=one.prefers,
        reason=one.reason,
    )


async def cancel_scheduled(
    services: Services, tenant: str, customer: str, scheduled: str, *, by: Actor
) -> None:
    """Cancel something that is to come for a customer; cancelled again, nothing changes.

    Raises NotThere for what is not theirs, Permanent for what was sent, or is under way.
    """
    store = services.tenant(tenant)
    document = await store.get(outreach_path(scheduled))
    if document is None:
        planned = await store.get(f"planned_calls/{scheduled}")
        if planned is None or planned.data["customer"] != customer:
            raise NotThere(f"nothing {scheduled} is scheduled for this customer; look at the list")
        await cancel_planned(services, tenant, scheduled)
        return
    if document.data.get("customer") != customer:
        raise NotThere(f"nothing {scheduled} is scheduled for this customer; look at the list")
    await cancel_outreach(services, tenant, scheduled, by=by)


async def cancel_outreach(services: Services, tenant: str, outreach: str, *, by: Actor) -> Outreach:
    """Send it no more. Raises NotThere, Permanent where it was sent or is over."""

    def edit(before: Outreach, now: datetime) -> Edited[Outreach] | None:
        if before.state == "cancelled":
            return None
        if before.state != "waiting":
            raise Permanent(f"this is {before.state}; only what waits can be cancelled")
        why = f"cancelled by {by.name or by.id or 'the desk'}"
        return Edited(record=over(before, "cancelled", now, why), goes_with=before.desk)

    return await edit_document(services, tenant, outreach_path(outreach), Outreach, edit)
