"""Servers under measurement: processes of their own on loopback, stopped with the measurement."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.emulators import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A process and its port."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def memory(self) -> float:
        """Resident MB of the process and its children."""
        return sum(_resident(pid) for pid in [self.process.pid, *_children(self.process.pid)]) / 1e6


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """What a server is told, and of this process's own environment only what finds programs."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "",
        "PORT": str(port),
        "FRONTDESK_DATA": str(folder / "data"),
        "FRONTDESK_CONFIGS": str(ROOT / "configs"),
        "META_APP_SECRET": "app-secret",
        "META_VERIFY_TOKEN": "shake",
        "META_ACCESS_TOKEN": "EAAG-token",
        **more,
    }


@contextlib.contextmanager
def running(command: Sequence[str], told: Mapping[str, str], port: int) -> Iterator[Server]:
    """A server while it is measured."""
    process = subprocess.Popen(
        list(command), env=dict(told), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(process, port)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    """Returns when the port takes a connection."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once with {process.returncode}")
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.01)
    raise RuntimeError("the server never answered")


@contextlib.contextmanager
def product(folder: Path, module: str = "functions", **more: str) -> Iterator[Server]:
    """The product's own server, or a module started like it."""
    port = free_port()
    with running([sys.executable, "-m", module], environment(folder, port, **more), port) as server:
        yield server


def framework(source: str, port: int) -> list[str]:
    """The command of the Functions Framework for the handler in a file, as Cloud Functions runs it."""
    program = str(Path(sys.executable).parent / "functions-framework")
    return [
        program,
        "--target=handle",
        f"--source={source}",
        "--signature-type=http",
        "--host=127.0.0.1",
        f"--port={port}",
    ]


@contextlib.contextmanager
def bare(folder: Path) -> Iterator[Server]:
    """The yardstick."""
    port = free_port()
    command = framework(str(ROOT / "benchmarks" / "bare_function.py"), port)
    with running(command, environment(folder, port, WORKERS="1"), port) as server:
        yield server
