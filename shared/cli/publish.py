"""`publish`: what files say becomes what runs."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from shared.bootstrap import Process
from shared.cli.desk_files import chosen_files, inside, lacking, takes_files, tell
from shared.cli.layout import say
from shared.cli.shape import FOUND, OK

if TYPE_CHECKING:
    from shared.config.publish import FileResult

NAME = "publish"
HELP = "publish desks' files that are valid and changed"
EXAMPLE = "frontdesk publish"
BY = "command line"
"""Who a version's history says made it."""


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    takes_files(parser)
    parser.add_argument(
        "--overwrite", action="store_true", help="take the file also where what runs was made elsewhere"
    )


async def run(process: Process, chosen: Namespace) -> int:
    """Publish each; one that fails keeps no other back."""
    from shared.config.publish import publish_file

    paths = [inside(path, process.settings) for path in chosen_files(process.settings, chosen.files)]
    folder, catalogue = Path(process.settings.configs), process.catalogue()
    versions = (await process.services()).versions
    results = [
        await publish_file(path, versions, catalogue, folder=folder, by=BY, overwrite=chosen.overwrite)
        for path in paths
    ]
    for result in results:
        tell(result.problems, folder)
        say(_said(result, folder), rest="  ")
    return FOUND if any(result.outcome in ("invalid", "differs") for result in results) else OK


def _said(result: "FileResult", folder: Path) -> str:
    file = folder / result.file
    match result.outcome:
        case "published":
            without = f"; not there yet: {lacking(result.missing)}" if result.missing else ""
            return f"{result.desk}: version {result.version} runs now{without}"
        case "unchanged":
            return f"{result.desk}: unchanged, version {result.version} runs"
        case "kept":
            return f"{result.desk}: version {result.version}, made elsewhere, stays; {file} did not change"
        case "differs":
            return (
                f"{result.desk}: not published: version {result.version} was made elsewhere, and {file} "
                "changed since; `frontdesk plan` shows the difference, --overwrite takes the file"
            )
        case "invalid":
            return f"{file}: not published; what ran before runs on"
