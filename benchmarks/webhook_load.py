"""Posts signed WhatsApp webhooks, each body its own, as fast as answered or at a rate: a process of its own.

Bodies are signed before the clock starts, and requests leave over raw sockets, so that the generator
takes little of the machine it shares with the server; its processor time is in what it prints.
    python -m benchmarks.webhook_load --port 8080 --seconds 3 --connections 32 [--rate 200]
"""

import argparse
import itertools
import json
import selectors
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.standins.graph_api import as_meta_writes, message_body, sign

SECRET = "app-secret"
PHONE = "100000000000101"  # the number of the sample diagnostics lab
PATH = "/webhooks/whatsapp"


def request(number: int, customers: int, series: str) -> bytes:
    """One customer's message as Meta posts it, headers and all."""
    wa_id = f"9198{number % customers:08d}"
    message = {"id": f"wamid.{series}.{number}", "type": "text", "text": {"body": f"Hello {number}"}}
    raw = as_meta_writes(message_body(PHONE, wa_id, message))
    headers = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(raw))}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**headers, **sign(raw, SECRET)}.items())
    return f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode() + raw


@dataclass(slots=True)
class Line:
    """One connection, at most one request on it."""

    sock: socket.socket
    began: float = 0.0
    heard: bytes = b""


@dataclass(slots=True)
class Load:
    """The connections and what came of the requests."""

    port: int
    requests: Iterator[bytes]
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    idle: deque[Line] = field(default_factory=deque)
    busy: int = 0
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def connect(self, connections: int) -> None:
        """Open the connections."""
        for _ in range(connections):
            sock = socket.create_connection(("127.0.0.1", self.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = Line(sock)
            self.selector.register(sock, selectors.EVENT_READ, line)
            self.idle.append(line)

    def send(self, since: float) -> bool:
        """Send the next request on an idle connection; False where requests have run out."""
        raw = next(self.requests, None)
        if raw is None:
            return False
        line = self.idle.popleft()  # the longest idle, which a server would hang up on
        line.began = since
        line.sock.sendall(raw)
        self.busy += 1
        return True

    def hear(self, seconds: float) -> None:
        """Take what is answered within so many seconds."""
        for key, _ in self.selector.select(max(seconds, 0)):
            line: Line = key.data
            chunk = line.sock.recv(65536)
            if not chunk:
                raise ConnectionError("the server closed a connection")
            line.heard += chunk
            if _whole(line.heard):
                self.latencies.append((time.perf_counter() - line.began) * 1000)
                self.refused += not line.heard.startswith(b"HTTP/1.1 200")
                line.heard = b""
                self.busy -= 1
                self.idle.append(line)

    def flat_out(self, seconds: float) -> None:
        """Keep every connection busy until the time is over."""
        end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < end:
            while self.idle and self.send(now):
                pass
            if not self.busy:
                return
            self.hear(end - now)

    def at_rate(self, rate: float, seconds: float) -> None:
        """Send on a schedule; latency counts from when a request should have left, so that waits show."""
        start = time.perf_counter()
        for number in range(round(rate * seconds)):
            due = start + number / rate
            while (now := time.perf_counter()) < due or not self.idle:
                self.hear(due - now if self.idle else 1.0)
            self.send(due)
        give_up = time.perf_counter() + 30
        while self.busy and time.perf_counter() < give_up:
            self.hear(1.0)


def _whole(heard: bytes) -> bool:
    head, found, body = heard.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return len(body) >= int(line[15:])
    return True


def main() -> None:
    """Load a server and print what came of it as JSON."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--seconds", type=float, default=3)
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--rate", type=float, default=0)
    options.add_argument("--customers", type=int, default=100)
    options.add_argument("--most", type=int, default=60_000, help="requests prepared for a run at full load")
    chosen = options.parse_args()
    most = round(chosen.rate * chosen.seconds) if chosen.rate else chosen.most
    series = str(time.time_ns())
    requests = [request(number, chosen.customers, series) for number in range(most)]
    load = Load(chosen.port, iter(requests))
    load.connect(chosen.connections)
    began, cpu = time.perf_counter(), time.process_time()
    if chosen.rate:
        load.at_rate(chosen.rate, chosen.seconds)
    else:
        load.flat_out(chosen.seconds)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    found = {"n": len(load.latencies), "refused": load.refused, "seconds": took, "cpu": cpu}
    every = max(1, len(load.latencies) // 20_000)
    print(json.dumps({**found, "latencies": list(itertools.islice(load.latencies, 0, None, every))}))


if __name__ == "__main__":
    main()
