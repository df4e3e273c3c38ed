"""Packet loss on a call: the caller is in a network of its own, and a share of what arrives there is dropped.

Needs root, iproute2 and nftables. The kernel may have no netem, so loss is made by nftables' random numbers.
"""

import contextlib
import itertools
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_numbers = itertools.count(1)


class MissingNamespaceError(Exception):
    """A network of its own cannot be made here; the message says what is needed."""


@dataclass(frozen=True)
class Apart:
    """A network apart from this machine's: `near` is this machine's end of the cable, `far` the other's."""

    name: str
    interface: str  # this machine's
    near: str
    far: str

    def command(self, *words: str) -> list[str]:
        """The command as it runs over there."""
        return ["ip", "netns", "exec", self.name, *words]

    def lose(self, percent: int, port: int) -> None:
        """Drop a share of the UDP packets that come there from a port, instead of the share before."""
        self.heal()
        rule = f"udp sport {port} numgen random mod 100 < {percent} counter drop"
        _run(
            self.command(
                "nft", f"add table inet loss; add chain inet loss in {_HOOK}; add rule inet loss in {rule}"
            )
        )

    def heal(self) -> None:
        """Drop nothing any more."""
        _run(self.command("nft", "add table inet loss; delete table inet loss"))

    def dropped(self) -> int:
        """Packets dropped since `lose`."""
        told = _run(self.command("nft", "list", "table", "inet", "loss"))
        return int(told.partition("counter packets ")[2].split()[0])


_HOOK = "{ type filter hook input priority 0; }"


@contextlib.contextmanager
def apart() -> Iterator[Apart]:
    """A network joined to this machine by a cable, for the block. Raises MissingNamespaceError."""
    if os.geteuid() != 0:
        raise MissingNamespaceError("packet loss needs root, to make a network of its own; run as root")
    number, mine = next(_numbers), os.getpid()
    name, near_end, far_end = f"call-{mine}-{number}", f"n{mine}-{number}", f"f{mine}-{number}"
    net = f"10.77.{mine % 250}"
    host = 4 * (number % 60)
    there = Apart(name, near_end, f"{net}.{host + 1}", f"{net}.{host + 2}")
    try:
        _run(["ip", "netns", "add", name])
        _run(["ip", "link", "add", near_end, "type", "veth", "peer", "name", far_end])
        _run(["ip", "link", "set", far_end, "netns", name])
        _run(["ip", "addr", "add", f"{there.near}/30", "dev", near_end])
        _run(["ip", "link", "set", near_end, "up"])
        _run(there.command("ip", "addr", "add", f"{there.far}/30", "dev", far_end))
        _run(there.command("ip", "link", "set", far_end, "up"))
        _run(there.command("ip", "link", "set", "lo", "up"))
        yield there
    finally:
        # Whoever still runs over there keeps the network alive, so the cable is cut first.
        for command in (["ip", "link", "delete", near_end], ["ip", "netns", "delete", name]):
            subprocess.run(command, check=False, capture_output=True)


def spawn(there: Apart, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a program over there; what it prints is to be read."""
    told = {**os.environ, **environment}
    return subprocess.Popen(there.command(*command), env=told, stdout=subprocess.PIPE, text=True)


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise MissingNamespaceError(f"no {command[0]} on the path; run .ci/livekit") from None
    except subprocess.CalledProcessError as error:
        why = error.stderr.strip() or "no reason given"
        raise MissingNamespaceError(
            f"{' '.join(command)}: {why}; it needs root and a kernel with veth"
        ) from None
    return done.stdout
