"""An inbox as a busy business has it: colleagues signed in, and the conversations they have."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.servers import environment
from benchmarks.webhook_load import PHONE
from shared import bootstrap
from shared.channels.webchat import visitor
from shared.config.publish import publish_folder
from shared.config.settings import read_settings
from shared.desk.commit import as_data, head_path, message_path
from shared.desk.services import Services
from shared.domain.content import Content
from shared.domain.conversation import Head, Message
from shared.domain.customers import Customer
from shared.domain.identity import conversation_id
from shared.domain.instants import stamp
from shared.ports import Create, Write
from shared.security.people import Person, begins
from shared.security.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation somebody has: its id, its customer on the channel, and which colleague it is with."""

    id: str
    contact: str  # a number, or what a visitor of web chat is known by
    colleague: int
    session: str = ""  # a visitor's secret; empty on WhatsApp


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written: the tenant, its desk, each colleague's session token, what they have."""

    tenant: str
    desk: str
    tokens: tuple[str, ...]
    talks: tuple[Talk, ...]  # on WhatsApp
    visits: tuple[Talk, ...]  # on web chat


async def fill(folder: Path, *, colleagues: int, conversations: int, visitors: int = 0) -> Filled:
    """Write an inbox of so many conversations, shared out evenly, into the data below `folder`.

    `visitors` are conversations on web chat beside those on WhatsApp.
    """
    told = environment(folder, 0)
    process = bootstrap.Process(read_settings(told), told)
    services = await process.services()
    await publish_folder(Path(told["FRONTDESK_CONFIGS"]), services.versions, process.catalogue())
    tenant, desk = await services.versions.route("whatsapp", PHONE) or ("", "")
    tokens = [await _signed_in(services, tenant, number) for number in range(colleagues)]
    contacts = [f"9196{number:08d}" for number in range(conversations)]
    talks = [
        Talk(conversation_id(desk, "whatsapp", PHONE, contact), contact, number % colleagues)
        for number, contact in enumerate(contacts)
    ]
    sessions = [f"bench-session-of-visitor-{number:06d}" for number in range(visitors)]
    visits = [_visit(desk, session, number % colleagues) for number, session in enumerate(sessions)]
    store = services.tenant(tenant)
    for some in _some(talks + visits):
        writes = [write for number, talk in some for write in _writes(services, desk, number, talk)]
        await store.commit(writes)
    await process.close()
    return Filled(tenant, desk, tuple(tokens), tuple(talks), tuple(visits))


def _visit(desk: str, session: str, colleague: int) -> Talk:
    contact = visitor(session)
    return Talk(conversation_id(desk, "webchat", desk, contact), contact, colleague, session)


def _some(talks: list[Talk]) -> Iterator[list[tuple[int, Talk]]]:
    numbered = list(enumerate(talks))
    for begin in range(0, len(numbered), 100):
        yield numbered[begin : begin + 100]


async def _signed_in(services: Services, tenant: str, number: int) -> str:
    name, address = f"Colleague {number}", f"colleague{number}@bench.example"
    person = Person(id=_person(number), name=name, email=address, rights={tenant: "human_agent"})
    await services.platform.commit(begins(person))
    return await Sessions(services.platform, services.ports.clock).begin(person.id, "Chromium")


def _person(number: int) -> str:
    return f"colleague{number}"


def _writes(services: Services, desk: str, number: int, talk: Talk) -> list[Write]:
    """One conversation: each began a few seconds before the one written ahead of it."""
    at = stamp(services.ports.clock.now() - timedelta(seconds=5 * number + 5))
    phone = "" if talk.session else f"+{talk.contact}"
    customer = Customer(id=f"bench{number}", name=f"Customer {number}", phone=phone)
    head = Head(
        desk=desk,
        channel="webchat" if talk.session else "whatsapp",
        account=desk if talk.session else PHONE,
        contact=talk.contact,
        customer=customer.id,
        state="human_active",
        assignee=_person(talk.colleague),
        rev=1,
        last=1,
        unread=1,
        last_inbound_at=at,
        last_at=at,
        created_at=at,
        updated_at=at,
    )
    said = Message(
        seq=1,
        author="customer",
        status="received",
        at=at,
        content=Content(text=f"Could you tell me when my report number {number} comes, please?"),
        public_id=f"bench{number}",
        born=1,
        rev=1,
    )
    return [
        Create(f"customers/{customer.id}", as_data(customer)),
        Create(head_path(talk.id), as_data(head)),
        Create(message_path(talk.id, 1), as_data(said)),
    ]
