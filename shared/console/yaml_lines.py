"""A desk's text as lines to look at: numbered, lightly coloured, each with what was found in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.config.problems import Notice, Problem

_LINE = re.compile(
    r"(?P<lead>\s*(?:- +)*)"
    r"(?:(?P<key>[\w.-]+(?: [\w.-]+)*|\"[^\"]*\"|'[^']*')(?P<colon>:)(?=\s|$))?"
    r"(?P<value>.*?)"
    r"(?P<comment>(?:(?<=\s)|^)#.*)?$"
)


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line: its parts as (kind, text), and what is wrong or worth knowing there."""

    number: int
    parts: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()


def code_lines(text: str, file: str, findings: Sequence[Problem] = ()) -> list[CodeLine]:
    """A text's lines; findings of other files than `file` are not among them."""
    here = [one for one in findings if one.file == file]
    return [
        CodeLine(
            number=number,
            parts=_parts(line),
            problems=tuple(one for one in here if one.line == number and not isinstance(one, Notice)),
            notices=tuple(one for one in here if one.line == number and isinstance(one, Notice)),
        )
        for number, line in enumerate(text.splitlines(), start=1)
    ]


def _parts(line: str) -> tuple[tuple[str, str], ...]:
    """Lead, key, value and comment, as far as one line tells; a # inside quotes is no comment."""
    found = _LINE.match(line)
    if found is None:
        return (("", line),)
    lead, key, colon, value, comment = (found[name] or "" for name in _LINE.groupindex)
    if comment and (value.count('"') % 2 or value.count("'") % 2):
        value, comment = value + comment, ""
    pairs = (("", lead), ("key", key), ("", colon), ("", value), ("comment", comment))
    return tuple(pair for pair in pairs if pair[1])
