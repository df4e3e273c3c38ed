"""The words a desk keeps for people to send, and the templates its vendor approved, from its file."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.agents.prompt import names_of
from shared.config.channels import ReopenTemplate
from shared.config.schema import DeskConfig
from shared.config.templates import render
from shared.desk.commit import head_path, read_head
from shared.desk.customers import find
from shared.desk.services import Services
from shared.domain.content import ChannelName, Template
from shared.domain.conversation import Head
from shared.domain.customers import known
from shared.domain.errors import NotThere, Permanent

_PLACEHOLDER = re.compile(r"\{\{\s*(\d{1,2})\s*\}\}")


@dataclass(frozen=True, slots=True)
class Canned:
    """A reply as this customer would read it."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A template that may be sent when the reply window is closed, and what it says, where the file tells."""

    template: Template
    text: str = ""


async def canned_replies(services: Services, tenant: str, conversation: str) -> tuple[Canned, ...]:
    """The desk's replies with this customer's name and the like filled in; a broken one is left out.

    Raises Permanent where the conversation is unknown or its desk published no more.
    """
    store = services.tenant(tenant)
    head, config = await _desk(services, tenant, conversation)
    customer = await find(store, head.customer)
    now = services.ports.clock.now().astimezone(ZoneInfo(config.desk.timezone)).isoformat(timespec="minutes")
    names = names_of(
        config,
        customer=known(customer) if customer else {},
        language=head.language or config.desk.languages[0],
        channel=head.channel,
        now=now,
    )
    filled = []
    for reply in config.behavior.canned_replies:
        try:
            filled.append(Canned(reply.id, reply.title, render(reply.text, names)))
        except Permanent:
            continue  # said when the desk was published; the others are of use
    return tuple(filled)


async def templates(services: Services, tenant: str, conversation: str) -> tuple[Approved, ...]:
    """The templates of a conversation's channel, the one that reopens it first; raises as above."""
    head, config = await _desk(services, tenant, conversation)
    return templates_of(config, head.channel)


def templates_of(config: DeskConfig, channel: ChannelName) -> tuple[Approved, ...]:
    """The templates a desk's file names for a channel, each once."""
    settings = getattr(config.channels, channel, None)
    first: ReopenTemplate | None = getattr(settings, "template", None)
    written = [*([first] if first else []), *getattr(settings, "templates", ())]
    approved: dict[tuple[str, str], Approved] = {}
    for one in written:
        name, language, text = (one, "en", "") if isinstance(one, str) else (one.name, one.language, one.text)
        template = Template(name=name, language=language)
        approved.setdefault((name, language), Approved(template, text or ""))
    return tuple(approved.values())


def approved(config: DeskConfig, channel: ChannelName, wanted: Template) -> str:
    """What a template of the desk's file says with these parameters, its name where the file does not tell.

    Raises Permanent for one the file does not name, or with too few parameters.
    """
    known_ones = templates_of(config, channel)
    same = (wanted.name, wanted.language)
    found = next((one for one in known_ones if (one.template.name, one.template.language) == same), None)
    if found is None:
        raise Permanent(
            f"the desk's file names no template {wanted.name} in {wanted.language}; choose one it names"
        )
    needed = len(set(_PLACEHOLDER.findall(found.text)))
    if len(wanted.parameters) < needed:
        raise Permanent(f"template {wanted.name} has {needed} places to fill in; fill in all of them")
    places = dict(enumerate(wanted.parameters, start=1))
    return _PLACEHOLDER.sub(lambda place: places.get(int(place[1]), ""), found.text) or f"[{wanted.name}]"


async def _desk(services: Services, tenant: str, conversation: str) -> tuple[Head, DeskConfig]:
    head = read_head(await services.tenant(tenant).get(head_path(conversation)))
    published = await services.versions.published(head.desk) if head else None
    if head is None or published is None:
        raise NotThere(f"conversation {conversation} is unknown, or its desk is published no more")
    return head, published.config
