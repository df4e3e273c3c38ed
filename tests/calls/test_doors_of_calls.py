"""Calls come in and are looked after, through the real LiveKit server and its webhooks; no worker is by."""

import asyncio
import json

import pytest
from house import until

from shared.desk.calls.sweep import sweep_calls
from shared.domain.call_rooms import CALLER, Pass, RoomPlan, call_of_room
from shared.domain.calls import is_live
from tests.calls.installed import DESK, NUMBER, SESSION, TENANT, installed

RULE = json.dumps({"tenant": TENANT, "desk": DESK})


@pytest.fixture
async def place(tmp_path):
    """An installation with LiveKit."""
    async with installed(tmp_path) as found:
        yield found


async def test_a_page_gets_a_room_and_the_call_is_there(place):
    """A token leads into the room it names, and the call waits in the list with the visitor's digest."""
    answer = await place.ask_for_a_room()
    entrance = answer.json()
    room = await place.come_in(entrance)
    call = await place.only_call()

    assert 201 == answer.status_code
    assert {"url", "token", "room", "call"} == set(entrance)
    assert (entrance["call"], entrance["room"]) == (call.id, room.name)
    assert ("browser", "waiting", DESK, "realtime") == (call.direction, call.state, call.account, call.mode)
    assert SESSION["X-Frontdesk-Session"] not in call.contact


async def test_a_caller_who_leaves_before_anybody_came_has_left(place):
    """LiveKit's webhook ends the call within moments, and the line is free again."""
    room = await place.come_in((await place.ask_for_a_room()).json())
    await room.disconnect()

    async def ended():
        return not is_live(await place.only_call())

    await until(ended)
    call = await place.only_call()
    assert ("ended", "abandoned") == (call.state, call.outcome)
    assert "CLIENT_INITIATED" in call.reason


async def test_where_no_worker_is_the_agent_is_sent_for_again_and_then_the_caller_is_told(place):
    """Three more dispatches, then the page hears that it is over, and an urgent ticket stands."""
    entrance = (await place.ask_for_a_room()).json()
    room, told = await place.come_in(entrance), asyncio.Queue()
    room.on("data_received", told.put_nowait)

    async def sent_for_again():
        dispatches = await place.livekit._api.agent_dispatch.list_dispatch(entrance["room"])
        return ["frontdesk"] * 2 == [one.agent_name for one in dispatches]

    await until(sent_for_again)
    packet = await asyncio.wait_for(told.get(), 40)
    (ticket,) = await place.house.documents("tickets", TENANT)

    async def closed():
        return not await place.livekit.rooms([entrance["room"]])

    await until(closed)
    call = await place.only_call()
    assert ("frontdesk.call", "failed", True) == (
        packet.topic,
        json.loads(packet.data)["outcome"],
        json.loads(packet.data)["called_back"],
    )
    assert ("ended", "failed") == (call.state, call.outcome)
    assert ("urgent", call.conversation) == (ticket["priority"], ticket["conversation"])


async def test_a_telephone_that_came_in_while_no_worker_was_there_is_a_call(place):
    """The number that was dialled says whose it is; the same room is the same call for every teller."""
    name = "call-krishna-_+919812345678_x7Gh2LkQ9aBc"
    telephone = await place.ring_in(name, RULE)

    async def begun():
        return bool(await place.calls())

    await until(begun)
    call = await place.only_call()
    await telephone.disconnect()

    async def ended():
        return not is_live(await place.only_call())

    await until(ended)
    assert (call_of_room(name), "inbound", NUMBER, "+919812345678", "SCL_1") == (
        call.id,
        call.direction,
        call.account,
        call.contact,
        call.sip_call,
    )
    assert "abandoned" == (await place.only_call()).outcome


async def test_rooms_whose_call_is_over_are_closed_and_others_left_alone(place):
    """A sweep closes what nobody needs, and touches no room that is not ours."""
    services = await place.house.process.services()
    over = (await place.ask_for_a_room()).json()
    caller = await place.come_in(over)
    await caller.disconnect()

    async def ended():
        return not is_live(await place.only_call())

    await until(ended)
    whose = {"tenant": TENANT, "desk": DESK, "call": over["call"]}
    await place.livekit.create_room(over["room"], RoomPlan(metadata=whose))
    await place.livekit.create_room("somebody-elses", RoomPlan(metadata={}, agent=False))
    await sweep_calls(services)
    names = [one.name for one in await place.livekit.rooms()]

    assert "somebody-elses" in names
    assert over["room"] not in names


async def test_a_forged_webhook_is_refused_and_changes_nothing(place):
    """Without LiveKit's own signature nothing is believed, whatever it tells."""
    body = {"event": "room_finished", "room": {"name": "x", "metadata": RULE}, "id": "EV_1"}
    token = place.livekit.token(Pass(room="x", identity=CALLER))
    url = f"{place.house.url}/webhooks/livekit"
    unsigned = await place.house.http.post(url, json=body)
    joined = await place.house.http.post(url, json=body, headers={"Authorization": token})

    assert (401, 401) == (unsigned.status_code, joined.status_code)


async def test_more_calls_than_lines_are_told_to_wait(place):
    """The desk's file says how many calls it carries; the next hears that all lines are busy."""
    services = await place.house.process.services()
    running = await services.versions.published(DESK)
    most = running.config.voice.integration.max_concurrent_calls
    statuses = []
    for number in range(most):
        session = f"Visitor{number:03d}_kQ0-vB7nT5mR2wY9pLc"
        statuses.append((await place.ask_for_a_room(**{"X-Frontdesk-Session": session})).status_code)
    refused = await place.ask_for_a_room(**{"X-Frontdesk-Session": "One-more_kQ0-vB7nT5mR2wY9pLc"})

    assert [201] * most == statuses
    assert 503 == refused.status_code
    assert "All lines of Krishna Diagnostics are busy" in refused.json()["detail"]
    assert "30" == refused.headers["retry-after"]
