"""What is wrong in a desk's file, told so that its author can mend it without asking anybody."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST = 100
"""So many problems are told at once; a file with more is wrong as a whole."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong: where, what was found, and what to write instead."""

    file: str
    line: int  # from 1
    column: int  # from 1
    path: str  # the key, e.g. channels.webchat.starters[2]; "." for the file as a whole
    found: str
    fix: str

    def __str__(self) -> str:
        key = "" if self.path == "." else f"{self.path}: "
        return f"{self.file}:{self.line}:{self.column}: {key}{self.found}; {self.fix}"


@dataclass(frozen=True, slots=True, order=True)
class Notice(Problem):
    """Nothing wrong, yet worth knowing: an old spelling read anew, a model near its end, a missing part."""


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By place, at most `MOST`; what was told of a line and path, or so of a place, is told once."""
    told: set[tuple[str, int, int | str, str]] = set()
    first: list[Problem] = []
    for problem in problems:
        names: set[tuple[str, int, int | str, str]] = {
            (problem.file, problem.line, "", problem.path),
            (problem.file, problem.line, problem.column, problem.found),
        }
        if not names & told:
            first.append(problem)
        told |= names
    return tuple(sorted(first)[:MOST])
