"""Reaches a customer: by the cheapest way that is open and allowed, at an hour they are awake, and once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from shared import outbox
from shared.config.schema import DeskConfig
from shared.desk.calls.dial import dial
from shared.desk.commit import as_data
from shared.desk.contact import unwanted
from shared.desk.outreach.alarms import reach_alarm
from shared.desk.outreach.overtaken import overtaken
from shared.desk.outreach.person import Person, number_in, person_of
from shared.desk.outreach.say import say
from shared.desk.outreach.ways import Way, ways
from shared.desk.outreach.when import campaign_waits, contacted_path, counted, later
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.domain.colleagues import DESK, Actor
from shared.domain.content import ChannelName
from shared.domain.errors import AlreadyExists, NotThere, Permanent, PreconditionFailed, Transient
from shared.domain.instants import instant, stamp
from shared.domain.outreach import Asked, Kind, Outreach, Overtaking, Saying, outreach_id, outreach_path, over
from shared.outbox import Intent
from shared.ports import Create, Document, Put, Write
from shared.security.tenancy import TenantStore

EARLY = timedelta(milliseconds=20)
"""Clocks of two machines differ a little; an alarm this close to its time is on time."""

GIVE_UP = timedelta(days=3)
"""How long it is tried where nobody says."""

FARTHEST = timedelta(days=400)
_TRIES = 5


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; see `Outreach`. One of customer and number says whom it is for."""

    desk: str
    purpose: str
    occasion: str
    saying: Saying
    customer: str = ""
    number: str = ""
    kind: Kind = "service"
    prefers: ChannelName | None = None
    only: tuple[ChannelName, ...] = ()
    agreed: str = ""
    overtaken_by: tuple[Overtaking, ...] = ()
    since: datetime | None = None
    due: datetime | None = None
    give_up: datetime | None = None
    campaign: str = ""
    asks: Asked | None = None
    stands: str = ""
    run: str = ""
    by: Actor = DESK


async def reach(services: Services, tenant: str, wanted: Wanted) -> Outreach:
    """Say something to a customer now, or when it is due; how it stands after the first try.

    The same purpose and occasion are said to a customer once, however often this is asked. Raises
    Permanent where it could never be done: nothing to say, nobody to say it to, a desk nobody published.
    """
    store, now = services.tenant(tenant), services.ports.clock.now()
    published = await services.versions.published(wanted.desk)
    if published is None or published.tenant != tenant:
        raise NotThere(f"there is no desk {wanted.desk!r} of this business; publish it first")
    made = outreach_of(tenant, published.config, wanted, now)
    await person_of(store, published.config, made)
    create = Create(outreach_path(made.id), as_data(made), expires=instant(made.until))
    try:
        await outbox.commit(services.ports, store, [create], [reach_alarm(tenant, made)])
    except AlreadyExists:
        return await find_outreach(store, made.id)
    if instant(made.due) > now + EARLY:
        return made
    return await step(services, tenant, made.id)


async def reach_out(services: Services, tenant: str, outreach: str) -> None:
    """Do whatever is next for an outreach whose alarm rang. Raises Transient where the store is busy."""
    await step(services, tenant, outreach)


async def step(services: Services, tenant: str, outreach: str) -> Outreach:
    """Send it, put it off, or end it; over or not due, it is as it was.

    Raises NotThere for one that is gone, Transient where contention does not end.
    """
    store = services.tenant(tenant)
    for _ in range(_TRIES):
        document = await store.get(outreach_path(outreach))
        if document is None:
            raise NotThere(f"outreach {outreach} is unknown; look at the list")
        known, now = msgspec.convert(document.data, Outreach), services.ports.clock.now()
        if known.state != "waiting" or now + EARLY < instant(known.due):
            return known
        try:
            return await _decided(services, store, document, known, now)
        except (AlreadyExists, PreconditionFailed):
            continue  # somebody changed what it was decided on
    raise Transient(f"outreach {outreach} is contended; nothing was sent", retry_after=1)


async def find_outreach(store: TenantStore, outreach: str) -> Outreach:
    """An outreach by its id. Raises NotThere."""
    document = await store.get(outreach_path(outreach))
    if document is None:
        raise NotThere(f"outreach {outreach} is unknown; look at the list")
    return msgspec.convert(document.data, Outreach)


async def _decided(
    services: Services, store: TenantStore, document: Document, known: Outreach, now: datetime
) -> Outreach:
    published = await services.versions.published(known.desk)
    if published is None:
        why = f"desk {known.desk} is not published any more"
        return await _keep(services, store, document, over(known, "refused", now, why))
    config = published.config
    person = await person_of(store, config, known)
    capped = known.kind == "marketing" and not known.failed  # what did not arrive was counted already
    contacted = await store.get(contacted_path(person)) if capped else None
    if settled := await _not_now(store, config, known, person, contacted, now):
        intents = [reach_alarm(store.tenant, settled)] if settled.state == "waiting" else []
        return await _keep(services, store, document, settled, intents)
    open_ways = await ways(services, store, config, known, person)
    known = msgspec.structs.replace(known, passed_over=open_ways.passed)
    if not open_ways.found:
        return await _keep(services, store, document, over(known, "refused", now, "no way is open"))
    way = open_ways.found[0]
    sent = _sent(known, way, open_ways.found[1:], now)
    beside = [counted(person, contacted, now)] if capped else []
    if way.means == "call":
        return await _called(services, store, document, sent, way=way, person=person, beside=beside)
    return await say(services, store, config, document, sent, way=way, person=person, beside=beside)


async def _not_now(  # noqa: PLR0917 - all that it is decided on
    store: TenantStore,
    config: DeskConfig,
    known: Outreach,
    person: Person,
    contacted: Document | None,
    now: datetime,
) -> Outreach | None:
    """The outreach as it is over, or waits for another time; None where nothing speaks against it now."""
    if person.customer and unwanted(person.customer):
        return over(known, "refused", now, "they asked not to be contacted")
    if why := await overtaken(store, known, person):
        return over(known, "cancelled", now, why)
    wait = await campaign_waits(store, known, now) or later(config, known, person, contacted, now)
    if wait is None:
        return None
    if wait.at is None or wait.at > instant(known.give_up):
        return over(known, "refused", now, f"{wait.why}, until it was too late for it")
    return msgspec.structs.replace(known, due=stamp(wait.at), reason=wait.why)


def _sent(known: Outreach, way: Way, others: tuple[Way, ...], now: datetime) -> Outreach:
    """The outreach as it went, and why by this way."""
    if way.channel == known.prefers:
        first = "the way that was asked for"
    elif others and others[0].cost > way.cost:
        first = f"cheaper than {others[0].channel}"
    else:
        first = "the only way that was open" if not others else "the cheapest way that was open"
    failed = ", ".join(one.channel for one in known.failed)
    why = "; ".join(filter(None, (first, way.why, failed and f"it failed by {failed}")))
    return msgspec.structs.replace(
        over(known, "sent", now, why),
        means=way.means,
        channel=way.channel,
        cost=way.cost,
        estimated=way.estimated,
    )


async def _called(
    services: Services,
    store: TenantStore,
    document: Document,
    sent: Outreach,
    *,
    way: Way,
    person: Person,
    beside: list[Write],
) -> Outreach:
    """Plan the call, once, and note it; where calling is refused now, so is this."""
    try:
        planned = await dial(
            services,
            store.tenant,
            sent.desk,
            purpose=sent.purpose[:500],
            number=way.contact,
            customer=person.customer.id if person.customer else "",
            opening=(sent.saying.text or sent.saying.template_text)[:500],
            errand=sent.id,
            once=f"outreach {sent.id}",
        )
    except Permanent as refused:
        now = services.ports.clock.now()
        return await _keep(services, store, document, over(sent, "refused", now, str(refused)))
    noted = msgspec.structs.replace(sent, call=planned.id)
    return await _keep(services, store, document, noted, beside=beside)


async def _keep(
    services: Services,
    store: TenantStore,
    document: Document,
    outreach: Outreach,
    intents: Sequence[Intent] = (),
    *,
    beside: Sequence[Write] = (),
) -> Outreach:
    put = Put(document.path, as_data(outreach), version=document.version, expires=instant(outreach.until))
    await outbox.commit(services.ports, store, [put, *beside], intents)
    return outreach


def outreach_of(tenant: str, config: DeskConfig, wanted: Wanted, now: datetime) -> Outreach:
    """The outreach that is asked for, not yet kept. Raises Permanent for one that could never be said."""
    said = wanted.saying
    if not (said.text.strip() or said.template):
        raise Permanent("there is nothing to say; give a text, a template, or both")
    if not (wanted.customer or wanted.number):
        raise Permanent("say whom to reach: a customer, or a number with its country code")
    due = max(wanted.due or now, now)
    if due > now + FARTHEST:
        raise Permanent(f"something can be planned {FARTHEST.days} days ahead; choose an earlier time")
    number = number_in(wanted.number, config) if wanted.number else ""
    whom = wanted.customer or number
    return Outreach(
        id=outreach_id(tenant, wanted.desk, whom, wanted.purpose, wanted.occasion),
        desk=wanted.desk,
        customer=wanted.customer,
        number=number,
        purpose=wanted.purpose.strip(),
        occasion=wanted.occasion,
        kind=wanted.kind,
        saying=said,
        prefers=wanted.prefers,
        only=wanted.only,
        agreed=wanted.agreed,
        overtaken_by=wanted.overtaken_by,
        since=stamp(wanted.since or now),
        due=stamp(due),
        give_up=stamp(wanted.give_up or due + GIVE_UP),
        campaign=wanted.campaign,
        asks=wanted.asks,
        stands=wanted.stands,
        run=wanted.run,
        created_at=stamp(now),
        by=wanted.by.id,
        until=stamp(messages_until(config, due)),
    )
