"""A desk's knowledge files cut into passages: what the index finds and an answer quotes."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from shared.domain.errors import Malformed
from shared.knowledge.html_text import markdown_of

MOST_BYTES = 2_000_000
MOST_PASSAGES = 10_000
LONGEST = 1_200
"""Characters of one passage; longer ones are cut between sentences."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A few sentences or one table row. `score` is 0..1, how well it answers a query; 0 before one."""

    text: str
    source: str  # "prices.csv row 4", "faq.md > Refunds"
    score: float = 0.0
    fields: Mapping[str, str] = field(default_factory=dict)  # a table row's cells by column name


def read_files(files: Mapping[str, bytes]) -> list[Passage]:
    """The passages of all files, by file name and place. Raises Malformed as `read_file` does."""
    passages = [passage for name in sorted(files) for passage in read_file(name, files[name])]
    if len(passages) > MOST_PASSAGES:
        raise Malformed(
            f"the knowledge files hold {len(passages)} passages, {MOST_PASSAGES} is the most: leave some out"
        )
    return passages


def read_file(name: str, content: bytes) -> list[Passage]:
    """The passages of one Markdown, text, CSV, JSON or HTML file in UTF-8.

    Raises Malformed naming the file, the place and what to change.
    """
    reader = _READERS.get(PurePosixPath(name).suffix.lower())
    if reader is None:
        raise Malformed(f"{name}: knowledge files end in {', '.join(_READERS)}; save it as one of these")
    if len(content) > MOST_BYTES:
        raise Malformed(f"{name}: {len(content):,} bytes, {MOST_BYTES:,} is the most; split the file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    return list(reader(name, text.replace("\r\n", "\n").replace("\x00", "")))


def _sections(name: str, text: str) -> Iterator[Passage]:
    """Each heading's own words, told together with the headings above it."""
    path: list[str] = []
    lines: list[str] = []
    fenced = False
    for line in [*text.split("\n"), "# "]:
        fenced ^= line.lstrip().startswith("```")
        heading = None if fenced else re.match(r"(#{1,6})(?:\s+(.*?))?\s*#*$", line)
        if not heading:
            lines.append(line)
            continue
        yield from _under(name, path, lines)
        depth = len(heading[1]) - 1
        path = [*path[:depth], *[""] * (depth - len(path)), heading[2] or ""]
        lines = []


def _under(name: str, path: Iterable[str], lines: list[str]) -> Iterator[Passage]:
    titles = [title for title in path if title]
    source = " > ".join([name, *titles])
    for part in _cut("\n".join(lines).strip()):
        yield Passage(f"{' > '.join(titles)}\n{part}" if titles else part, source)


def _paragraphs(name: str, text: str) -> Iterator[Passage]:
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip()), start=1):
        for part in _cut(paragraph.strip()):
            yield Passage(part, f"{name} paragraph {number}")


def _cut(text: str) -> Iterator[str]:
    """Parts of at most LONGEST characters, cut at a line or a sentence where there is one."""
    while len(text) > LONGEST:
        end = max(text.rfind(mark, 0, LONGEST) for mark in ("\n", ". ", "? ", "! ", "। "))
        end = end + 1 if end > 0 else LONGEST
        yield text[:end].strip()
        text = text[end:].strip()
    if text:
        yield text


def _rows(name: str, text: str) -> Iterator[Passage]:
    """One passage a row; the first row names the columns."""
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        columns = [column.strip() for column in next(reader, [])]
        if "" in columns or len(set(columns)) < len(columns) or not columns:
            raise Malformed(f"{name} line 1: every column needs a name of its own in the first row")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(columns):
                raise Malformed(
                    f"{name} line {reader.line_num}: {len(cells)} cells under {len(columns)} columns; "
                    'put a cell that holds a comma in "quotes"'
                )
            row = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if cell.strip()}
            told = "; ".join(f"{column}: {cell}" for column, cell in row.items())
            yield Passage(told[:LONGEST], f"{name} row {reader.line_num}", fields=row)
    except csv.Error as error:
        raise Malformed(f"{name} line {reader.line_num}: {error}; check the quotes") from error


def _page(name: str, text: str) -> Iterator[Passage]:
    return _sections(name, markdown_of(text))


def _facts(name: str, text: str) -> Iterator[Passage]:
    """One passage for each list item and for the plain values of each map."""
    try:
        yield from _told(name, json.loads(text), [])
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{name}: not JSON that can be read ({error}); correct it there") from error


def _told(name: str, value: Any, path: list[str]) -> Iterator[Passage]:
    if isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _told(name, item, [*path, str(number)])
        return
    plain = value if isinstance(value, dict) else {"": value}
    row = {key: str(each) for key, each in plain.items() if not isinstance(each, dict | list | type(None))}
    if row:
        facts = "; ".join(f"{key}: {each}" if key else each for key, each in row.items())
        about = " > ".join(key for key in path if not key.isdigit())
        source = " > ".join([name, *path])
        yield Passage(f"{about}\n{facts}"[:LONGEST] if about else facts[:LONGEST], source, fields=row)
    for key, each in plain.items():
        if isinstance(each, dict | list):
            yield from _told(name, each, [*path, key])


_READERS = {
    ".md": _sections,
    ".markdown": _sections,
    ".txt": _paragraphs,
    ".csv": _rows,
    ".json": _facts,
    ".html": _page,
    ".htm": _page,
}
