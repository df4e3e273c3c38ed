"""Campaigns as people steer them: begun, paused, gone on with, ended; listed with how far they came."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared.desk.campaigns.advance import LOOK, told
from shared.desk.campaigns.alarms import advance_alarm, campaigns_key
from shared.desk.edit_document import Edited, edit_document
from shared.desk.services import Services
from shared.desk.wake import wake
from shared.domain.campaigns import (
    OPEN,
    Campaign,
    Target,
    TargetState,
    campaign_path,
    targets_of,
)
from shared.domain.colleagues import Actor
from shared.domain.errors import NotThere, Permanent
from shared.domain.instants import instant, stamp
from shared.outbox import Intent
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaigns:
    """One page, the newest first; `cursor` is None where nothing follows."""

    items: tuple[Campaign, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """One page, in the file's order; `cursor` is None where nothing follows."""

    items: tuple[Target, ...]
    cursor: str | None = None


async def campaigns(store: TenantStore, *, cursor: str | None = None, limit: int = 50) -> Campaigns:
    """A tenant's campaigns."""
    page = await store.query("campaigns", Query((), ("-created_at",), min(limit, MOST), cursor))
    items = tuple(msgspec.convert(one.data, Campaign) for one in page.documents)
    return Campaigns(items=items, cursor=page.cursor)


async def find_campaign(store: TenantStore, campaign: str) -> Campaign:
    """A campaign by its id. Raises NotThere."""
    document = await store.get(campaign_path(campaign))
    if document is None:
        raise NotThere(f"campaign {campaign} is unknown; look at the list of campaigns")
    return msgspec.convert(document.data, Campaign)


async def targets(
    store: TenantStore,
    campaign: str,
    *,
    state: TargetState | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Targets:
    """Its targets, those of one state or all."""
    where = (Where("state", "==", state),) if state else ()
    page = await store.query(targets_of(campaign), Query(where, ("n",), min(limit, 500), cursor))
    items = tuple(msgspec.convert(one.data, Target) for one in page.documents)
    return Targets(items=items, cursor=page.cursor)


async def start(services: Services, tenant: str, campaign: str, *, by: Actor) -> Campaign:
    """Begin a draft, at its time or now; begun again, nothing changes. Raises NotThere, Permanent."""

    def edit(before: Campaign, now: datetime) -> Edited[Campaign] | None:
        if before.state == "running":
            return None
        if before.state != "draft":
            raise Permanent(f"this campaign is {before.state}; only a draft can be started")
        return _running(tenant, before, now, max(now, instant(before.begins)), by)

    return await _steered(services, tenant, campaign, edit)


async def pause(services: Services, tenant: str, campaign: str, *, by: Actor) -> Campaign:
    """Say nothing more until it goes on; what is with the vendor already goes. Raises as `start`."""

    def edit(before: Campaign, now: datetime) -> Edited[Campaign] | None:
        if before.state == "paused":
            return None
        if before.state != "running":
            raise Permanent(f"this campaign is {before.state}; only one that runs can be paused")
        after = msgspec.structs.replace(
            before, state="paused", step=before.step + 1, reason=f"paused by {by.name or by.id}"
        )
        return Edited(record=after, intents=[_look(tenant, after, now)], goes_with=before.desk)

    return await _steered(services, tenant, campaign, edit)


async def resume(services: Services, tenant: str, campaign: str, *, by: Actor) -> Campaign:
    """Go on where it was paused; the breaker counts anew. Raises as `start`."""

    def edit(before: Campaign, now: datetime) -> Edited[Campaign] | None:
        if before.state == "running":
            return None
        if before.state != "paused":
            raise Permanent(f"this campaign is {before.state}; only a paused one can go on")
        return _running(tenant, before, now, now, by)

    return await _steered(services, tenant, campaign, edit)


async def cancel(services: Services, tenant: str, campaign: str, *, by: Actor) -> Campaign:
    """End it: whoever was not reached yet is not. Raises as `start`."""

    def edit(before: Campaign, now: datetime) -> Edited[Campaign] | None:
        if before.state == "cancelled":
            return None
        if before.state == "done":
            raise Permanent("this campaign is done; there is nothing to end")
        counts = Counter(before.counts)
        left = counts["waiting"]
        counts["waiting"], counts["cancelled"] = 0, left
        after = msgspec.structs.replace(
            before,
            state="cancelled",
            step=before.step + 1,
            counts=dict(counts),
            reason=f"ended by {by.name or by.id}",
            ended_at=stamp(now),
        )
        ended = told(tenant, after, "campaign.cancelled", now)
        return Edited(record=after, intents=[ended, _look(tenant, after, now)], goes_with=before.desk)

    return await _steered(services, tenant, campaign, edit)


def shown_state(campaign: Campaign, target: Target) -> TargetState:
    """A target's state as it counts: what waits in a campaign that was ended is never tried."""
    ended = campaign.state == "cancelled" and target.state in OPEN[:1]
    return "cancelled" if ended else target.state


def _look(tenant: str, campaign: Campaign, now: datetime) -> Intent:
    """The alarm that still looks at what is under way, and at what a step was saying meanwhile."""
    return advance_alarm(tenant, campaign, now + LOOK)


def _running(tenant: str, before: Campaign, now: datetime, due: datetime, by: Actor) -> Edited[Campaign]:
    after = msgspec.structs.replace(
        before,
        state="running",
        step=before.step + 1,
        outcomes=(),
        reason="",
        started_at=before.started_at or stamp(now),
        by=before.by or by.id,
    )
    return Edited(record=after, intents=[advance_alarm(tenant, after, due)], goes_with=before.desk)


async def _steered(
    services: Services,
    tenant: str,
    campaign: str,
    edit: Callable[[Campaign, datetime], Edited[Campaign] | None],
) -> Campaign:
    done = await edit_document(services, tenant, campaign_path(campaign), Campaign, edit)
    await wake(services.ports, campaigns_key(tenant))
    return done
