"""The LiveKit server of one machine, for laptops and tests: found, kept on one address, started, stopped.

`.ci/livekit` builds it. Its flags leave sockets open to the network, so it is told all by configuration.
"""

import http.client
import json
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

from shared.domain.errors import Permanent

VERSION = "1.13.5"
START_SECONDS = 20.0
"""A busy machine took 4 seconds; an idle one takes a tenth of one."""

STOP_SECONDS = 3.0
"""After SIGTERM it closes its rooms, which took up to two seconds; then it is killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveKitServer:
    """A server that runs."""

    url: str  # ws://host:port
    key: str
    secret: str
    media_port: int  # of UDP
    pid: int

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables that lead LiveKit's own libraries to it."""
        return {"LIVEKIT_URL": self.url, "LIVEKIT_API_KEY": self.key, "LIVEKIT_API_SECRET": self.secret}


def binary(cache: Path | None = None) -> Path:
    """The server's program, from the cache that `.ci/livekit` fills or the path. Raises Permanent."""
    cached = (cache or Path.home() / ".cache") / "frontdesk" / f"livekit-server-{VERSION}" / "server"
    if cached.is_file():
        return cached
    if found := shutil.which("livekit-server"):
        return Path(found)
    raise Permanent(f"no LiveKit server at {cached} and no livekit-server on the path; run make livekit")


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    """A port nobody uses just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    *,
    cache: Path | None = None,
    host: str = "127.0.0.1",
    interface: str = "lo",
    port: int = 0,
    media_port: int = 0,
    key: str = "frontdesk",
    secret: str = "",
    redis: str = "",
    webhooks: Sequence[str] = (),
    empty_timeout: int = 30,
    departure_timeout: int = 5,
) -> Iterator[LiveKitServer]:
    """Run the server until the block ends; every socket is on `host`, which is the address of `interface`.

    Port 0 takes a free one, no secret makes one. `redis` is host:port of a Redis, which trunks of SIP need.
    `empty_timeout` and `departure_timeout` are the seconds after which a room closes that nobody joined, or
    that everybody left. Raises Permanent where it is missing or does not start.
    """
    port = port or free_port(host=host)
    media_port = media_port or free_port(socket.SOCK_DGRAM, host)
    secret = secret or secrets.token_hex(24)
    config: dict[str, Any] = {
        "port": port,
        "bind_addresses": [host],
        "keys": {key: secret},
        "rtc": {
            "node_ip": host,
            "use_external_ip": False,
            "udp_port": media_port,
            "tcp_port": 0,  # any other listens on all addresses
            "enable_loopback_candidate": True,
            "interfaces": {"includes": [interface]},
            "ips": {"includes": [f"{host}/32"]},
            "stun_servers": [f"{host}:3478"],  # nobody is there; with none, clients are sent to public ones
        },
        "turn": {"enabled": False},
        "room": {
            "empty_timeout": empty_timeout,
            "departure_timeout": departure_timeout,
            "enable_remote_unmute": True,
        },
        "logging": {"level": "info"},
    }
    if redis:
        config["redis"] = {"address": redis}
    if webhooks:
        config["webhook"] = {"api_key": key, "urls": list(webhooks)}
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        raise Permanent(f"port {port} of {host} is in use; stop what listens there, or name another")
    with tempfile.TemporaryFile() as said:
        process = _start([str(binary(cache))], config, said)
        try:
            _wait_for(process, host, port, said)
            url = f"ws://{host}:{port}"
            yield LiveKitServer(url=url, key=key, secret=secret, media_port=media_port, pid=process.pid)
        finally:
            _stop(process)


def _start(command: list[str], config: dict[str, Any], said: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start it with its configuration in the environment: the secret is in no file and no argument."""
    environment = {"LIVEKIT_CONFIG": json.dumps(config)}
    return subprocess.Popen(  # noqa: S603  # our own program
        command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
    )


def _wait_for(process: subprocess.Popen[bytes], host: str, port: int, said: IO[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection(host, port, timeout=1)
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/")  # its own word on its health
            if connection.getresponse().status == HTTPStatus.OK:
                return
        time.sleep(0.02)
    said.seek(0)
    words = said.read().decode(errors="replace").strip().splitlines()
    why = words[-1] if words else "it said nothing"
    raise Permanent(f"the LiveKit server did not start on {host}:{port}: {why}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:  # told in its first second it does not hear
        process.kill()
        process.wait()
