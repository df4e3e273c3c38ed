"""What taking a webhook costs: verified by its signature, published durably, answered 200.

The yardstick is a bare handler on the Functions Framework that answers 200 and does nothing, with the
same parser and event loop (httptools, uvloop), one worker. Ours is the local server, whose bus syncs
every fact to the disk before the 200. Twice: with nobody behind the bus, which is the receiver alone,
as it is deployed; and whole, where the same process also records the messages and answers them.
At full load 64 connections send as fast as they are answered; at 200 a second latency counts from the
instant a request should have left. The generator runs on the same machine.
"""

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, median, percentile
from benchmarks.servers import ROOT, Server, bare, product

RATE = 200


def load(server: Server, **how: float) -> dict[str, Any]:
    """What the generator found. Raises where the server refused anything."""
    options = [f"--{name}={value}" for name, value in how.items()]
    command = [sys.executable, "-m", "benchmarks.webhook_load", f"--port={server.port}", *options]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    found: dict[str, Any] = json.loads(done.stdout)
    if found["refused"]:
        raise RuntimeError(f"{found['refused']} of {found['n']} webhooks were not answered 200")
    return found


def measure(*, quick: bool) -> list[Figure]:
    """Throughput of ours and the yardstick in turn, then latency at a rate, then the whole server."""
    rounds, seconds, paced = (2, 1.0, 2.0) if quick else (7, 3.0, 15.0)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        ours = stack.enter_context(product(Path(folder) / "ours", "benchmarks.receivers_alone"))
        yardstick = stack.enter_context(bare(Path(folder)))
        for server in (ours, yardstick):
            load(server, seconds=0.5)
        figures = _full_load(ours, yardstick, rounds, seconds)
        figures += _paced("receiver alone", ours, yardstick, paced)
        ours.process.terminate()
        whole = stack.enter_context(product(Path(folder) / "whole"))
        _published(whole)
        figures += _paced("whole server, recording and answering beside it", whole, yardstick, paced)
    return figures


def _published(server: Server) -> None:
    """Returns when the server has its desks."""
    load(server, seconds=1, rate=1, connections=1)


def _full_load(ours: Server, yardstick: Server, rounds: int, seconds: float) -> list[Figure]:
    rates: dict[int, list[float]] = {ours.port: [], yardstick.port: []}
    answered, cost = 0, 0.0
    for number in range(rounds):
        for server in (ours, yardstick) if number % 2 else (yardstick, ours):
            found = load(server, seconds=seconds, connections=64)
            rates[server.port].append(found["n"] / found["seconds"])
            cost += found["cpu"]
            answered += found["n"]
    print(f"the generator's own cost: {cost / answered * 1e6:.0f} µs of processor time a request", flush=True)
    mine, theirs = median(rates[ours.port]), median(rates[yardstick.port])
    return [
        Figure(
            what="webhooks at full load, receiver alone",
            ours=mine,
            yardstick=theirs,
            of="bare Functions Framework",
            unit="req/s",
            n=rounds,
            target="at least 0.8 x",
            holds=mine >= 0.8 * theirs,
        )
    ]


def _paced(what: str, ours: Server, yardstick: Server, seconds: float) -> list[Figure]:
    mine = load(ours, seconds=seconds, rate=RATE)["latencies"]
    theirs = load(yardstick, seconds=seconds, rate=RATE)["latencies"]
    return [
        Figure(
            what=f"webhook at {RATE}/s, {what}: {name}",
            ours=of(mine),
            yardstick=of(theirs),
            of="bare Functions Framework",
            unit="ms",
            n=len(mine),
        )
        for name, of in (("median", median), ("p99", lambda samples: percentile(samples, 0.99)))
    ]
