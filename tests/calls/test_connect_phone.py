"""`connect phone` and `call` against the real LiveKit server with Redis; no SIP server is there to dial."""

import asyncio
import json

import pytest
from house import ROOT, until

from shared.cli.__main__ import main
from shared.domain.instants import instant
from tests import redis_server
from tests.calls.installed import NUMBER, TENANT, installed

ASKED = ("connect", "phone", "--desk", "krishna", "--from", "192.0.2.0/28")


@pytest.fixture
def redis():
    """A Redis, which trunks need."""
    with redis_server.running() as address:
        yield address


@pytest.fixture
async def place(tmp_path, redis, monkeypatch):
    """An installation whose settings are the terminal's as well."""
    async with installed(tmp_path / ".data", redis=redis) as found:
        exported = {
            "FRONTDESK_DATA": str(tmp_path / ".data"),
            "FRONTDESK_CONFIGS": str(ROOT / "configs"),
            "FRONTDESK_PUBLIC_URL": found.house.url,
            "LIVEKIT_URL": found.server.url,
            "LIVEKIT_API_KEY": found.server.key,
            "LIVEKIT_API_SECRET": found.server.secret,
            "LIVEKIT_SIP_HOST": "sip.acme.example",
            "SIP_TRUNK_HOST": "acme.pstn.example",
            "SIP_TRUNK_USERNAME": "us",
            "SIP_TRUNK_PASSWORD": "a-password-nobody-sees",
        }
        for name, value in exported.items():
            monkeypatch.setenv(name, value)
        yield found


async def test_a_number_is_connected_once_and_told_step_by_step(place, capsys):
    """Trunks and rule are made, found the second time, and what to enter at the carrier is said."""
    first = await asyncio.to_thread(main, ASKED)
    told = " ".join(capsys.readouterr().out.split())
    again = await asyncio.to_thread(main, ASKED)
    found = " ".join(capsys.readouterr().out.split())
    inward, outward = await place.livekit.trunks("in"), await place.livekit.trunks("out")

    assert (0, 0) == (first, again), told
    assert [("frontdesk krishna", (NUMBER,))] == [(one.name, one.numbers) for one in inward]
    assert [("frontdesk krishna", (NUMBER,))] == [(one.name, one.numbers) for one in outward]
    assert f"trunk {inward[0].id} made" in told
    assert f"trunk {inward[0].id} found" in found
    assert "sip:sip.acme.example;transport=tcp" in told
    assert f"{place.house.url}/webhooks/livekit" in told
    assert "a-password-nobody-sees" not in told


async def test_a_call_from_the_command_line_rings_as_soon_as_it_may(place):
    """Its room waits with whose it is and the agent sent for; who left it is called again later."""
    await place.calls_at_any_hour()
    assert 0 == await asyncio.to_thread(main, ASKED)
    command = ("call", "krishna", "+919812345678", "--purpose", "their report is ready")
    assert 0 == await asyncio.to_thread(main, command)

    async def waits():
        return bool(await place.calls()) and bool(await place.livekit.rooms([(await place.only_call()).room]))

    await until(waits)
    call = await place.only_call()
    (room,) = await place.livekit.rooms([call.room])
    telephone = await place.ring_in(call.room, identity="caller", status="ringing")
    await telephone.disconnect()

    async def put_off():
        return (await place.only_planned()).state == "waiting"

    await until(put_off)
    planned, call = await place.only_planned(), await place.only_call()
    assert {"tenant": TENANT, "desk": "krishna", "call": call.id} == json.loads(room.metadata)
    assert ("outbound", "+919812345678", NUMBER) == (call.direction, call.contact, call.account)
    assert ("ended", "failed", 1) == (call.state, call.outcome, planned.attempt)
    assert 14 < (instant(planned.due) - instant(call.ended_at)).total_seconds() / 60 < 16
