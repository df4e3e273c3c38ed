"""What is to be done about a call, by what is known of it and who is in its room; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.desk.calls.longest import lasts_since
from shared.domain.call_rooms import Participant, is_caller, is_person
from shared.domain.calls import Call, CallOutcome
from shared.domain.instants import instant

COMES_WITHIN = timedelta(seconds=90)
"""So long a caller may take from asking for a room to being in it, and a telephone until it is answered."""

NOBODY_FOR = timedelta(seconds=3)
"""A caller is alone no longer than this before the agent is sent for anew."""

SOON, LATER = timedelta(seconds=3), timedelta(seconds=30)
"""Until the next look: where something is amiss, and where nothing is."""

DISPATCHES = 3
"""How often the agent is sent for anew until the caller is told."""

LAST = 8
"""The look at which whoever carries a call is no longer waited for to end it, once the other side is gone."""


@dataclass(frozen=True, slots=True)
class Look:
    """Nothing to do but to look again; `look` counts looks running that found something amiss."""

    after: timedelta
    look: int


@dataclass(frozen=True, slots=True)
class Send:
    """Send for the agent, put out one that does nothing, and look again."""

    look: int
    out: tuple[str, ...] = ()  # identities


@dataclass(frozen=True, slots=True)
class Over:
    """End it: there is nobody to talk with, or nobody of ours who could; `tell` the caller and people."""

    outcome: CallOutcome
    reason: str
    tell: bool = False


Step = Look | Send | Over


def outlook(
    call: Call, people: Sequence[Participant] | None, now: datetime, *, look: int, most: timedelta
) -> Step:
    """What is to be done about a live call; `people` is None where its room is gone, `most` its longest."""
    if now - lasts_since(call) > most:
        return Over(left_as(call), "it lasted longer than a call may")
    caller = next((one for one in people or () if is_caller(one.identity, one.kind)), None)
    if people is None or caller is None:
        return _empty(call, people, now - instant(call.started_at), look)
    agents = tuple(one.identity for one in people if one.kind == "agent")
    with_person = call.state == "with_person" and any(is_person(one.identity) for one in people)
    if with_person or (agents and call.job):
        return Look(LATER, 1)
    return _alone(agents, now - caller.since, look)


def _alone(agents: tuple[str, ...], waits: timedelta, look: int) -> Step:
    """What is to be done where the other side is in the room and nobody of ours has taken the call up."""
    if agents and look <= DISPATCHES:
        return Look(SOON, look + 1)
    if waits < NOBODY_FOR:
        return Look(NOBODY_FOR - waits, look)
    if look <= (2 * DISPATCHES if agents else DISPATCHES):
        return Send(look + 1, out=agents)
    return Over("failed", "nobody of ours came to the call", tell=True)


def _empty(call: Call, people: Sequence[Participant] | None, age: timedelta, look: int) -> Step:
    """What is to be done where the other side is not in the room."""
    if call.state in ("waiting", "dialling") and not (call.answered_at or call.left) and age < COMES_WITHIN:
        return Look(SOON, look)
    if call.left and call.state == "dialling":
        return Over(left_as(call, call.left), f"the other side left: {call.left}")
    if people is None:
        return Over(left_as(call), "its room is closed")
    if any(one.kind == "agent" for one in people) and look < LAST:
        return Look(SOON, look + 1)  # whoever carries it is given the time to end it
    return Over(left_as(call), "the caller is gone")


def not_taken_as(status: int) -> CallOutcome:
    """How a call ended that nobody took, by the network's SIP status."""
    if status in (486, 600):
        return "busy"
    if status in (603, 607, 608):  # declined, unwanted, turned away on their behalf
        return "refused"
    return "no_answer" if status in (408, 480, 487) else "failed"


def left_as(call: Call, why: str = "") -> CallOutcome:
    """How a call ended that somebody left; `why` is LiveKit's word for their leaving."""
    if call.state == "dialling":
        unanswered: dict[str, CallOutcome] = {
            "USER_UNAVAILABLE": "no_answer",
            "USER_REJECTED": "busy",
            "SIP_TRUNK_FAILURE": "failed",
        }
        return unanswered.get(why, "failed")
    if call.state == "with_person":
        return "handed_over"
    return "completed" if call.first_word_at or call.answered_at else "abandoned"
