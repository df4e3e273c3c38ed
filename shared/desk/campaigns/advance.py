"""Takes a campaign a step further: says it to those whose turn it is, and notes what became of others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared import outbox
from shared.config.hours import Hours
from shared.config.schema import DeskConfig
from shared.desk.campaigns.alarms import advance_alarm, campaigns_key
from shared.desk.campaigns.breaker import counted, tripped
from shared.desk.campaigns.results import result_of, take_back
from shared.desk.campaigns.words import saying
from shared.desk.commit import as_data
from shared.desk.outreach.reach import Wanted, outreach_of, reach
from shared.desk.outreach.ways import WRITTEN
from shared.desk.services import Services
from shared.desk.their_clock import reachable_from
from shared.desk.wake import wake
from shared.domain.campaigns import (
    OPEN,
    Campaign,
    CampaignState,
    Outcome,
    Target,
    TargetState,
    campaign_path,
    targets_of,
)
from shared.domain.colleagues import Actor
from shared.domain.errors import Permanent
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.outreach import Outreach, outreach_path
from shared.outbox import Intent, Publication
from shared.ports import Document, Put, Query, Where
from shared.security.tenancy import TenantStore

BATCH = 50
"""Targets that one step says something to, or looks at, at most."""

LOOK = timedelta(seconds=10)
"""When it is looked again what became of a message under way."""

SLOW_LOOK = timedelta(minutes=2)
"""The same of a call, and of what waits for its hour."""

SHORTEST = timedelta(seconds=1)
"""Between two steps."""

LOOKED_AT: tuple[CampaignState, ...] = ("running", "paused", "cancelled")
"""Of one that is paused or ended, what is under way still comes to something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A target before and after its turn in a step."""

    document: Document
    before: TargetState
    target: Target
    outcome: Outcome | None = None  # for the breaker
    cost: float = 0.0


async def advance_campaign(services: Services, tenant: str, campaign: str, step: int) -> None:
    """Do a campaign's next step, unless it was done, or the campaign is not running.

    Done again after a crash it says nothing twice: each attempt is an outreach of its own name, and targets
    and campaign change in one commit. Raises Transient where the store is busy.
    """
    store, now = services.tenant(tenant), services.ports.clock.now()
    document = await store.get(campaign_path(campaign))
    known = msgspec.convert(document.data, Campaign) if document else None
    if document is None or known is None or known.state not in LOOKED_AT or known.step != step:
        return
    published = await services.versions.published(known.desk)
    if published is None:
        await _settle(
            services, store, document, known, [], why=f"desk {known.desk} is not published any more"
        )
        return
    turned = [
        await _looked(services, store, known, one, now)
        for one in await _due(store, known, "trying", BATCH, now)
    ]
    fresh = [one.outcome for one in turned if one.outcome]
    known = msgspec.structs.replace(known, outcomes=counted(known.outcomes, fresh, known.breaker, now))
    why = tripped(known.outcomes, known.breaker) if known.state == "running" else ""
    waiting = [] if why else await _due(store, known, "waiting", most_at_once(known), now)
    for one in waiting:
        if known.state != "running":
            turned += await _said_already(store, published.config, known, one, now)
        elif await _steered(store, document):
            return  # whoever stopped it set an alarm, whose step finds what this one said
        else:
            turned.append(await _said(services, store.tenant, published.config, known, one, now))
    await _settle(services, store, document, known, turned, why=why)


def most_at_once(campaign: Campaign) -> int:
    """Targets a step says something to: a quarter of a minute's, so that they do not come in one heap."""
    return max(1, min(BATCH, campaign.per_minute // 4))


async def _due(
    store: TenantStore, campaign: Campaign, state: TargetState, most: int, now: datetime
) -> list[Document]:
    """The targets in a state whose time has come, the longest due first."""
    where = (Where("state", "==", state), Where("due", "<=", stamp(now)))
    page = await store.query(targets_of(campaign.id), Query(where, ("due",), most))
    return list(page.documents)


async def _looked(
    services: Services, store: TenantStore, campaign: Campaign, document: Document, now: datetime
) -> Turned:
    """A target under way, once it is looked at what became of it."""
    target = msgspec.convert(document.data, Target)
    found = await result_of(store, target.outreach)
    outcome = Outcome(at=stamp(now), failed=not found.reached) if found.counts else None
    if found.reached is None:
        again = now + (LOOK if found.soon else SLOW_LOOK)
        new = msgspec.structs.replace(target, due=stamp(again), reason=found.reason)
        return Turned(document=document, before="trying", target=new)
    if found.reached:
        new = _ended(target, "reached", now, found.reason)
        return Turned(document=document, before="trying", target=new, outcome=outcome, cost=found.cost)
    if found.again and target.attempt < campaign.attempts and campaign.state != "cancelled":
        if not await take_back(services, store, target.outreach):
            new = msgspec.structs.replace(target, due=stamp(now + LOOK))
            return Turned(document=document, before="trying", target=new)
        due = now + timedelta(minutes=campaign.retry_minutes)
        new = msgspec.structs.replace(target, state="waiting", due=stamp(due), reason=found.reason)
        return Turned(document=document, before="trying", target=new, outcome=outcome)
    new = _ended(target, "failed", now, found.reason)
    return Turned(document=document, before="trying", target=new, outcome=outcome)


async def _said(  # noqa: PLR0917 - all that a turn needs
    services: Services, tenant: str, config: DeskConfig, campaign: Campaign, document: Document, now: datetime
) -> Turned:
    """A target whose turn it is, once it was said to them, or is put off to their own hours."""
    target = msgspec.convert(document.data, Target)
    if campaign.hours:
        hours = Hours.model_validate(campaign.hours)
        from_ = reachable_from(hours, target.number, config.desk.timezone, now)
        if from_ is None:
            new = _ended(target, "failed", now, "the campaign's hours have none within a year")
            return Turned(document=document, before="waiting", target=new)
        if from_ > now:
            new = msgspec.structs.replace(target, due=stamp(from_), reason="it is no hour for them")
            return Turned(document=document, before="waiting", target=new)
    try:
        made = await reach(services, tenant, _wanted(config, campaign, target))
    except Permanent as error:
        new = _ended(target, "failed", now, str(error))
        failed = Outcome(at=stamp(now), failed=True)
        return Turned(document=document, before="waiting", target=new, outcome=failed)
    return Turned(document=document, before="waiting", target=_under_way(campaign, target, made, now))


async def _said_already(
    store: TenantStore, config: DeskConfig, campaign: Campaign, document: Document, now: datetime
) -> list[Turned]:
    """A target that the step was saying it to while the campaign was stopped; none where it was not."""
    target = msgspec.convert(document.data, Target)
    try:
        sought = outreach_of(store.tenant, config, _wanted(config, campaign, target), now)
    except Permanent:
        return []
    found = await store.get(outreach_path(sought.id))
    if found is None:
        return []
    before: TargetState = "cancelled" if campaign.state == "cancelled" else "waiting"
    made = msgspec.convert(found.data, Outreach)
    return [Turned(document=document, before=before, target=_under_way(campaign, target, made, now))]


async def _steered(store: TenantStore, document: Document) -> bool:
    """Whether people changed the campaign since its document was read."""
    standing = await store.get(document.path)
    return standing is None or standing.version != document.version


def _wanted(config: DeskConfig, campaign: Campaign, target: Target) -> Wanted:
    """What is said to a target next; of an occasion of its own, so that it is said once."""
    calls = campaign.means == "calls"
    return Wanted(
        desk=campaign.desk,
        purpose=campaign.name,
        occasion=f"campaign {campaign.id} {target.n} {target.attempt + 1}",
        saying=saying(config, campaign, target),
        customer=target.customer,
        number="" if target.customer else target.number,
        kind=campaign.kind,
        prefers="phone" if calls else None,
        only=("phone",) if calls else WRITTEN,
        agreed=campaign.agreed,
        campaign=campaign.id,
        by=Actor(id=campaign.by),
    )


def _under_way(campaign: Campaign, target: Target, made: Outreach, now: datetime) -> Target:
    look = now + (SLOW_LOOK if campaign.means == "calls" or made.state == "waiting" else LOOK)
    return msgspec.structs.replace(
        target,
        state="trying",
        attempt=target.attempt + 1,
        outreach=made.id,
        due=stamp(look),
        reason=made.reason,
    )


def _ended(target: Target, state: TargetState, now: datetime, reason: str) -> Target:
    return msgspec.structs.replace(target, state=state, reason=reason, ended_at=stamp(now))


async def _settle(
    services: Services,
    store: TenantStore,
    document: Document,
    campaign: Campaign,
    turned: Sequence[Turned],
    *,
    why: str,
) -> None:
    """Keep what a step did, with the alarm for the next one; or pause, or be done."""
    now, counts = services.ports.clock.now(), Counter(campaign.counts)
    for one in turned:
        counts[one.before] -= 1
        counts[one.target.state] += 1
    new = msgspec.structs.replace(
        campaign,
        step=campaign.step + 1,
        counts=dict(counts),
        cost=round(campaign.cost + sum(one.cost for one in turned), 6),
    )
    intents: list[Intent] = []
    if why:
        new = msgspec.structs.replace(new, state="paused", reason=why)
        intents.append(told(store.tenant, new, "campaign.paused", now))
        if counts["trying"]:
            intents.append(advance_alarm(store.tenant, new, await _next(store, new, turned, now)))
    elif new.state != "running":
        if counts["trying"]:
            intents.append(advance_alarm(store.tenant, new, await _next(store, new, turned, now)))
    elif not any(counts[state] for state in OPEN):
        new = msgspec.structs.replace(new, state="done", ended_at=stamp(now), reason="")
        intents.append(told(store.tenant, new, "campaign.done", now))
    else:
        intents.append(advance_alarm(store.tenant, new, await _next(store, new, turned, now)))
    writes = [
        Put(
            one.document.path,
            as_data(one.target),
            version=one.document.version,
            expires=instant(one.target.until),
        )
        for one in turned
    ]
    put = Put(document.path, as_data(new), version=document.version, expires=instant(new.until))
    await outbox.commit(services.ports, store, [put, *writes], intents)
    await wake(services.ports, campaigns_key(store.tenant))


async def _next(store: TenantStore, campaign: Campaign, turned: Sequence[Turned], now: datetime) -> datetime:
    """When the next step is due: when the next target is, and not faster than the rate."""
    said = sum(one.before == "waiting" and one.target.state == "trying" for one in turned)
    names = {one.document.name for one in turned}
    wanted = OPEN if campaign.state == "running" else ("trying",)
    dues = [one.target.due for one in turned if one.target.state in wanted]
    for state in wanted:
        query = Query((Where("state", "==", state),), ("due",), 2 * BATCH + 1)
        page = await store.query(targets_of(campaign.id), query)
        dues += [str(one.data["due"]) for one in page.documents if one.name not in names][:1]
    pace = timedelta(seconds=said * 60 / campaign.per_minute)
    return max(min(map(instant, dues), default=now), now + max(pace, SHORTEST))


def told(tenant: str, campaign: Campaign, what: str, now: datetime) -> Intent:
    """The fact that a campaign came to rest, for people and systems."""
    return Publication.of(
        Happened(
            event_id=digest(what, tenant, campaign.id, str(campaign.step)),
            tenant=tenant,
            what=what,
            at=stamp(now),
            data={
                "campaign": campaign.id,
                "desk": campaign.desk,
                "name": campaign.name,
                "reason": campaign.reason,
                **{f"targets_{state}": count for state, count in campaign.counts.items()},
            },
        )
    )
