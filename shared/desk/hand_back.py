"""Gives a conversation back to the desk, which reads what the people left it before it answers again."""

from collections.abc import Sequence

import msgspec

from shared.desk.commit import head_path, read_head
from shared.desk.people_memory import left, memory_path
from shared.desk.propose_summary import Proposal, propose
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change, happened
from shared.desk.to_answer import turn_alarm
from shared.domain.colleagues import DESK, Actor, at_least
from shared.domain.conversation import Head
from shared.domain.errors import Contested, Permanent
from shared.domain.handovers import Handover, HandoverState
from shared.domain.instants import stamp
from shared.domain.states import FROZEN
from shared.outbox import Intent
from shared.ports import Document

LONGEST = 2_000  # characters of a summary or a promise


async def hand_back(
    services: Services,
    tenant: str,
    conversation: str,
    *,
    by: Actor = DESK,
    summary: str = "",
    promises: Sequence[str] = (),
    tended_at: str = "",
) -> Head:
    """Give a conversation back to the desk; what waits is answered, with summary and promises read first.

    Without a summary the desk reads one of its own. A timer names when the conversation was last tended,
    as it knows.
    Raises Contested where a colleague has it, Permanent where no person has it.
    """
    store = services.tenant(tenant)
    if not summary.strip():
        head = read_head(await store.get(head_path(conversation)))
        found = await propose(services, tenant, conversation) if head and head.state in FROZEN else Proposal()
        summary, promises = found.summary, promises or found.promises
    before = await store.get(memory_path(conversation))
    summary, promises = (
        summary.strip()[:LONGEST],
        tuple(one.strip()[:LONGEST] for one in promises if one.strip()),
    )

    def decide(scene: Scene) -> Move:
        if scene.head.state not in FROZEN:
            raise Permanent(
                f"conversation {conversation} is not with a person; there is nothing to hand back"
            )
        if tended_at and tended_at != scene.head.tended_at:
            raise Permanent("somebody has looked after this conversation since; it stays with them")
        check_has(scene, by)
        return handed_back(tenant, conversation, scene, before, by=by, summary=summary, promises=promises)

    return await change(services, store, conversation, decide, by=by)


def handed_back(
    tenant: str,
    conversation: str,
    scene: Scene,
    before: Document | None,
    *,
    by: Actor,
    summary: str = "",
    promises: Sequence[str] = (),
) -> Move:
    """The move that gives the word to the desk; `before` is what people left it to know earlier."""
    at, (head, answering) = stamp(scene.now), given_back(tenant, conversation, scene)
    return Move(
        head=head,
        handover=ended(scene, "handed_back", by=by, summary=summary, promises=promises),
        writes=left(
            conversation, before, at=at, until=scene.until, by=by, summary=summary, promises=promises
        ),
        intents=[happened(tenant, conversation, scene, what="conversation.handed_back"), *answering],
        why="handed back",
    )


def given_back(tenant: str, conversation: str, scene: Scene) -> tuple[Head, list[Intent]]:
    """The head with the word at the desk again, which begins anew, and the turn that answers what waits."""
    at = stamp(scene.now)
    head = msgspec.structs.replace(
        scene.head,
        state="back_to_ai",
        back_at=at,
        assignee="",
        handover="",
        failures=0,
        negative_in_a_row=0,
        unsure_in_a_row=0,
        snoozed_until="",
    )
    if head.answered >= head.pending:
        return head, []
    alarm = turn_alarm(tenant, conversation, head.pending, scene.now)
    return msgspec.structs.replace(head, due=at), [alarm]


def check_has(scene: Scene, by: Actor) -> None:
    """Returns if it is for `by` to end: who has it, a supervisor, the desk. Raises Contested."""
    head = scene.head
    free = head.assignee in ("", by.id) or not by.id
    if not free and not at_least(by.role, "supervisor"):
        raise Contested(f"{scene.name_of(head.assignee)} has this conversation; ask them or a supervisor")


def ended(
    scene: Scene,
    state: HandoverState,
    *,
    by: Actor,
    summary: str,
    promises: Sequence[str],
    lesson: str = "",
) -> Handover | None:
    """The handover under way as it ends, None where there is none."""
    if scene.handover is None:
        return None
    return msgspec.structs.replace(
        scene.handover,
        state=state,
        offered_to="",
        offered_until="",
        ended_at=stamp(scene.now),
        ended_by=by.id,
        note=summary,
        promises=tuple(promises),
        lesson=lesson,
    )
