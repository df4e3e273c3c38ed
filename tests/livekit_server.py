"""The real LiveKit server for a test run, or for a person: `python -m tests.livekit_server [--redis]`.

By hand it prints the settings that lead LiveKit's libraries to it, and runs until Ctrl-C.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.domain.errors import Permanent
from tests import redis_server
from voice_service.livekit_server import LiveKitServer, running


def cache() -> Path | None:
    """Where `.ci/livekit` keeps what it built, if it was told."""
    told = os.environ.get("XDG_CACHE_HOME")
    return Path(told) if told else None


@pytest.fixture(scope="session")
def livekit() -> Iterator[LiveKitServer]:
    """One server for all tests that leave it as it is: each has rooms of its own."""
    with running(cache=cache()) as server:
        yield server


@pytest.fixture(scope="session")
def livekit_with_redis() -> Iterator[LiveKitServer]:
    """One on a Redis, so that trunks of SIP and their dispatch rules can be kept."""
    with redis_server.running() as redis, running(cache=cache(), redis=redis) as server:
        yield server


def main() -> int:
    """Run a server until Ctrl-C or SIGTERM; 1 with a sentence where it cannot start."""
    parser = argparse.ArgumentParser(description="The LiveKit server, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="of its API; a free one where it is left out")
    parser.add_argument("--secret", default="", help="made where it is left out")
    parser.add_argument("--redis", action="store_true", help="with a Redis, which trunks of SIP need")
    parser.add_argument("--webhook", action="append", default=[], help="address it tells what happens")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        try:
            redis = stack.enter_context(redis_server.running()) if asked.redis else ""
            server = stack.enter_context(
                running(
                    cache=cache(), port=asked.port, secret=asked.secret, redis=redis, webhooks=asked.webhook
                )
            )
        except (Permanent, redis_server.MissingRedisError) as missing:
            print(missing, file=sys.stderr)  # noqa: T201  # a command's answer
            return 1
        try:
            print(*(f"{name}={value}" for name, value in server.settings.items()), sep="\n", flush=True)  # noqa: T201
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
