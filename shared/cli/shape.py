"""The one shape of a command: what the file of each exports, and what its exit code says."""

from argparse import ArgumentParser, Namespace
from typing import Protocol

from shared.bootstrap import Process
from shared.domain.errors import Permanent

OK = 0
FOUND = 1
"""The command worked and found a problem, or could not be carried out."""
MISUSED = 2
"""The command was asked something that cannot be."""
STOPPED = 130
"""Ctrl-C, as shells count it."""


class WrongUse(Permanent):
    """What was asked cannot be; the message says what can."""


class Command(Protocol):
    """A command's module."""

    NAME: str
    HELP: str  # one line
    EXAMPLE: str

    def arguments(self, parser: ArgumentParser) -> None:
        """Declare what it takes."""
        ...

    async def run(self, process: Process, chosen: Namespace) -> int:
        """Do it; the exit code. Raises WrongUse, Permanent or Transient with a sentence for people."""
        ...
