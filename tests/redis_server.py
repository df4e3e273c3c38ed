"""A Redis for a test run, which LiveKit needs for trunks of SIP: in memory, stopped with its block."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

from voice_service.livekit_server import free_port

START_SECONDS = 10


class MissingRedisError(Exception):
    """Redis is not installed, or does not start; the message says what to do."""


@contextlib.contextmanager
def running() -> Iterator[str]:
    """A Redis at the host:port given. Raises MissingRedisError."""
    program = shutil.which("redis-server")
    if program is None:
        raise MissingRedisError("no redis-server on the path; run .ci/livekit")
    port = free_port()
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for(process, port)
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise MissingRedisError(f"redis-server did not start on port {port}; run it by hand to see why")
