"""The LiveKit server of tests and laptops: on one address, stopped when asked, clear where it cannot."""

import subprocess
import sys
from uuid import uuid4

import psutil
import pytest
from livekit import api

from shared.domain.errors import Permanent
from tests.livekit_server import cache
from voice_service.livekit_server import binary, free_port, running


def test_every_socket_is_on_loopback(livekit):
    """Nothing that the server opens can be reached from the network."""
    sockets = psutil.Process(livekit.pid).net_connections()

    assert {("127.0.0.1", livekit.media_port), ("127.0.0.1", int(livekit.url.rpartition(":")[2]))} == {
        tuple(one.laddr) for one in sockets if one.status in {"LISTEN", "NONE"}
    }


async def test_its_settings_open_it(livekit):
    """Rooms are made and listed with the address, key and secret that it gives."""
    name = f"room-{uuid4().hex}"
    async with api.LiveKitAPI(livekit.url, livekit.key, livekit.secret) as client:
        await client.room.create_room(api.CreateRoomRequest(name=name))
        rooms = await client.room.list_rooms(api.ListRoomsRequest(names=[name]))

    assert [name] == [room.name for room in rooms.rooms]


async def test_with_a_redis_it_keeps_trunks(livekit_with_redis):
    """A trunk of SIP that was made is there."""
    server = livekit_with_redis
    number = "+4930123456"
    async with api.LiveKitAPI(server.url, server.key, server.secret) as client:
        trunk = api.SIPInboundTrunkInfo(name="line", numbers=[number])
        made = await client.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=trunk))
        listed = await client.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())
        await client.sip.delete_trunk(api.DeleteSIPTrunkRequest(sip_trunk_id=made.sip_trunk_id))

    assert [[number]] == [list(one.numbers) for one in listed.items]


def test_it_ends_with_its_block():
    """After the block the process is gone and its port is free."""
    with running(cache=cache()) as server:
        assert psutil.pid_exists(server.pid)

    assert not psutil.pid_exists(server.pid)


def test_a_port_that_is_taken_is_told(livekit):
    """Where it cannot start, the message says where and why."""
    port = int(livekit.url.rpartition(":")[2])

    with (
        pytest.raises(Permanent, match=f"port {port} of 127.0.0.1 is in use"),
        running(cache=cache(), port=port),
    ):
        pass


def test_what_keeps_it_from_starting_is_told():
    """The message ends in the server's own last words."""
    with (
        pytest.raises(Permanent, match=r"did not start on 127\.0\.0\.1:\d+: .*redis"),
        running(cache=cache(), redis=f"127.0.0.1:{free_port()}"),
    ):
        pass


def test_a_missing_server_is_told_with_what_to_do(tmp_path, monkeypatch):
    """The message says where it was looked for and how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Permanent, match="run make livekit"):
        binary(tmp_path)


def test_by_hand_it_prints_its_settings_and_ends_on_sigterm():
    """Another program reads the three lines and stops it by its process id."""
    port = free_port()
    command = [sys.executable, "-m", "tests.livekit_server", "--port", str(port), "--secret", "s" * 40]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = [process.stdout.readline().strip() for _ in range(3)]
        process.terminate()

    assert [
        f"LIVEKIT_URL=ws://127.0.0.1:{port}",
        "LIVEKIT_API_KEY=frontdesk",
        f"LIVEKIT_API_SECRET={'s' * 40}",
    ] == said
    assert 0 == process.returncode
