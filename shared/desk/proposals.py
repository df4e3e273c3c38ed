"""What people decide about a proposed fix: look, change, approve, refuse."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared import outbox
from shared.config.schema import DeskConfig
from shared.config.versions import Version
from shared.desk.commit import as_data
from shared.desk.rehearse import Stage, rehearse
from shared.desk.retention import said_until
from shared.desk.services import Services
from shared.domain.colleagues import Actor, at_least
from shared.domain.errors import Contested, Permanent, PreconditionFailed
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.proposals import Fix, Proposal, ProposalState, Scenario, proposal_path
from shared.knowledge.index import KnowledgeIndex
from shared.knowledge.read import read_files
from shared.outbox import Intent, Publication
from shared.ports import Document, Put, Query, Where

EARLIER = 10
"""So many fixes approved before are rehearsed again with a new one, the newest first."""

CLAIMED = timedelta(minutes=5)
"""An approval that takes longer died on the way, and somebody may decide anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """One page of them, newest first."""

    items: tuple[Proposal, ...]
    cursor: str | None = None


async def proposals(
    services: Services,
    tenant: str,
    *,
    state: ProposalState | None = None,
    desk: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Proposals:
    """A tenant's proposals, newest first."""
    where = [Where("state", "==", state)] if state else []
    where += [Where("desk", "==", desk)] if desk else []
    order = Query(where=tuple(where), order=("-created_at",), limit=limit, cursor=cursor)
    page = await services.tenant(tenant).query("proposals", order)
    return Proposals(items=tuple(_read(one) for one in page.documents), cursor=page.cursor)


async def proposal_of(services: Services, tenant: str, proposal: str) -> Proposal:
    """One of them. Raises Permanent where there is none of that id."""
    return _read(await _document(services, tenant, proposal))


async def change_proposal(
    services: Services, tenant: str, proposal: str, *, fix: Fix, scenario: Scenario, by: Actor
) -> Proposal:
    """Put another fix or scenario in its place, and rehearse it. Raises Permanent or Contested."""
    _may(by)
    document = await _document(services, tenant, proposal)
    known = _open(_read(document), services.ports.clock.now())
    if not scenario.ask.strip():
        raise Permanent("the scenario has no words of a customer; write what one would ask")
    new = msgspec.structs.replace(known, fix=fix, scenario=scenario)
    return await _put(services, tenant, document, await rehearsed(services, tenant, new))


async def refuse(services: Services, tenant: str, proposal: str, *, by: Actor, why: str = "") -> Proposal:
    """Learn nothing from it. Raises Permanent or Contested."""
    _may(by)
    document = await _document(services, tenant, proposal)
    known = _open(_read(document), services.ports.clock.now())
    refused = msgspec.structs.replace(known, state="refused", by=by.id, by_name=by.name, why=why.strip())
    return await _put(services, tenant, document, refused, "proposal.refused")


async def approve(services: Services, tenant: str, proposal: str, *, by: Actor) -> Proposal:
    """Publish the fix as a new version, once its scenario passes on it, and write it back where that can be.

    It is claimed before it is published, so that nobody decides otherwise meanwhile. Raises Permanent where
    it does not pass or cannot run, Contested where somebody else decided.
    """
    _may(by)
    document = await _document(services, tenant, proposal)
    known = _open(_read(document), services.ports.clock.now())
    running = await services.drafts.running(tenant, known.desk)
    tried = await rehearsed(services, tenant, known, running=running)
    if tried.after is None or not tried.after.passed:
        await _put(services, tenant, document, tried)
        raise Permanent(f"it was not published: {_why_not(tried)}")
    now = stamp(services.ports.clock.now())
    await _put(services, tenant, document, msgspec.structs.replace(tried, deciding=now))
    document = await _document(services, tenant, proposal)
    try:
        draft = await services.drafts.fixed(running, known.fix)
        done = await services.drafts.publish_judged(
            running, draft.text, draft.validated, origin="learned", by=by.name or by.id
        )
    except Exception:
        await _put(services, tenant, document, tried)
        raise
    approved = msgspec.structs.replace(
        tried, state="approved", by=by.id, by_name=by.name, published=done.version, reason=""
    )
    kept = await _put(services, tenant, document, approved, "proposal.approved")
    services.versions.forget(known.desk)
    if not draft.in_place:
        written = "The file was left as it is: this change cannot be written into it without losing comments."
    else:
        written = (await services.drafts.write_back(tenant, known.desk, done.version)).said
    told = msgspec.structs.replace(kept, written=written)
    await services.tenant(tenant).commit([Put(proposal_path(proposal), as_data(told))])
    return told


async def rehearsed(
    services: Services, tenant: str, proposal: Proposal, *, running: Version | None = None
) -> Proposal:
    """The proposal with what its scenario came to before and after the fix, and earlier ones after it."""
    drafts = services.drafts
    running = running or await drafts.running(tenant, proposal.desk)
    known = await drafts.knowledge(running)
    before = await rehearse(
        await _stage(services, proposal, running, running.config, known), proposal.scenario
    )
    new = msgspec.structs.replace(proposal, before=before, after=None, problems=(), broken=(), earlier=0)
    try:
        draft = await drafts.fixed(running, proposal.fix)
    except Permanent as error:
        return msgspec.structs.replace(new, problems=(str(error),))
    if draft.validated.config is None:
        problems = tuple(f"{one.path}: {one.found}; {one.fix}" for one in draft.problems)
        return msgspec.structs.replace(new, problems=problems)
    judged = draft.validated
    stage = await _stage(services, proposal, running, judged.config, judged.knowledge)
    page = await proposals(services, tenant, state="approved", desk=proposal.desk, limit=EARLIER)
    earlier = [one for one in page.items if one.id != proposal.id]
    return msgspec.structs.replace(
        new,
        after=await rehearse(stage, proposal.scenario),
        broken=tuple([one.id for one in earlier if not (await rehearse(stage, one.scenario)).passed]),
        earlier=len(earlier),
    )


async def _stage(
    services: Services,
    proposal: Proposal,
    running: Version,
    config: DeskConfig | None,
    knowledge: Mapping[str, bytes],
) -> Stage:
    assert config is not None  # noqa: S101 - what runs, and what has no problems, has one
    return Stage(
        services=services,
        store=services.tenant(running.tenant),
        config=config,
        knowledge=await asyncio.to_thread(lambda: KnowledgeIndex(read_files(knowledge))),
        version=running.number,
        account=f"rehearsal-{proposal.id}",
    )


def _why_not(proposal: Proposal) -> str:
    if proposal.problems:
        return proposal.problems[0]
    after = proposal.after
    if after is None or after.trouble:
        return after.trouble if after else "the fix makes no desk that could run"
    missing = ", ".join(after.lacking)
    return f"with the fix the desk's answer still lacks {missing}; change the fix, or what is expected"


def _may(by: Actor) -> None:
    if not at_least(by.role, "supervisor"):
        raise Permanent("a supervisor decides what a desk learns; ask one")


def _open(proposal: Proposal, now: datetime) -> Proposal:
    """The proposal where it is to be decided. Raises Contested."""
    if proposal.state != "proposed":
        who = f" by {proposal.by_name}" if proposal.by_name else ""
        raise Contested(f"it was {proposal.state}{who} already; open it to see what came of it")
    if proposal.deciding and now < instant(proposal.deciding) + CLAIMED:
        raise Contested("somebody is approving it right now; open it again in a moment")
    return msgspec.structs.replace(proposal, deciding="")


async def _document(services: Services, tenant: str, proposal: str) -> Document:
    found = await services.tenant(tenant).get(proposal_path(proposal))
    if found is None:
        raise Permanent(f"there is no proposal {proposal}; look at the list of proposals")
    return found


async def _put(
    services: Services, tenant: str, document: Document, proposal: Proposal, what: str = ""
) -> Proposal:
    """Keep it as it is now, with the fact that it was decided. Raises Contested for a lost race.

    It goes when the words it was made of do; approved, it is the business's own and stays.
    """
    now = stamp(services.ports.clock.now())
    new = msgspec.structs.replace(proposal, updated_at=now)
    fact = Happened(
        event_id=digest(what, proposal.id),
        tenant=tenant,
        what=what,
        at=now,
        conversation=proposal.conversation,
        data={"proposal": proposal.id, "desk": proposal.desk, "by": proposal.by},
    )
    intents: list[Intent] = [Publication.of(fact)] if what else []
    made = instant(new.created_at)
    expires = None if new.state == "approved" else await said_until(services, new.desk, made)
    write = Put(proposal_path(proposal.id), as_data(new), version=document.version, expires=expires)
    try:
        await outbox.commit(services.ports, services.tenant(tenant), [write], intents)
    except PreconditionFailed:
        raise Contested("somebody else changed it meanwhile; open it again") from None
    return new


def _read(document: Document) -> Proposal:
    return msgspec.convert(document.data, Proposal)
