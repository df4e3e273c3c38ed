"""The local server as somebody starts and stops it: a port it cannot have, and Ctrl-C with pages open."""

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

from shared.bootstrap import Process
from shared.config.settings import read_settings
from shared.domain.errors import Permanent
from shared.local_server import bind, greet_owner
from shared.security.invitations import Invitations

ROOT = Path(__file__).parents[3]


def test_a_taken_port_is_told_with_who_holds_it():
    """The holder's name and process, and another port to choose."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(Permanent, match=rf"taken by .+ \(process {os.getpid()}\).* PORT={port + 1}"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_this_machine_has_not_is_no_taken_port(host):
    """What is wrong is HOST, and an address that works is named."""
    with pytest.raises(Permanent, match=rf"^HOST={host}: .+ HOST=127.0.0.1"):
        bind(host, 0)


async def test_whoever_starts_it_first_is_given_the_owners_link_outside_the_logs(tmp_path, capsys):
    """Until there is an owner each start prints a link that works; then no more is said."""
    told = {"FRONTDESK_DATA": str(tmp_path)}
    process = Process(read_settings(told), told)
    try:
        invitations = Invitations((await process.services()).platform, process.ports.clock)
        await greet_owner(process, "http://127.0.0.1:8080")
        link = re.search(r"http://127\.0\.0\.1:8080/console/join/([\w-]+)", capsys.readouterr().out)
        await invitations.accept(
            link[1], name="Mira", email="mira@agency.example", password="a phrase to keep"
        )
        await greet_owner(process, "http://127.0.0.1:8080")
    finally:
        await process.close()

    assert "" == capsys.readouterr().out


async def test_ctrl_c_with_a_page_open_ends_without_an_error(tmp_path):
    """Streams of events are ended, not cancelled: no traceback, no error, and the answer is whole."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PORT": str(port)}
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "functions", cwd=tmp_path, env=environment, stderr=asyncio.subprocess.PIPE
    )
    said = asyncio.create_task(server.stderr.read())
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as browser:
            await _ready(browser)
            async with browser.stream("GET", "/api/v1/desks/events") as page:
                chunks = page.aiter_bytes()
                assert b"event: board" in await anext(chunks)
                server.send_signal(signal.SIGINT)
                rest = [chunk async for chunk in chunks]
        code, words = await asyncio.wait_for(server.wait(), 20), (await said).decode()
    finally:
        if server.returncode is None:
            server.kill()

    assert (code, rest) == (0, [])
    assert "Traceback" not in words
    assert "error" not in words.lower()


async def _ready(browser):
    async with asyncio.timeout(30):
        while True:
            try:
                return (await browser.get("/ready")).raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.1)
