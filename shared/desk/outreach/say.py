"""Puts an outreach's words into the customer's conversation, in the commit that notes that it was sent."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from shared.channels.fit import fitted
from shared.config.schema import DeskConfig
from shared.desk.canned import approved
from shared.desk.channels import channel_of
from shared.desk.commit import Change, adding, as_data, commit
from shared.desk.contact import may_contact
from shared.desk.outreach.person import Person
from shared.desk.outreach.ways import Way
from shared.desk.ready import reply_ready
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.domain.content import Content, Outgoing
from shared.domain.conversation import Head, Message
from shared.domain.customers import Claim, Customer, terms_of
from shared.domain.errors import PreconditionFailed
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.outreach import Outreach
from shared.domain.states import FROZEN
from shared.outbox import Publication
from shared.ports import Create, Document, Put, Write
from shared.security.tenancy import TenantStore


async def say(
    services: Services,
    store: TenantStore,
    config: DeskConfig,
    document: Document,
    outreach: Outreach,
    *,
    way: Way,
    person: Person,
    beside: Sequence[Write] = (),
) -> Outreach:
    """Commit the message and the outreach as sent; `send_reply` sends it as any other.

    Raises PreconditionFailed or AlreadyExists where something it was decided on has changed; nothing was
    written then.
    """
    limits = channel_of(services, config, way.channel).limits
    now = services.ports.clock.now()
    customer, writes = (person.customer, []) if person.customer else _begun(person.number, now)
    said: list[Outreach] = []
    outgoing = way.outgoing
    assert outgoing is not None  # noqa: S101 - of a call alone

    def decide(head: Head | None, rev: int) -> Change:
        said.clear()
        before = head or Head(
            desk=config.desk.id,
            channel=way.channel,
            account=way.account,
            contact=way.contact,
            customer=customer.id,
            created_at=stamp(now),
        )
        leave = may_contact(person.customer, limits, before, now)
        late = "wrote" in outreach.overtaken_by and before.last_inbound_at > outreach.since
        if late or before.state in FROZEN or not (leave.template if outgoing.template else leave.free_text):
            raise PreconditionFailed(way.conversation)
        messages = _messages(config, outreach, fitted(outgoing, limits), head=before, rev=rev, now=now)
        seqs = tuple(one.seq for one in messages)
        sent = msgspec.structs.replace(
            outreach, conversation=way.conversation, seq=seqs[-1], pieces=len(seqs)
        )
        said.append(sent)
        put = Put(document.path, as_data(sent), version=document.version, expires=instant(sent.until))
        return Change(
            head=msgspec.structs.replace(
                before, last=seqs[-1], asked=outreach.id if outreach.asks else before.asked
            ),
            writes=[put, *writes, *beside, *(adding(way.conversation, one) for one in messages)],
            intents=[Publication.of(reply_ready(store, way.conversation, seqs))],
        )

    await commit(services.ports, store, way.conversation, decide)
    return said[0]


def _messages(
    config: DeskConfig, outreach: Outreach, pieces: list[Outgoing], *, head: Head, rev: int, now: datetime
) -> list[Message]:
    """The messages that say it, cut to the channel, under the next sequences."""
    return [
        Message(
            seq=head.last + 1 + part,
            author="desk",
            status="queued",
            at=stamp(now),
            until=stamp(messages_until(config, now)),
            content=Content(text=_words(config, head, piece)),
            outgoing=piece,
            public_id=digest("outreach", outreach.id, str(part)),
            outreach=outreach.id,
            born=rev,
            rev=rev,
            epoch=head.epoch,
        )
        for part, piece in enumerate(pieces)
    ]


def _words(config: DeskConfig, head: Head, piece: Outgoing) -> str:
    """What people read of it: of a template, what it says."""
    return approved(config, head.channel, piece.template) if piece.template else piece.text


def _begun(number: str, now: datetime) -> tuple[Customer, list[Write]]:
    """The customer of a number nobody knew: whoever proves it by writing from it is they."""
    identity = f"identities/{digest('identity', f'phone:{number}')}"
    made = Customer(id=digest("customer", identity), claimed={"phone": Claim(value=number, at=stamp(now))})
    made = msgspec.structs.replace(made, terms=terms_of(made))
    link: dict[str, object] = {"shape": 1, "customer": made.id}
    return made, [Create(f"customers/{made.id}", as_data(made)), Create(identity, link)]
