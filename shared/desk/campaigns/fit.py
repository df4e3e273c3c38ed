"""What is wrong with a campaign before anybody is written to: its figures, and words that its file lacks."""

import re
from collections.abc import Iterator

from pydantic import ValidationError

from shared.config.hours import Hours
from shared.config.schema import DeskConfig
from shared.config.templates import NAMES, check_template, fields_in, names_in
from shared.desk.calls.may_call import switched_off
from shared.desk.campaigns.rows import Mistake, Rows
from shared.desk.campaigns.wanted import Wanted
from shared.desk.canned import templates_of

PLACE = re.compile(r"\{\{\s*(\d{1,2})\s*\}\}")
"""A place of an approved template that a column fills."""

_ROW = ("event", "customer")
"""What the words of a campaign call a row of its file."""


def unfit(config: DeskConfig, wanted: Wanted, read: Rows) -> Iterator[Mistake]:
    """Everything for which a campaign could never be started; of line 0 what is not in its file."""
    if not wanted.name.strip() or len(wanted.name) > 120:
        yield Mistake(
            0, "name", "there is no name, or a long one", "give it a name of at most 120 characters"
        )
    if not wanted.agreed.strip():
        found = "nothing says how these people agreed to hear of you"
        yield Mistake(0, "agreed", found, "write e.g. on the order form of 2026")
    yield from _words(config, wanted)
    yield from _figures(wanted)
    try:
        if wanted.hours.strip():
            Hours.model_validate(wanted.hours.strip())
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        yield Mistake(0, "hours", f"the hours: {why}", "")
    if read.columns or not read.mistakes:  # else the line of names itself is to be mended
        yield from _text(wanted.text, read.columns)
        yield from _template(config, wanted, read.columns)


def _words(config: DeskConfig, wanted: Wanted) -> Iterator[Mistake]:
    if wanted.means == "calls":
        if off := switched_off(config):
            yield Mistake(0, "means", off, "")
        if not wanted.text.strip():
            yield Mistake(0, "text", "nothing is said when they answer", "write what is said first")
    elif not (wanted.text.strip() or wanted.template):
        yield Mistake(0, "text", "there is nothing to say", "choose a template, write a text, or both")


def _figures(wanted: Wanted) -> Iterator[Mistake]:
    rule = wanted.breaker
    if not 1 <= wanted.per_minute <= 600:
        yield Mistake(0, "per_minute", f"{wanted.per_minute} a minute", "the rate is 1 to 600 a minute")
    if not (1 <= wanted.attempts <= 5 and 1 <= wanted.retry_minutes <= 1440):
        found = f"{wanted.attempts} tries, {wanted.retry_minutes} minutes between them"
        yield Mistake(0, "attempts", found, "write 1 to 5 tries, and 1 to 1440 minutes between them")
    if not (0 < rule.share <= 1 and 10 <= rule.seconds <= 86_400 and 1 <= rule.least <= 500):
        fix = "write a share up to 1, 10 to 86400 seconds, and 1 to 500 outcomes"
        yield Mistake(0, "breaker", "the breaker is out of its bounds", fix)


def _text(text: str, columns: tuple[str, ...]) -> Iterator[Mistake]:
    """Names in the free words that no column of the file fills."""
    try:
        bare = sorted((names_in(text) - NAMES.keys()) & set(columns))
        for name in bare:
            yield Mistake(0, "text", f"the text: nobody fills {name!r}", f"write event.{name}")
        check_template(text, NAMES | dict.fromkeys(bare, ""))
    except ValueError as error:
        yield Mistake(0, "text", f"the text: {error}", "")
        return
    there = (
        (f"there is {columns[0]}" if len(columns) == 1 else f"there are {', '.join(columns)}")
        if columns
        else ""
    )
    for name in sorted({name for row in _ROW for name in fields_in(text, row)} - set(columns)):
        fix = there or "there is none beside phone, customer and language"
        yield Mistake(0, "text", f"the text: no column {name}", fix)


def _template(config: DeskConfig, wanted: Wanted, columns: tuple[str, ...]) -> Iterator[Mistake]:
    """What the approved template lacks."""
    if not wanted.template or wanted.means == "calls":
        return
    named = templates_of(config, "whatsapp")
    same = [one for one in named if one.template.name == wanted.template]
    if not same:
        known = ", ".join(sorted({one.template.name for one in named}))
        found = f"the desk's file names no template {wanted.template}"
        fix = f"choose one it names: {known}" if known else "name it in channels.whatsapp.templates"
        yield Mistake(0, "template", found, fix)
        return
    needed = max(len(set(PLACE.findall(one.text))) for one in same)
    if len(columns) < needed:
        found = (
            f"template {wanted.template} has {needed} places to fill in and the file {len(columns)} "
            "columns beside phone, customer and language"
        )
        yield Mistake(1, "", found, "add the missing ones, in the order of the places")
