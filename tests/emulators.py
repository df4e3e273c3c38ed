"""The official Firestore and Pub/Sub emulators for a test run: found, started on free ports, stopped.

`.ci/emulators` installs them. Each test works in a project of its own, so nothing is reset between tests.
"""

import atexit
import contextlib
import functools
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

FIRESTORE = "cloud-firestore-emulator/cloud-firestore-emulator.jar"
PUBSUB = "pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar"
START_SECONDS = 60


class MissingEmulatorError(Exception):
    """The emulators are not installed; the message says how to get them."""


def platform_folders() -> Iterator[Path]:
    """Where a Google Cloud SDK keeps its emulators, likely places first."""
    if root := os.environ.get("CLOUDSDK_ROOT_DIR"):
        yield Path(root) / "platform"
    if gcloud := shutil.which("gcloud"):
        yield Path(gcloud).resolve().parent.parent / "platform"
    for root in ("/usr/lib/google-cloud-sdk", "/opt/google-cloud-sdk", "~/google-cloud-sdk"):
        yield Path(root).expanduser() / "platform"


def jar(pattern: str) -> Path:
    """The newest jar of an emulator. Raises MissingEmulatorError."""
    for folder in platform_folders():
        if found := sorted(folder.glob(pattern)):
            return found[-1]
    raise MissingEmulatorError(f"no {pattern} in any Google Cloud SDK here; run .ci/emulators")


def java() -> str:
    """The Java to run them with. Raises MissingEmulatorError."""
    if found := shutil.which("java"):
        return found
    raise MissingEmulatorError("no java on the path; install a runtime of version 11 or newer")


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _running(arguments: Sequence[str]) -> Iterator[str]:
    """Run an emulator and give its host and port; it dies with the block, whatever happens in it."""
    port = free_port()
    # Without both of these the Firestore emulator listens where it likes.
    command = [java(), *arguments, "--host=127.0.0.1", f"--port={port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(process, port)
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/")
            connection.getresponse().close()
            return
        time.sleep(0.05)
    raise MissingEmulatorError("the emulator did not start; run its jar by hand to see why")


@contextlib.contextmanager
def firestore() -> Iterator[str]:
    """A Firestore emulator at the host and port given."""
    start = ("com.google.cloud.datastore.emulator.firestore.CloudFirestore", "start")
    with _running(["-Xmx512m", "-Duser.language=en", "-cp", str(jar(FIRESTORE)), *start]) as address:
        yield address


@contextlib.contextmanager
def pubsub() -> Iterator[str]:
    """A Pub/Sub emulator at the host and port given."""
    with _running(["-Xmx256m", "-jar", str(jar(PUBSUB))]) as address:
        yield address


@functools.cache
def shared_firestore() -> str:
    """The one Firestore emulator of this process, stopped when it ends."""
    return _until_exit(firestore())


@functools.cache
def shared_pubsub() -> str:
    """The one Pub/Sub emulator of this process, stopped when it ends."""
    return _until_exit(pubsub())


def _until_exit(emulator: contextlib.AbstractContextManager[str]) -> str:
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(emulator)


def main() -> int:
    """Say which emulators are here; 1 where one is missing."""
    try:
        print(java(), jar(FIRESTORE), jar(PUBSUB), sep="\n")  # noqa: T201  # a command's answer
    except MissingEmulatorError as missing:
        print(missing, file=sys.stderr)  # noqa: T201  # a command's answer
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
