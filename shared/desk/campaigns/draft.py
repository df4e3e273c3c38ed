"""Draws up a campaign from a file: who would be reached, who not and why, and what it would come to."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import msgspec

from shared.channels.message_prices import Price, price, read_message_prices
from shared.config.schema import DeskConfig
from shared.desk.campaigns.fit import unfit
from shared.desk.campaigns.reachable import Reach
from shared.desk.campaigns.rows import Mistake, Row, Rows, read_rows, taken_for
from shared.desk.campaigns.wanted import Wanted
from shared.desk.campaigns.words import saying
from shared.desk.commit import as_data
from shared.desk.contact import unwanted
from shared.desk.customers import find, read_customer
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.domain.campaigns import Campaign, Target, campaign_path, target_path
from shared.domain.colleagues import Actor
from shared.domain.content import ChannelName
from shared.domain.customers import Customer
from shared.domain.errors import NotThere
from shared.domain.identity import digest, new_id
from shared.domain.instants import instant, stamp
from shared.ports import Put
from shared.security.tenancy import TenantStore

_AT_ONCE = 100
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a dry run tells; `mistakes` where the file is to be mended first."""

    mistakes: tuple[Mistake, ...] = ()
    total: int = 0
    reached: int = 0
    duplicates: int = 0
    opted_out: int = 0
    unreached: int = 0  # to whom no way leads; `notices` say why
    cost: float = 0.0  # USD, if each is reached at the first try
    estimated: str = ""  # the day of the price list, where one tells what any of them costs
    minutes: float = 0.0  # that it takes at its rate
    example: str = ""  # the words of the first
    targets: tuple[Target, ...] = ()
    columns: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()  # what is no mistake and should be known


async def preview(services: Services, tenant: str, wanted: Wanted, content: bytes) -> Preview:
    """Read the file and tell what would happen, or everything that is to be mended first; nothing is kept.

    Raises NotThere for no desk of this business.
    """
    config = await _config(services, tenant, wanted.desk)
    read = read_rows(content, config)
    store, now = services.tenant(tenant), services.ports.clock.now()
    campaign = _campaign(wanted, read, now, stamp(messages_until(config, now)))
    known, unknown = await _targets(store, read.rows, campaign)
    if mistakes := [*unfit(config, wanted, read), *read.mistakes, *unknown]:
        return Preview(mistakes=tuple(sorted(mistakes, key=lambda one: one.line)))
    targets = await Reach(services, store, config, campaign).sorted_out(known)
    skipped = Counter(one.reason for one in targets if one.state == "skipped")
    reached = [one for one in targets if one.state == "waiting"]
    unreached = {reason: count for reason, count in skipped.items() if reason.startswith("no way: ")}
    costs = [_cost(config, wanted, one) for one in reached]
    return Preview(
        total=len(targets),
        reached=len(reached),
        duplicates=sum(count for reason, count in skipped.items() if reason.startswith("the same")),
        opted_out=skipped["they asked not to be contacted"],
        unreached=sum(unreached.values()),
        cost=round(sum(one.usd for one in costs), 4),
        estimated=read_message_prices().as_of.isoformat() if any(one.estimated for one in costs) else "",
        minutes=len(reached) / wanted.per_minute,
        example=_example(config, campaign, (reached or targets)[0]),
        targets=targets,
        columns=read.columns,
        notices=(
            *(f"{count} cannot be reached; {reason}" for reason, count in unreached.items()),
            *taken_for(read.rows),
        ),
    )


async def draft(
    services: Services, tenant: str, wanted: Wanted, content: bytes, *, once: str = "", by: Actor
) -> tuple[Campaign | None, Preview]:
    """Keep the campaign as a draft, which `start` begins; None where the file has mistakes.

    Drafted again under the same `once`, from the same file, it is the same campaign. Raises as `preview`.
    """
    seen = await preview(services, tenant, wanted, content)
    if seen.mistakes:
        return None, seen
    store, now = services.tenant(tenant), services.ports.clock.now()
    until = seen.targets[0].until
    campaign = msgspec.structs.replace(
        _campaign(wanted, seen, now, until),
        id=_named(tenant, wanted, content, once, by) if once else new_id(),
        total=seen.total,
        counts={"waiting": seen.reached, "skipped": seen.total - seen.reached},
        expected_cost=seen.cost,
        estimated=bool(seen.estimated),
        by=by.id,
    )
    found = await store.get(campaign_path(campaign.id))
    if found:
        return msgspec.convert(found.data, Campaign), seen
    expires = instant(until)
    for part in _parts(seen.targets, _AT_ONCE):
        await store.commit(
            [Put(target_path(campaign.id, one.n), as_data(one), expires=expires) for one in part]
        )
    await store.create(campaign_path(campaign.id), as_data(campaign), expires=expires)
    return campaign, replace(seen, targets=())


def _named(tenant: str, wanted: Wanted, content: bytes, once: str, by: Actor) -> str:
    """An id for what is asked as it is asked: a mended file never meets the targets of the first one."""
    asked = msgspec.json.encode((wanted, hashlib.sha256(content).hexdigest())).decode()
    return digest("campaign", tenant, by.id, once, asked)[:26]


async def _config(services: Services, tenant: str, desk: str) -> DeskConfig:
    published = await services.versions.published(desk)
    if published is None or published.tenant != tenant:
        raise NotThere(f"there is no desk {desk!r} of this business; publish it first")
    return published.config


def _campaign(wanted: Wanted, read: "Rows | Preview", now: datetime, until: str) -> Campaign:
    """The campaign that is asked for, without a name in the store or anybody in it."""
    return Campaign(
        id="",
        desk=wanted.desk,
        name=wanted.name.strip(),
        means="calls" if wanted.means == "calls" else "messages",
        kind=wanted.kind,
        text=wanted.text.strip(),
        template=wanted.template,
        columns=read.columns,
        agreed=wanted.agreed.strip(),
        hours=wanted.hours.strip(),
        per_minute=wanted.per_minute,
        attempts=wanted.attempts,
        retry_minutes=wanted.retry_minutes,
        breaker=wanted.breaker,
        begins=stamp(wanted.begins or now),
        created_at=stamp(now),
        until=until,
    )


async def _targets(
    store: TenantStore, rows: Sequence[Row], campaign: Campaign
) -> tuple[list[Target], list[Mistake]]:
    """A target for each row; duplicates and those who want nothing are skipped from the start."""
    targets: list[Target] = []
    mistakes: list[Mistake] = []
    first: dict[str, int] = {}
    for part in _parts(rows, _AT_ONCE):
        known = await _known(store, part)
        for row in part:
            customer = known.get(row.customer or row.number)
            if row.customer and customer is None:
                mistakes.append(
                    Mistake(
                        row.line, "customer", f"{row.customer!r} is unknown", "write the id of one we know"
                    )
                )
                continue
            whom = customer.id if customer else row.number
            state, reason = "waiting", ""
            if whom in first:
                state, reason = "skipped", f"the same as line {first[whom]}"
            elif customer and unwanted(customer):
                state, reason = "skipped", "they asked not to be contacted"
            first.setdefault(whom, row.line)
            target = Target(
                n=len(targets) + 1,
                line=row.line,
                number=row.number,
                customer=customer.id if customer else "",
                language=row.language,
                row=row.cells,
                state="skipped" if state == "skipped" else "waiting",
                due=campaign.created_at,
                reason=reason,
                until=campaign.until,
            )
            targets.append(target)
    return targets, mistakes


async def _known(store: TenantStore, rows: Sequence[Row]) -> dict[str, Customer]:
    """The customers we know of these rows, by the id or the number that the row gives."""
    found: dict[str, Customer] = {}
    named = sorted({row.customer for row in rows if row.customer})
    for name, document in zip(
        named, await store.get_many([f"customers/{one}" for one in named]), strict=True
    ):
        if document and (customer := await _standing(store, read_customer(document))):
            found[name] = customer
    numbers = [row.number for row in rows if row.number and not row.customer]
    proofs = [
        (number, f"identities/{digest('identity', proof)}")
        for number in numbers
        for proof in (f"phone:{number}", f"sms:{number}", f"whatsapp:{number.removeprefix('+')}")
    ]
    links = await store.get_many([path for _, path in proofs]) if proofs else []
    ids = {
        number: str(link.data["customer"]) for (number, _), link in zip(proofs, links, strict=True) if link
    }
    documents = await store.get_many([f"customers/{one}" for one in ids.values()]) if ids else []
    for number, document in zip(ids, documents, strict=True):
        if document and (customer := await _standing(store, read_customer(document))):
            found[number] = customer
    return found


async def _standing(store: TenantStore, customer: Customer) -> Customer | None:
    """A customer, or whom they were found to be."""
    return await find(store, customer.merged_into) if customer.merged_into else customer


def _cost(config: DeskConfig, wanted: Wanted, target: Target) -> Price:
    """What one costs, by the way that is likeliest: a call, a template, or a text message."""
    channel: ChannelName = "sms"
    if wanted.means == "calls":
        channel = "phone"
    elif wanted.template and config.channels.whatsapp:
        channel = "whatsapp"
    template = channel == "whatsapp"
    return price(config, channel, target.number, kind=wanted.kind, template=template, length=len(wanted.text))


def _example(config: DeskConfig, campaign: Campaign, first: Target) -> str:
    """What the first one would read, or hear."""
    said = saying(config, campaign, first)
    return said.template_text or said.text


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
