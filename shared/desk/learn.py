"""Proposes what a desk could learn when a person has finished what it could not answer."""

import msgspec

from shared import outbox
from shared.desk.commit import as_data, head_path, message_path, read_head, read_message
from shared.desk.customers import find
from shared.desk.proposals import rehearsed
from shared.desk.retention import said_until
from shared.desk.services import Services
from shared.desk.spending import within_budget
from shared.desk.taken_unasked import taken_unasked
from shared.desk.transcript import readable
from shared.domain.conversation import Head, Message
from shared.domain.customers import known
from shared.domain.errors import AlreadyExists
from shared.domain.events import Happened
from shared.domain.handovers import Handover, handover_path
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.proposals import Fix, Proposal, Scenario, proposal_path
from shared.models.chat_model import Briefing
from shared.models.lesson import lesson_request, read_lesson
from shared.outbox import Publication
from shared.ports import Create
from shared.security.tenancy import TenantStore

ENDED = ("conversation.resolved", "conversation.handed_back")
"""Facts after which there may be something to learn."""
BEFORE, MOST = 6, 60
"""Messages read before the one that led to the handover, and at most."""
_WHO = {"customer": "Customer", "desk": "Desk", "human": "Colleague"}


async def learn_from_handover(services: Services, event: Happened) -> None:
    """Propose a fix where a person has just finished a conversation. Told twice, it proposes once."""
    if event.what not in ENDED or not event.conversation:
        return
    store, handover = services.tenant(event.tenant), event.data.get("handover")
    if isinstance(handover, str) and handover:
        found = await store.get(handover_path(handover))
        over = msgspec.convert(found.data, Handover) if found else None
    else:
        over = await taken_unasked(store, event.conversation, event.at)
    if over is not None:
        await propose(services, event.tenant, over)


async def propose(services: Services, tenant: str, over: Handover) -> Proposal | None:
    """The proposal made of a handover, rehearsed; None where there is nothing to learn, or one was made.

    Raises Transient where no model answers.
    """
    store, name = services.tenant(tenant), digest("proposal", over.id)
    document, made = await store.get_many([head_path(over.conversation), proposal_path(name)])
    head, published = read_head(document), await services.versions.published(over.desk)
    if head is None or published is None or made is not None:
        return None
    talk = await _talk(store, over, head)
    if not over.lesson and not any(who == "Colleague" for who, _ in talk):
        return None
    briefing = Briefing(language=head.language or published.config.desk.languages[0])
    request = lesson_request(talk, reason=over.reason, known=over.lesson, briefing=briefing)
    fast = services.models.route("fast")
    async with within_budget(
        services,
        store,
        config=published.config,
        conversation=over.conversation,
        request=request,
        routes=(fast,),
    ) as allowed:
        await allowed
        lesson = read_lesson(await fast.answer(request))
    if lesson is None:
        return None
    customer = await find(store, over.customer)
    fix, scenario = _without(tuple(known(customer).values()) if customer else (), *lesson)
    at = stamp(services.ports.clock.now())
    proposal = Proposal(
        id=name,
        desk=over.desk,
        conversation=over.conversation,
        handover=over.id,
        fix=fix,
        scenario=scenario,
        reason=over.reason,
        created_at=at,
        updated_at=at,
    )
    proposal = await rehearsed(services, tenant, proposal)
    return proposal if await _kept(services, store, proposal) else None


async def _kept(services: Services, store: TenantStore, proposal: Proposal) -> bool:
    expires = await said_until(services, proposal.desk, instant(proposal.created_at))
    fact = Happened(
        event_id=digest("proposal-made", proposal.id),
        tenant=store.tenant,
        what="proposal.made",
        at=proposal.created_at,
        conversation=proposal.conversation,
        data={"proposal": proposal.id, "desk": proposal.desk},
    )
    try:
        await outbox.commit(
            services.ports,
            store,
            [Create(proposal_path(proposal.id), as_data(proposal), expires=expires)],
            [Publication.of(fact)],
        )
    except AlreadyExists:
        return False
    return True


async def _talk(store: TenantStore, over: Handover, head: Head) -> list[tuple[str, str]]:
    """Who said what, from a little before the handover to its end."""
    first = max(over.asked_seq - BEFORE, 1)
    seqs = range(first, min(head.last, first + MOST) + 1)
    documents = await store.get_many([message_path(over.conversation, seq) for seq in seqs])
    messages = [read_message(document) for document in documents if document]
    ended = over.ended_at or head.updated_at
    return [(_WHO[one.author], _said(one)) for one in messages if one.at <= ended and not one.withdrawn]


def _said(message: Message) -> str:
    template = message.outgoing.template if message.outgoing else None
    return readable(message.content) if template is None else ""


def _without(personal: tuple[str, ...], fix: Fix, scenario: Scenario) -> tuple[Fix, Scenario]:
    """Fix and scenario without what is known of the customer."""

    def clean(text: str) -> str:
        for detail in sorted(personal, key=len, reverse=True):
            if len(detail) > 1:
                text = text.replace(detail, "…")
        return text

    gone = {words for words in scenario.expect if words in fix.text and words not in clean(fix.text)}
    expect = tuple(words for words in scenario.expect if words not in gone)
    return (
        msgspec.structs.replace(fix, title=clean(fix.title), text=clean(fix.text)),
        msgspec.structs.replace(scenario, ask=clean(scenario.ask), expect=expect),
    )
