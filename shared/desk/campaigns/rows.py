"""Reads the file of a campaign: whom to reach, and what fills in its words; each mistake with its place."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.config.schema import DeskConfig
from shared.tools.phones import read_phone

MOST_ROWS = 10_000
LARGEST = 2_000_000
"""Bytes of a file."""
_MOST_PROBLEMS = 50
_MOST_COLUMNS = 20
_LONGEST = 500  # characters of a cell
_LANGUAGE = re.compile(r"[a-z]{2,3}([-_][A-Za-z]{2,4})?")
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,40}")
_OURS = ("phone", "customer", "language")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file."""

    line: int
    number: str
    customer: str
    language: str
    cells: dict[str, str]
    written: str = ""  # the number as it stands in the file


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, where, and what to write instead; of line 0 what the campaign says and not its file."""

    line: int
    column: str
    found: str
    fix: str

    def __str__(self) -> str:
        told = f"{self.found}; {self.fix}" if self.fix else self.found
        if not self.line:
            return told
        return f"line {self.line}" + (f", column {self.column}" if self.column else "") + f": {told}"


@dataclass(frozen=True, slots=True)
class Rows:
    """What a file holds; where there are mistakes, nothing of it is used."""

    columns: tuple[str, ...]  # beside phone, customer and language
    rows: tuple[Row, ...]
    mistakes: tuple[Mistake, ...]


def read_rows(content: bytes, config: DeskConfig) -> Rows:
    """The rows of a CSV file in UTF-8 with a line of names, commas or semicolons between."""
    if len(content) > LARGEST:
        return _wrong(1, "", f"{len(content):,} bytes", f"at most {LARGEST:,} are read; make several files")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return _wrong(line, "", "letters that are not UTF-8", "save the file as CSV UTF-8")
    first = next(iter(text.splitlines()), "")
    lines = io.StringIO(text, newline=None)  # whichever way they end
    table = csv.reader(lines, delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        names = [cell.strip().casefold().replace(" ", "_") for cell in next(table, [])]
    except csv.Error as error:
        return _wrong(1, "", str(error), "write the names of the columns in the first line, each a word")
    if wrong := _names(names):
        return wrong
    rows, mistakes = _read(table, names, config)
    if not (rows or mistakes):
        return _wrong(2, "", "no rows", "write one line for each person")
    columns = tuple(name for name in names if name not in _OURS)
    return Rows(columns, tuple(rows), tuple(mistakes))


def taken_for(rows: Sequence[Row]) -> Iterator[str]:
    """Numbers without a country code, with what they were read as: the desk's country is a guess."""
    national = [row for row in rows if row.written and not row.written.startswith("+")]
    for row in national[:1]:
        more = f", and {len(national) - 1} more like it" if len(national) > 1 else ""
        yield (
            f"line {row.line}: {row.written} is read as {row.number}{more}; write the country code where "
            "it is another's"
        )


def _read(
    table: Iterator[list[str]], names: list[str], config: DeskConfig
) -> tuple[list[Row], list[Mistake]]:
    """The rows below the names, until there are too many of them, or of mistakes."""
    rows: list[Row] = []
    mistakes: list[Mistake] = []
    line = 1
    try:
        for cells in table:
            line = int(table.line_num)  # type: ignore[attr-defined]
            if not any(cell.strip() for cell in cells):
                continue
            row = _row(line, names, cells, config)
            if isinstance(row, Row):
                rows.append(row)
            else:
                mistakes += row
            if len(rows) > MOST_ROWS:
                too_many = Mistake(line, "", "too many rows", f"at most {MOST_ROWS:,}; make several files")
                return [], [too_many]
            if len(mistakes) >= _MOST_PROBLEMS:
                break
    except csv.Error as error:
        mistakes.append(Mistake(line + 1, "", str(error), "save the file as CSV"))
    return rows, mistakes


def _wrong(line: int, column: str, found: str, fix: str) -> Rows:
    return Rows((), (), (Mistake(line, column, found, fix),))


def _names(names: list[str]) -> Rows | None:
    """What is wrong with the line of names; None for nothing."""
    if not {"phone", "customer"} & set(names):
        return _wrong(
            1, "", "no column phone and none customer", "name the first line's columns, e.g. phone,name"
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return _wrong(1, twice, "a name that stands twice", "give each column a name of its own")
    odd = next((name for name in names if not _COLUMN.fullmatch(name)), None)
    if odd is not None:
        return _wrong(1, odd, f"{odd!r} is no name", "write small letters, digits and _")
    if len(names) > _MOST_COLUMNS:
        return _wrong(1, "", f"{len(names)} columns", f"at most {_MOST_COLUMNS}")
    return None


def _row(line: int, names: list[str], cells: list[str], config: DeskConfig) -> Row | list[Mistake]:
    if len(cells) > len(names):
        return [
            Mistake(
                line, "", f"{len(cells)} cells for {len(names)} columns", "put cells with a comma in quotes"
            )
        ]
    told = dict(zip(names, [cell.strip() for cell in cells] + [""] * len(names), strict=False))
    phone, customer, language = (told.pop(name, "") for name in _OURS)
    mistakes = [
        Mistake(line, name, "nothing stands here", "fill it in, or leave the line out")
        for name, value in told.items()
        if not value
    ]
    mistakes += [
        Mistake(line, name, f"{len(value)} characters", f"at most {_LONGEST}")
        for name, value in told.items()
        if len(value) > _LONGEST
    ]
    number = read_phone(phone, config) if phone else ""
    if number is None:
        mistakes.append(
            Mistake(
                line,
                "phone",
                f"{phone!r} is no telephone number",
                "write it with its country code, e.g. +919812345678",
            )
        )
    if not phone and not customer:
        column = "phone" if "phone" in names else "customer"
        mistakes.append(Mistake(line, column, "nobody", "write a number, or a customer's id"))
    if language and not _LANGUAGE.fullmatch(language):
        mistakes.append(Mistake(line, "language", f"{language!r} is no language", "write e.g. en or hi"))
    return mistakes or Row(line, number or "", customer, language.replace("-", "_"), told, phone)
