"""Finds somebody for a handover: offers it to one colleague after the other, and ends where nobody comes.

An offer stands for as long as the desk's file gives a person to accept. Whoever takes the conversation
meanwhile ends the search; the timers of what has passed are ignored.
"""

from datetime import timedelta

import msgspec

from shared.config.people_clock import answer_due, solution_due
from shared.desk.absence import Absence, read_absence
from shared.desk.clocks import clock_alarms
from shared.desk.queue import Queue, read_handover, read_queue
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change, happened
from shared.desk.unavailable import nobody_comes
from shared.domain.assignment import able, choose
from shared.domain.colleagues import Colleague
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.outbox import Alarm, Intent

SEARCHED = ("asked", "waiting", "offered")
"""States of a handover for which somebody is still to be found."""

EARLY = timedelta(milliseconds=20)
"""Clocks of two machines differ a little; an alarm this close to its time is on time."""


async def route_handover(services: Services, tenant: str, handover: str, until: str = "") -> None:
    """Offer a handover to whoever fits best, let it wait, or do what the desk's file says for nobody.

    `until` is the end of the offer or wait that ran out, empty for a search that begins; another one than
    the handover's own is of an old generation, and nothing is done.
    """
    store = services.tenant(tenant)
    known = await read_handover(store, handover)
    if known is None or known.state not in SEARCHED or known.offered_until != until:
        return
    queue = await read_queue(services, store, known)
    if queue is None:
        return  # its desk runs no more: whoever looks at the inbox can still take it
    absence = await read_absence(services, store, queue, known)

    def decide(scene: Scene) -> Move | None:
        current = scene.handover
        if current is None or current.id != handover or current.state not in SEARCHED:
            return None
        if current.offered_until != until or (until and scene.now + EARLY < instant(until)):
            return None
        return placed(tenant, scene, current, queue, absence)

    await change(services, store, known.conversation, decide, involved=queue.people)


def placed(tenant: str, scene: Scene, before: Handover, queue: Queue, absence: Absence) -> Move:
    """The move that offers a handover, lets it wait, or ends it."""
    handover, intents = _promised(tenant, _passed(before), queue)
    escalation, now = queue.config.behavior.escalation, scene.now
    if escalation.mode == "create_ticket":
        return nobody_comes(tenant, scene, handover, absence, why="this desk writes tickets")
    if not queue.hours.is_open(now):
        return nobody_comes(tenant, scene, handover, absence, why="outside the team's hours")
    colleagues = list(scene.colleagues.values())
    chosen = choose(handover, colleagues, now, language=absence.listener.language, knew=queue.knew)
    if chosen is not None:
        return _offer(tenant, scene, handover, queue, intents, to=chosen)
    waited = before.state == "waiting" and bool(before.offered_until)
    if able(handover, colleagues, now) and not waited:
        return _wait(tenant, scene, handover, queue, intents)
    tried = waited or bool(handover.passed)
    why = "nobody took it in time" if tried else "nobody with the skill is there"
    return nobody_comes(tenant, scene, handover, absence, why=why, timed_out=tried)


def offered_now(tenant: str, scene: Scene, waiting: Handover, queue: Queue, language: str) -> Move | None:
    """The move that offers a waiting handover to somebody who has room now, None where nobody has."""
    colleagues = list(scene.colleagues.values())
    chosen = choose(waiting, colleagues, scene.now, language=language, knew=queue.knew)
    return _offer(tenant, scene, waiting, queue, [], to=chosen) if chosen else None


def _passed(handover: Handover) -> Handover:
    """The handover once its offer has run out: that colleague is not asked again."""
    if handover.state != "offered":
        return handover
    passed = tuple(dict.fromkeys((*handover.passed, handover.offered_to)))
    return msgspec.structs.replace(handover, passed=passed, offered_to="", offered_until="")


def _promised(tenant: str, handover: Handover, queue: Queue) -> tuple[Handover, list[Intent]]:
    """The handover with what the desk promises for it, and the alarms of these clocks, set once."""
    if handover.answer_due or handover.resolve_due:
        return handover, []
    since, priority = instant(handover.asked_at), handover.priority
    promised = msgspec.structs.replace(
        handover,
        answer_due=answer_due(queue.config, priority, since),
        resolve_due=solution_due(queue.config, priority, since),
    )
    dues = {"answer": promised.answer_due, "resolution": promised.resolve_due}
    return promised, clock_alarms(tenant, "handovers", handover.id, dues)


def _offer(
    tenant: str, scene: Scene, handover: Handover, queue: Queue, intents: list[Intent], *, to: Colleague
) -> Move:
    until = scene.now + timedelta(seconds=queue.kind.timeout)
    offered = msgspec.structs.replace(handover, state="offered", offered_to=to.id, offered_until=stamp(until))
    data: dict[str, object] = {
        "handover": handover.id,
        "to": to.id,
        "type": handover.type,
        "priority": handover.priority,
        "reason": handover.reason,
    }
    told = happened(tenant, handover.conversation, scene, what="handover.offered", data=data)
    return Move(
        head=msgspec.structs.replace(scene.head, state="pending_human"),
        handover=offered,
        intents=[*intents, _runs_out(tenant, offered), told],
        why=f"offered to {to.name}",
    )


def _wait(tenant: str, scene: Scene, handover: Handover, queue: Queue, intents: list[Intent]) -> Move:
    until = scene.now + timedelta(seconds=queue.kind.timeout)
    waiting = msgspec.structs.replace(handover, state="waiting", offered_to="", offered_until=stamp(until))
    data: dict[str, object] = {
        "handover": handover.id,
        "type": handover.type,
        "priority": handover.priority,
        "reason": handover.reason,
        "departments": list(handover.departments),
    }
    told = happened(tenant, handover.conversation, scene, what="handover.waiting", data=data)
    return Move(
        head=msgspec.structs.replace(scene.head, state="pending_human"),
        handover=waiting,
        intents=[*intents, _runs_out(tenant, waiting), told],
        why="everybody with the skill is busy",
    )


def _runs_out(tenant: str, handover: Handover) -> Alarm:
    """The alarm for the end of an offer or a wait."""
    payload: dict[str, object] = {
        "tenant": tenant,
        "handover": handover.id,
        "until": handover.offered_until,
    }
    name = digest("route", tenant, handover.id, handover.offered_until)
    return Alarm(name, instant(handover.offered_until), "route_handover", payload)
