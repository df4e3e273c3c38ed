"""The ways by which somebody could be reached now, cheapest first, and why the others could not."""

from dataclasses import dataclass
from datetime import timedelta

from shared.channels.message_prices import price
from shared.config.schema import DeskConfig
from shared.desk.calls.may_call import refused_by, switched_off
from shared.desk.canned import approved
from shared.desk.channels import channel_of, not_connected
from shared.desk.contact import may_contact
from shared.desk.outreach.person import Person
from shared.desk.parking import reopening
from shared.desk.services import Services
from shared.domain.content import ChannelName, Outgoing, Template
from shared.domain.conversation import Head
from shared.domain.errors import NotConnected, Permanent
from shared.domain.identity import conversation_id
from shared.domain.instants import instant
from shared.domain.outreach import Means, Outreach, PassedOver
from shared.security.tenancy import TenantStore

WRITTEN: tuple[ChannelName, ...] = ("webchat", "whatsapp", "instagram", "email", "sms")
"""Channels by which the desk writes; `api` has the business itself behind it, and `room` no bell."""

LOOKING = timedelta(minutes=30)
"""Who wrote in web chat this long ago still has the page open, as far as we can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way that is open: through what, to whom, with which words, at what cost in USD."""

    means: Means
    channel: ChannelName
    account: str = ""
    contact: str = ""
    conversation: str = ""
    outgoing: Outgoing | None = None  # of a call, none
    cost: float = 0.0
    estimated: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Those that are open, the one to take first, and those that are not."""

    found: tuple[Way, ...]
    passed: tuple[PassedOver, ...]


async def ways(
    services: Services, store: TenantStore, config: DeskConfig, outreach: Outreach, person: Person
) -> Ways:
    """What could carry an outreach now: what is connected, what it prefers, the cheapest; a call last."""
    failed = {one.channel: one.why for one in outreach.failed}
    tried = [
        PassedOver(channel=channel, why=f"it failed there: {failed[channel]}")
        if channel in failed
        else _by_writing(services, config, outreach, person, channel)
        for channel in WRITTEN
        if _may_take(outreach, channel) and (own := getattr(config.channels, channel)) and own.enabled
    ]
    if _may_take(outreach, "phone"):
        tried.append(await _by_call(services, store, config, outreach, person))
    found = [one for one in tried if isinstance(one, Way)]
    # What its vendor would refuse for want of a credential goes last: alone, it waits for the credential.
    lacks = {way.channel: await not_connected(services, config, way.channel) for way in found if way.outgoing}
    found.sort(
        key=lambda way: (
            bool(lacks.get(way.channel)),
            way.channel != outreach.prefers,
            way.means == "call",
            way.cost,
            way.channel,
        )
    )
    return Ways(
        found=tuple(found), passed=tuple(one for one in tried if isinstance(one, PassedOver) and one.why)
    )


def _may_take(outreach: Outreach, channel: ChannelName) -> bool:
    return not outreach.only or channel in outreach.only


def _by_writing(
    services: Services, config: DeskConfig, outreach: Outreach, person: Person, channel: ChannelName
) -> Way | PassedOver:
    """Free words where they may go now, else a template; or why neither."""
    now = services.ports.clock.now()
    try:
        limits = channel_of(services, config, channel).limits
    except NotConnected:
        return PassedOver(channel=channel, why=f"{channel} is not connected")
    written = _conversation(config, outreach, person, channel)
    if isinstance(written, str):
        return PassedOver(channel=channel, why=written)
    conversation, head = written
    if channel == "webchat" and instant(head.last_inbound_at) + LOOKING < now:
        return PassedOver(channel=channel, why="they have left the page")
    leave, said = may_contact(person.customer, limits, head, now), outreach.saying
    words = said.text or (said.template_text if channel == "sms" else "")
    template: Template | None = None
    if not (leave.free_text and words):
        why = leave.reason or "there are no free words to say"
        if not leave.template:
            return PassedOver(channel=channel, why=why)
        named = _template(config, outreach, channel, back=bool(head.last_inbound_at))
        if isinstance(named, str):
            return PassedOver(channel=channel, why=f"{why}; {named}")
        template = named
    costs = price(
        config, channel, person.number, kind=outreach.kind, template=template is not None, length=len(words)
    )
    return Way(
        means="template" if template else "text",
        channel=channel,
        account=head.account,
        contact=head.contact,
        conversation=conversation,
        outgoing=Outgoing(template=template) if template else Outgoing(text=words, choices=said.choices),
        cost=costs.usd,
        estimated=costs.estimated,
        why=f"{leave.reason}, so a template" if template and leave.reason else "",
    )


def _conversation(
    config: DeskConfig, outreach: Outreach, person: Person, channel: ChannelName
) -> tuple[str, Head] | str:
    """The conversation on a channel, the newest they have there or the one that would begin; or why none."""
    accounts = [account for name, account in config.accounts() if name == channel]
    theirs = [(name, head) for name, head in person.heads if head.channel == channel]
    known = next(((name, head) for name, head in theirs if head.account in accounts), None)
    if known and (known[1].last_inbound_at or outreach.agreed):
        return known
    if channel not in ("whatsapp", "sms"):
        return "they never wrote there"
    if not person.number:
        return "no number is known of them"
    needs = channel == "whatsapp" or bool(config.channels.sms and config.channels.sms.opt_in_required)
    if needs and not outreach.agreed:
        return "they never wrote there, and did not agree to be written to"
    if not accounts:
        return f"channels.{channel} has no number to write from"
    twilio = channel == "sms" or getattr(config.channels.whatsapp, "provider", "") == "twilio"
    contact = person.number if twilio else person.number.removeprefix("+")
    account = accounts[0]
    customer = person.customer.id if person.customer else ""
    head = Head(desk=config.desk.id, channel=channel, account=account, contact=contact, customer=customer)
    return conversation_id(config.desk.id, channel, account, contact), head


def _template(config: DeskConfig, outreach: Outreach, channel: ChannelName, *, back: bool) -> Template | str:
    """The outreach's own, else the one by which the desk asks people `back`; or why there is none.

    Whoever never wrote cannot be asked back, and campaigns and questions say their own words or none.
    """
    own = config.channels.whatsapp
    if channel != "whatsapp" or own is None:
        return "templates are WhatsApp's"
    if named := outreach.saying.template:
        try:
            approved(config, channel, named)
        except Permanent as unknown:
            return str(unknown)
        return named
    asks_back = reopening(own) if back and not (outreach.campaign or outreach.asks) else None
    if asks_back is None or (own.template and "{{" in (own.template.text or "")):
        return "the desk has no template for it"  # one with places to fill in would go out empty
    return asks_back


async def _by_call(
    services: Services, store: TenantStore, config: DeskConfig, outreach: Outreach, person: Person
) -> Way | PassedOver:
    """A call, or why there can be none; without a word where the desk makes none and none was asked for."""
    if off := switched_off(config):
        return PassedOver(channel="phone", why=off if outreach.prefers == "phone" else "")
    if not person.number:
        return PassedOver(channel="phone", why="no number is known of them")
    try:
        services.livekit()
    except NotConnected as missing:
        return PassedOver(channel="phone", why=str(missing))
    customer = person.customer.id if person.customer else ""
    if refused := await refused_by(store, config, person.number, customer):
        return PassedOver(channel="phone", why=refused)
    costs = price(config, "phone", person.number, kind=outreach.kind)
    return Way(
        means="call", channel="phone", contact=person.number, cost=costs.usd, estimated=costs.estimated
    )
