"""Makes an outreach of a rule that holds: its words filled in, its time, and what may overtake it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.agents.prompt import names_of
from shared.config.schema import DeskConfig
from shared.config.templates import render
from shared.desk.canned import templates_of
from shared.desk.outreach.reach import Wanted, reach
from shared.desk.outreach.rules import Rule
from shared.desk.services import Services
from shared.domain.content import ChannelName, Template
from shared.domain.customers import Customer, known
from shared.domain.outreach import Outreach, Saying

_PLAIN = {
    "en": "Hello{name}, this is {desk}. Is there anything more we can do for you?",
    "hi": "नमस्ते{name}, {desk} से। क्या हम आपके लिए कुछ और कर सकते हैं?",
}
"""What is said where a rule gives no words."""


async def plan(
    services: Services,
    tenant: str,
    config: DeskConfig,
    rule: Rule,
    *,
    customer: Customer,
    occasion: str,
    since: datetime,
    language: str = "",
    channel: ChannelName = "whatsapp",
    event: Mapping[str, object] | None = None,
) -> Outreach:
    """Have it said once the rule's delay is over; for the same occasion it is the same outreach.

    `since` is when what it follows from happened. Raises Permanent for words that cannot be filled in.
    """
    written = rule.written
    wanted = Wanted(
        desk=config.desk.id,
        customer=customer.id,
        purpose=rule.name,
        occasion=occasion,
        saying=saying(
            services, config, rule, customer=customer, language=language, channel=channel, event=event or {}
        ),
        kind=rule.kind,
        prefers=rule.prefers,
        overtaken_by=rule.overtaken_by,
        since=since,
        due=since + timedelta(seconds=written.delay),
    )
    return await reach(services, tenant, wanted)


def saying(
    services: Services,
    config: DeskConfig,
    rule: Rule,
    *,
    customer: Customer,
    language: str,
    channel: ChannelName,
    event: Mapping[str, object],
) -> Saying:
    """A rule's words for a customer, free and as a template. Raises Permanent where they cannot be filled."""
    told = known(customer)
    spoken = language or customer.language or config.desk.languages[0]
    names = names_now(services, config, customer=customer, language=spoken, channel=channel, event=event)
    if rule.written.message:
        text = render(rule.written.message, names).strip()
    else:
        name = f" {told['name']}" if "name" in told else ""
        text = _PLAIN.get(spoken[:2], _PLAIN["en"]).format(name=name, desk=config.desk.name)
    if not rule.written.template:
        return Saying(text=text)
    return Saying(
        text=text, template=filled(config, rule.written.template, rule.written.parameters, spoken, names)
    )


def names_now(
    services: Services,
    config: DeskConfig,
    *,
    customer: Customer,
    language: str,
    channel: ChannelName,
    event: Mapping[str, object],
) -> dict[str, object]:
    """What the words of a rule or a question may name at this moment."""
    local = services.ports.clock.now().astimezone(ZoneInfo(config.desk.timezone))
    now = local.isoformat(timespec="minutes")
    about = names_of(config, customer=known(customer), language=language, channel=channel, now=now)
    return about | {"event": dict(event)}


def filled(
    config: DeskConfig, name: str, parameters: Sequence[str], spoken: str, names: Mapping[str, object]
) -> Template:
    """A template in a customer's language, its places filled. Raises Permanent where they cannot be."""
    places = tuple(render(one, names).strip() for one in parameters)
    return Template(name=name, language=language_of(config, name, spoken), parameters=places)


def language_of(config: DeskConfig, name: str, spoken: str) -> str:
    """The language in which the file has a template: the customer's where it is there, else the first."""
    has = [one.template.language for one in templates_of(config, "whatsapp") if one.template.name == name]
    return next((one for one in has if one[:2] == spoken[:2]), has[0] if has else spoken)
