"""`migrate`: an old desk's file in the form that is written today."""

import sys
from argparse import ArgumentParser, Namespace

from shared.bootstrap import Process
from shared.cli.desk_files import chosen_files
from shared.cli.shape import FOUND, OK
from shared.domain.errors import Malformed

NAME = "migrate"
HELP = "print a desk's file in the canonical form; comments are not carried over"
EXAMPLE = "frontdesk migrate old.yaml > configs/corner-bakery/corner-bakery.yaml"


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("file", metavar="FILE", help="a desk's file in any accepted spelling")


async def run(process: Process, chosen: Namespace) -> int:
    """Print it; what cannot be read goes to stderr, so that a redirected file never holds a complaint."""
    from shared.config.migrate import migrate

    (path,) = chosen_files(process.settings, [chosen.file])
    try:
        print(migrate(path.read_bytes(), str(path)), end="")
    except Malformed as error:
        print(error, file=sys.stderr)
        return FOUND
    return OK
