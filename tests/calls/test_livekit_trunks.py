"""Telephones at the real LiveKit server with Redis: trunks, rules, and the request that would dial."""

import json
from itertools import count

import pytest
from livekit import api

from shared.domain.call_rooms import Dial, NotDialled, RoomPlan
from shared.domain.errors import NotConnected, Permanent
from shared.integrations.livekit import LiveKit, dial_request

NUMBERS = (f"+9122000{number:05d}" for number in count(1))
PLAN = RoomPlan(metadata={"tenant": "acme", "desk": "front"})
DIAL = Dial(
    room="call-front-1",
    trunk="ST_1",
    number="+919812345678",
    shown="+912200000103",
    identity="caller",
    ring_seconds=30,
    most_seconds=1200,
)


@pytest.fixture
async def trunks(livekit_with_redis):
    """The project at a server that can keep trunks."""
    server = livekit_with_redis
    found = LiveKit(url=server.url, pairs=((server.key, server.secret),), agent="front-desk")
    yield found
    await found.close()


async def test_a_trunk_takes_calls_to_its_numbers_and_no_other_may(trunks):
    """A number belongs to one trunk; its numbers can be brought up to date."""
    number, other = next(NUMBERS), next(NUMBERS)
    made = await trunks.add_inbound_trunk("frontdesk front", [number], ["192.0.2.0/28"])
    with pytest.raises(Permanent, match="trunk frontdesk back"):
        await trunks.add_inbound_trunk("frontdesk back", [number], [])
    await trunks.set_inbound_numbers(made.id, [number, other])
    (kept,) = [one for one in await trunks.trunks("in") if one.id == made.id]

    assert ("frontdesk front", {number, other}) == (kept.name, set(kept.numbers))


async def test_a_rule_gives_each_caller_a_room_with_the_agent_and_is_made_once(trunks):
    """The rule makes rooms that carry whose they are; asked again it is the same rule, brought up to date."""
    trunk = (await trunks.add_inbound_trunk("frontdesk rule", [next(NUMBERS)], [])).id
    first = await trunks.rule(trunk, "frontdesk rule", "call-front-", PLAN)
    again = await trunks.rule(trunk, "frontdesk rule", "call-front-", PLAN)
    listed = await trunks._api.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest())
    (kept,) = [one for one in listed.items if trunk in one.trunk_ids]

    assert first == again == kept.sip_dispatch_rule_id
    assert "call-front-" == kept.rule.dispatch_rule_individual.room_prefix
    assert dict(PLAN.metadata) == json.loads(kept.room_config.metadata)
    assert [("front-desk", kept.room_config.metadata)] == [
        (one.agent_name, one.metadata) for one in kept.room_config.agents
    ]


async def test_desks_that_share_a_trunk_have_a_rule_each_for_their_own_numbers(trunks):
    """The room of a call carries whose number was dialled, and not whose rule was written last."""
    front, back = next(NUMBERS), next(NUMBERS)
    trunk = (await trunks.add_inbound_trunk(f"shared {front}", [front, back], [])).id
    other = RoomPlan(metadata={"tenant": "other", "desk": "back"})
    await trunks.rule(trunk, "frontdesk front", "call-front-", PLAN)  # as it was alone there
    await trunks.rule(trunk, "frontdesk back", "call-back-", other, numbers=[back])
    await trunks.rule(trunk, "frontdesk front", "call-front-", PLAN, numbers=[front])
    listed = await trunks._api.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest(trunk_ids=[trunk]))
    kept = {tuple(one.numbers): json.loads(one.room_config.metadata) for one in listed.items}

    assert {(front,): dict(PLAN.metadata), (back,): dict(other.metadata)} == kept


async def test_what_would_dial_is_asked_of_the_trunk_and_without_a_sip_server_may_work_later(trunks):
    """Nobody answers for telephones here: that is transient; a trunk that is not there is not."""
    trunk = await trunks.add_outbound_trunk(
        "frontdesk front", [next(NUMBERS)], host="acme.pstn.example", username="us", password="them"
    )
    (kept,) = [one for one in await trunks.trunks("out") if one.id == trunk.id]
    dial = Dial(**{field: getattr(DIAL, field) for field in DIAL.__slots__} | {"trunk": trunk.id})
    with pytest.raises(NotDialled, match="no response from servers"):
        await trunks.dial(dial)
    with pytest.raises(Permanent, match="not at LiveKit"):
        await trunks.dial(DIAL)

    assert "frontdesk front" == kept.name


def test_the_request_that_would_dial():
    """It names trunk, number, room and who is shown, waits for nobody, and bounds ringing and talking."""
    request = dial_request(DIAL)

    assert ("ST_1", "+919812345678", "+912200000103") == (
        request.sip_trunk_id,
        request.sip_call_to,
        request.sip_number,
    )
    assert ("call-front-1", "caller") == (request.room_name, request.participant_identity)
    assert not request.wait_until_answered
    assert (30, 1200) == (request.ringing_timeout.seconds, request.max_call_duration.seconds)


async def test_a_server_without_redis_says_what_it_lacks(livekit):
    """Telephones need Redis at LiveKit; the message says so and not that something is internal."""
    bare = LiveKit(url=livekit.url, pairs=((livekit.key, livekit.secret),), agent="front-desk")
    with pytest.raises(NotConnected, match="Redis"):
        await bare.trunks("in")
    await bare.close()
