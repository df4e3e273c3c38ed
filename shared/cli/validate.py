"""`validate`: everything wrong in desks' files, at once, each with its place and its fix."""

from argparse import Namespace

from shared.bootstrap import Process
from shared.cli.desk_files import chosen_files, folder_of, lacking, takes_files, tell
from shared.cli.layout import heading, say
from shared.cli.shape import FOUND, OK

NAME = "validate"
HELP = "say everything that is wrong in desks' files"
EXAMPLE = "frontdesk validate configs/corner-bakery/corner-bakery.yaml"

arguments = takes_files


async def run(process: Process, chosen: Namespace) -> int:
    """Print problems, then notices, then what desks cannot do yet."""
    from shared.config.publish import validate_file

    paths = chosen_files(process.settings, chosen.files)
    catalogue = process.catalogue()
    judged = []
    for path in paths:
        folder = folder_of(path, process.settings)
        judged.append((path, folder, validate_file(path, catalogue, folder=folder)[1]))
    for _, folder, one in judged:
        tell(one.problems, folder)
    if any(one.notices for _, _, one in judged):
        heading("Notices; desks run with these:")
    for _, folder, one in judged:
        tell(one.notices, folder)
    if any(one.missing for _, _, one in judged):
        heading("Not there yet; the desks say that they cannot do it:")
    for path, _, one in judged:
        if one.missing:
            say(f"{path}: {lacking(one.missing)}", indent="  ", rest="    ")
    problems = sum(len(one.problems) for _, _, one in judged)
    notices = sum(len(one.notices) for _, _, one in judged)
    print(f"\n{_many(len(paths), 'file')}, {_many(problems, 'problem')}, {_many(notices, 'notice')}")
    return FOUND if problems else OK


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
