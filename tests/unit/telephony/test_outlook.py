"""What is to be done about a call, case by case."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from shared.desk.calls.outlook import LATER, SOON, Look, Over, Send, left_as, outlook
from shared.domain.call_rooms import CALLER, Participant
from shared.domain.calls import Call
from shared.domain.instants import stamp

NOW = datetime(2026, 11, 20, 18, 20, tzinfo=UTC)
MOST = timedelta(minutes=32)
CALL = Call(
    id="c1",
    desk="front",
    conversation="talk",
    customer="asha",
    room="r",
    direction="browser",
    account="front",
    contact="visitor",
    state="waiting",
    started_at=stamp(NOW - timedelta(seconds=10)),
)
CARRIED = msgspec.structs.replace(CALL, job="AJ_1", state="active", answered_at=CALL.started_at)


def one(identity, kind="standard", *, ago=5.0):
    since = NOW - timedelta(seconds=ago)
    return Participant(identity=identity, kind=kind, attributes={}, tracks=(), since=since)


def changed(call, **fields):
    return msgspec.structs.replace(call, **fields)


def old(call, minutes):
    began = stamp(NOW - timedelta(minutes=minutes))
    return changed(call, started_at=began, answered_at=call.answered_at and began)


GONE = Over("completed", "the caller is gone")
NOBODY = Over("failed", "nobody of ours came to the call", tell=True)
CASES = {
    "the visitor has not used their token yet": (CALL, None, 1, Look(SOON, 1)),
    "and never does": (old(CALL, 2), None, 1, Over("abandoned", "its room is closed")),
    "the agent waits for them": (CALL, [one("agent-1", "agent")], 1, Look(SOON, 1)),
    "they came a second ago": (CALL, [one(CALLER, ago=1)], 1, Look(timedelta(seconds=2), 1)),
    "they are alone": (CALL, [one(CALLER)], 1, Send(2)),
    "they are alone after three dispatches": (CALL, [one(CALLER)], 3, Send(4)),
    "and after all of them": (CALL, [one(CALLER)], 4, NOBODY),
    "an agent came and has not taken it up": (CALL, [one(CALLER), one("a", "agent")], 1, Look(SOON, 2)),
    "nor for long": (CALL, [one(CALLER), one("a", "agent")], 4, Send(5, out=("a",))),
    "all is well": (CARRIED, [one(CALLER), one("a", "agent")], 3, Look(LATER, 1)),
    "its agent is gone": (CARRIED, [one(CALLER)], 1, Send(2)),
    "a person speaks, and no agent is there": (
        changed(CARRIED, state="with_person"),
        [one(CALLER), one("person-asha")],
        1,
        Look(LATER, 1),
    ),
    "somebody only listens": (CARRIED, [one(CALLER), one("listener-asha-1")], 1, Send(2)),
    "the caller left, and the job ends it": (CARRIED, [one("a", "agent")], 1, Look(SOON, 2)),
    "the caller left, and no job does": (CARRIED, [one("a", "agent")], 8, GONE),
    "the room is gone": (CARRIED, None, 1, Over("completed", "its room is closed")),
    "a telephone that called": (CALL, [one("sip_+919812345678", "sip")], 1, Send(2)),
    "a telephone we brought in is no caller": (
        CARRIED,
        [one("person-sales", "sip")],
        1,
        GONE,
    ),
    "it rang for long and lasts no longer than it may": (
        changed(old(CARRIED, 33), answered_at=stamp(NOW - timedelta(minutes=31))),
        [one(CALLER), one("a", "agent")],
        1,
        Look(LATER, 1),
    ),
    "it lasts too long": (
        old(CARRIED, 40),
        [one(CALLER), one("a", "agent")],
        1,
        Over("completed", "it lasted longer than a call may"),
    ),
}


@pytest.mark.parametrize(("call", "people", "look", "expected"), CASES.values(), ids=CASES)
def test_what_is_to_be_done(call, people, look, expected):
    """Each state of a call and its room has one next step."""
    assert expected == outlook(call, people, NOW, look=look, most=MOST)


@pytest.mark.parametrize(
    ("call", "why", "outcome"),
    [
        (changed(CALL, state="dialling"), "USER_UNAVAILABLE", "no_answer"),
        (changed(CALL, state="dialling"), "USER_REJECTED", "busy"),
        (changed(CALL, state="dialling"), "SIP_TRUNK_FAILURE", "failed"),
        (changed(CALL, state="dialling"), "", "failed"),
        (changed(CARRIED, state="with_person"), "CLIENT_INITIATED", "handed_over"),
        (CARRIED, "CLIENT_INITIATED", "completed"),
        (CALL, "CLIENT_INITIATED", "abandoned"),
    ],
)
def test_how_a_call_ended_that_somebody_left(call, why, outcome):
    """Where it stood and LiveKit's word say what became of it."""
    assert outcome == left_as(call, why)
