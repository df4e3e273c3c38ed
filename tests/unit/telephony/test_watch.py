"""A live call is looked after from its beginning to its end, and swept where a telling was lost."""

import json

import pytest

from shared.desk.calls.arrive import arrived
from shared.desk.calls.report import record_call_report
from shared.desk.calls.sweep import sweep_calls
from shared.domain.call_rooms import CALLER, call_of_room
from shared.domain.errors import NotConnected, Permanent, Transient
from shared.domain.events import CallReported, InRoom
from shared.domain.workers import Carried
from tests.unit.telephony.conftest import CUSTOMER, NUMBER
from voice_service.rescue import rescued

RULE = json.dumps({"tenant": "acme", "desk": "front"})
TELEPHONE = {"sip.trunkPhoneNumber": NUMBER, "sip.phoneNumber": CUSTOMER, "sip.callID": "SCL_1"}


def reported(what, room, metadata, identity=CALLER, **more):
    someone = InRoom(identity=identity, **more) if what in ("joined", "left") else None
    name = f"{what}-{room}-{identity}"
    return CallReported(event_id=name, what=what, room=room, metadata=metadata, participant=someone, at="")


def signed(call):
    return json.dumps({"tenant": "acme", "desk": "front", "call": call})


async def test_an_agent_that_does_not_come_within_three_seconds_is_sent_for_again(line):
    """The caller waits at most four seconds for the first dispatch anew, and it carries what we signed."""
    await line.called()
    line.livekit.comes("room-c1", CALLER)
    await line.passes(4)

    assert [("room-c1", {"tenant": "acme", "desk": "front", "call": "c1"})] == line.livekit.dispatched


async def test_after_three_dispatches_the_caller_is_told_and_people_call_back(line):
    """The page hears how it ended, an urgent ticket stands, the room is closed; and that once."""
    call = await line.called(direction="inbound", account=NUMBER, contact=CUSTOMER)
    line.livekit.comes("room-c1", CALLER)
    await line.passes(60)
    (ticket,) = await line.documents("tickets")
    ended = await line.call()

    assert 3 == len(line.livekit.dispatched)
    assert [
        ("frontdesk.call", {"event": "ended", "outcome": "failed", "called_back": True})
    ] == line.livekit.told
    assert ["room-c1"] == line.livekit.deleted
    assert ("ended", "failed") == (ended.state, ended.outcome)
    assert (call.conversation, "urgent") == (ticket["conversation"], ticket["priority"])
    assert CUSTOMER in ticket["description"]


async def test_agents_that_come_and_go_at_once_are_not_sent_for_for_ever(line):
    """Each that leaves is looked after by a row of its own; the first row counts on all the same."""
    await line.called(direction="inbound", account=NUMBER, contact=CUSTOMER)
    line.livekit.comes("room-c1", CALLER)
    line.clock.move(seconds=0.05)  # timers ring a little late
    told = 0
    for _ in range(60):
        line.clock.move(seconds=0.9)
        if len(line.livekit.dispatched) > told and (await line.call()).state != "ended":
            told = len(line.livekit.dispatched)
            left = reported("left", "room-c1", signed("c1"), identity=f"agent-{told}", kind="agent")
            await record_call_report(line.services, left)
        line.clock.move(seconds=0.1)
        await line.rings()

    assert "failed" == (await line.call()).outcome
    assert told <= 6


async def test_a_call_that_is_carried_is_looked_at_now_and_then_by_one_row_of_timers(line):
    """Reports and sweeps ask for a look as well, and do not multiply the timers."""
    await line.called()
    line.livekit.comes("room-c1", CALLER)
    line.livekit.comes("room-c1", "agent-1", "agent")
    await line.taken_up()
    for minute in range(5):
        await record_call_report(line.services, reported("joined", "room-c1", signed("c1"), identity=CALLER))
        await sweep_calls(line.services)
        before = len(line.rung)
        await line.passes(60)
        looks = len(line.rung) - before
        assert looks <= 6, minute

    assert [] == line.livekit.dispatched
    assert "active" == (await line.call()).state


async def test_a_visitor_who_never_comes_has_left_after_a_minute_and_a_half(line):
    """The line they asked for is free again."""
    await line.called()
    await line.passes(95)

    assert ("ended", "abandoned") == ((await line.call()).state, (await line.call()).outcome)


async def test_where_livekit_is_away_nothing_is_decided(line):
    """A look that cannot see tries again, and ends no call."""
    await line.called()
    line.livekit.away = True
    await line.passes(10)
    line.livekit.away = False
    line.livekit.comes("room-c1", CALLER)
    await line.passes(5)

    assert "waiting" == (await line.call()).state
    assert 1 == len(line.livekit.dispatched)


async def test_a_caller_who_leaves_a_call_nobody_carries_ends_it(line):
    """LiveKit's word ends it at once; told twice it ends once."""
    await line.called()
    left = reported("left", "room-c1", signed("c1"), reason="CLIENT_INITIATED")
    await record_call_report(line.services, left)
    await record_call_report(line.services, left)

    assert ("ended", "abandoned") == ((await line.call()).state, (await line.call()).outcome)
    assert ["room-c1"] == line.livekit.deleted


async def test_a_carried_call_is_left_to_its_job_for_ten_seconds(line):
    """The job ends it with its figures; where it does not, the watch does."""
    await line.called()
    line.livekit.comes("room-c1", "agent-1", "agent")
    await line.taken_up()
    await record_call_report(
        line.services, reported("left", "room-c1", signed("c1"), reason="CLIENT_INITIATED")
    )
    await line.passes(8)
    before = (await line.call()).state
    await line.passes(3)

    assert ("active", "ended") == (before, (await line.call()).state)
    assert "completed" == (await line.call()).outcome


async def test_a_connection_that_broke_ends_nothing(line):
    """They may be back on a new one: a name that came twice, or a network that went away, is no goodbye."""
    await line.called()
    for reason in ("DUPLICATE_IDENTITY", "CONNECTION_TIMEOUT", "JOIN_FAILURE"):
        await record_call_report(line.services, reported("left", "room-c1", signed("c1"), reason=reason))

    assert "waiting" == (await line.call()).state


async def test_an_agent_that_leaves_a_caller_alone_is_replaced(line):
    """Two seconds after it left it is looked whether another came."""
    await line.called()
    line.livekit.comes("room-c1", CALLER)
    await line.taken_up()
    line.clock.move(seconds=30)
    await record_call_report(
        line.services, reported("left", "room-c1", signed("c1"), identity="agent-1", kind="agent")
    )
    await line.passes(3)

    assert 1 == len(line.livekit.dispatched)


@pytest.mark.parametrize(("lost", "sent"), [("away", 1), ("forgotten", 2), ("", 1)])
async def test_a_caller_whose_job_died_is_not_alone_though_no_other_came_at_once(line, lost, sent):
    """LiveKit was away when another was sent for, or forgot it: within four seconds one is sent for anew."""
    call = await line.called()
    line.livekit.comes(call.room, CALLER)
    line.livekit.comes(call.room, "agent-1", "agent")
    await line.taken_up()
    await line.passes(5)  # from now on it is looked at rarely
    line.livekit.away = lost == "away"
    dead = Carried(tenant="acme", desk="front", call="c1", room=call.room, job="AJ_1")
    await rescued(line.services, dead)
    line.livekit.away = False
    line.livekit.leaves(call.room, "agent-1")
    if not lost:
        line.livekit.comes(call.room, "agent-2", "agent")
        await line.taken_up(job="AJ_2")
    await line.passes(4)

    assert sent == len(line.livekit.dispatched)


async def test_a_telephone_is_a_call_of_the_desk_whose_number_was_dialled(line):
    """Who tells of the room first begins the call; its caller is nobody's customer of another channel."""
    room = "call-front-_+919812345678_abc"
    joined = reported("joined", room, RULE, identity="sip_+919812345678", kind="sip", attributes=TELEPHONE)
    await record_call_report(line.services, joined)
    await record_call_report(line.services, joined)
    _, again = await arrived(line.services, room, TELEPHONE)
    (document,) = await line.documents("calls")

    assert call_of_room(room) == again.id == document["id"]
    assert ("inbound", NUMBER, CUSTOMER, "SCL_1") == (
        again.direction,
        again.account,
        again.contact,
        again.sip_call,
    )


async def test_a_rule_that_names_another_desk_does_not_hide_whose_call_it_is(line):
    """Desks may share a trunk and its rule: who left which call is known by the number all the same."""
    room, other = "call-back-_+919812345678_x", json.dumps({"tenant": "other", "desk": "back"})
    who = {"identity": "sip_+919812345678", "kind": "sip", "attributes": TELEPHONE}
    telephone = {name.removeprefix("sip."): value for name, value in TELEPHONE.items()}
    line.livekit.comes(room, "sip_+919812345678", "sip", metadata=other, **telephone)
    await record_call_report(line.services, reported("joined", room, other, **who))
    call = call_of_room(room)
    line.livekit.comes(room, "agent-1", "agent")
    await line.taken_up(call)
    await line.passes(5)  # from now on it is looked at rarely
    line.livekit.leaves(room, "agent-1")
    agent = reported("left", room, other, identity="agent-1", kind="agent")
    await record_call_report(line.services, agent)
    await line.passes(3)
    sent = line.livekit.dispatched.copy()
    line.livekit.comes(room, "agent-2", "agent")
    await line.passes(5)
    line.livekit.leaves(room, "sip_+919812345678")
    gone = reported("left", room, other, reason="CLIENT_INITIATED", **who)
    await record_call_report(line.services, gone)
    await line.passes(11)

    assert [(room, {"tenant": "acme", "desk": "front", "call": call})] == sent
    assert "ended" == (await line.call(call)).state


async def test_callers_who_hide_their_number_stay_apart(line):
    """Two hidden callers are two customers."""
    hidden = {**TELEPHONE, "sip.phoneNumber": "anonymous"}
    _, first = await arrived(line.services, "call-front-_a", hidden)
    _, second = await arrived(line.services, "call-front-_b", hidden)

    assert first.customer != second.customer
    assert first.contact.startswith("hidden-")


async def test_a_number_nobody_has_begins_nothing(line):
    """The rule's own words do not stand in for the number that was dialled."""
    other = {**TELEPHONE, "sip.trunkPhoneNumber": "+912200000999"}
    with pytest.raises(Permanent, match="no desk has the number"):
        await arrived(line.services, "call-front-_c", other)
    await record_call_report(
        line.services,
        reported("joined", "call-front-_c", RULE, identity="sip_x", kind="sip", attributes=other),
    )

    assert [] == await line.documents("calls")


async def test_a_browser_cannot_pass_for_a_telephone(line):
    """Attributes of one who is no telephone are read by nobody."""
    await record_call_report(
        line.services, reported("joined", "call-front-_d", RULE, identity="sip_x", attributes=TELEPHONE)
    )

    assert [] == await line.documents("calls")


async def test_a_sweep_closes_orphans_begins_what_was_lost_and_leaves_others_alone(line):
    """Our rooms without a live call go; a telephone nobody told of is begun; the rest is not ours.

    Nor is a caller in a room that was signed for a call unknown here: installations may share a project.
    """
    await line.called()
    await line.over("c1", "completed")
    line.livekit.comes("room-c1", "agent-1", "agent", metadata=signed("c1"))
    line.livekit.comes("standup", "asha")
    line.livekit.comes("call-front-_e", "sip_1", "sip", metadata=RULE, trunkPhoneNumber=NUMBER)
    line.livekit.comes("lost", "agent-2", "agent", metadata=signed("unknown"))
    line.livekit.comes("others", CALLER, metadata=signed("of-another-installation"))
    line.livekit.comes("moved", "sip_2", "sip", metadata=RULE, trunkPhoneNumber="+912200000999")
    await sweep_calls(line.services)
    line.clock.move(seconds=61)
    await sweep_calls(line.services)

    assert {"standup", "others", "call-front-_e"} == set(line.livekit.inside)
    assert [call_of_room("call-front-_e")] == [
        one["id"] for one in await line.documents("calls") if one["state"] != "ended"
    ]


async def test_a_sweep_ends_calls_whose_room_is_gone(line):
    """A webhook that was lost is made good within a minute."""
    await line.called()
    await line.taken_up()
    await sweep_calls(line.services)

    assert ("ended", "completed") == ((await line.call()).state, (await line.call()).outcome)


async def test_without_livekit_there_is_nothing_to_sweep(line):
    """An installation without calls is not troubled each minute; one whose LiveKit is away tries again."""
    line.livekit.away = True
    with pytest.raises(Transient):
        await sweep_calls(line.services)

    def missing():
        raise NotConnected("set LIVEKIT_URL")

    object.__setattr__(line.services, "livekit", missing)
    assert 0 == await sweep_calls(line.services)
