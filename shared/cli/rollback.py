"""`rollback`: an older version of a desk runs again, and its file says so too."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shared.bootstrap import Process
from shared.cli.history import known
from shared.cli.layout import say
from shared.cli.publish import BY
from shared.cli.shape import OK, WrongUse
from shared.domain.errors import Permanent

if TYPE_CHECKING:
    from shared.config.versions import Version, Versions

NAME = "rollback"
HELP = "run an older version of a desk again, and write its text into the desk's file"
EXAMPLE = "frontdesk rollback corner-bakery"
_LOOKED_AT = 100  # versions


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("desk", metavar="DESK", help="the desk's id")
    parser.add_argument(
        "version",
        metavar="VERSION",
        nargs="?",
        type=int,
        help="its number (default: the one that ran before)",
    )


async def run(process: Process, chosen: Namespace) -> int:
    """Publish the old version anew and write its text back to the desk's file."""
    versions = (await process.services()).versions
    await known(versions, chosen.desk)
    history = await versions.history(chosen.desk, limit=_LOOKED_AT)
    target = await _target(versions, chosen.desk, chosen.version, history)
    done = await versions.rollback(chosen.desk, target.number, by=BY)
    if done.outcome == "unchanged":
        print(f"{chosen.desk}: version {done.version} runs already and does the same; nothing changed")
        return OK
    print(f"{chosen.desk}: version {target.number} runs again, as version {done.version}")
    if any(one.file for one in history):
        say(await _write_back(process, chosen.desk, done.version), rest="  ")
    return OK


async def _target(
    versions: "Versions", desk: str, number: int | None, history: "Sequence[Version]"
) -> "Version":
    now = await versions.published(desk)
    ran = [one for one in history if one.status == "published"]
    if number is not None:
        found = next((one for one in ran if one.number == number), None)
        if found is None:
            there = ", ".join(str(one.number) for one in ran)
            raise WrongUse(f"{desk} never ran a version {number}; versions that ran: {there}")
        return found
    before = next((one for one in ran if now is not None and one.number < now.version), None)
    if before is None:
        raise Permanent(f"{desk} has no version before the one that runs; `frontdesk history {desk}`")
    return before


async def _write_back(process: Process, desk: str, number: int) -> str:
    """Make the file hold what runs; what it came to, in words. Words never published are not lost."""
    from shared.config.publish import publish_file

    services = await process.services()
    version = await services.versions.published(desk)
    if version is None:
        raise Permanent(f"the desk {desk!r} runs no version; `frontdesk history {desk}`")
    told = await services.drafts.write_back(version.tenant, desk, number)
    if not told.done:
        return told.said
    folder = Path(process.settings.configs)
    path = folder / told.file
    again = await publish_file(path, services.versions, process.catalogue(), folder=folder, by=BY)
    if again.outcome != "unchanged":
        return (
            f"{path} holds the old text again, yet what it inherits changed since: "
            "`frontdesk plan` shows the difference."
        )
    return f"{path} holds the old text again."
