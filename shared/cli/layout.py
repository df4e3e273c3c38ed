"""Lays words out for a terminal of 80 columns."""

import sys
import textwrap
from collections.abc import Sequence

WIDTH = 79
NARROW = 30
"""Columns in which words are still read; where fewer are left of a line, they go on the next."""


def say(words: str, *, indent: str = "", rest: str | None = None, complaint: bool = False) -> None:
    """Print a paragraph; further lines begin with `rest`, else with `indent`. Long words stay whole.

    A complaint goes to stderr.
    """
    print(
        textwrap.fill(
            words,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent if rest is None else rest,
            break_long_words=False,
            break_on_hyphens=False,
        ),
        file=sys.stderr if complaint else sys.stdout,
    )


def heading(words: str) -> None:
    """Print the title of what follows."""
    print(f"\n{words}")


def columns(rows: Sequence[Sequence[str]]) -> None:
    """Print rows as a table; the last column takes what is left of the line, and further lines of it.

    Where too little is left for words, they stand below their row.
    """
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)] if rows else []
    for *cells, last in rows:
        begin = "  " + "".join(f"{cell:{width}}  " for cell, width in zip(cells, widths, strict=True))
        if len(begin) > WIDTH - NARROW and len(begin + last) > WIDTH:
            print(begin.rstrip())
            begin = " " * 6
        say(last or "-", indent=begin, rest=" " * len(begin))


def clock_of(at: str) -> str:
    """A stamp as a table shows it, to the second, UTC."""
    return at[:19].replace("T", " ")
