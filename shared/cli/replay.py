"""`replay`: dead letters are told again, once what killed them is mended."""

from argparse import ArgumentParser, Namespace

from shared.bootstrap import Process
from shared.cli.layout import say
from shared.cli.shape import OK, WrongUse

NAME = "replay"
HELP = "tell dead letters to their handlers again"
EXAMPLE = "frontdesk replay --all"
_MOST = 1000


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("letter", metavar="LETTER", nargs="?", help="as `frontdesk dead` names it")
    parser.add_argument("--all", action="store_true", help=f"every dead letter, at most {_MOST}")


async def run(process: Process, chosen: Namespace) -> int:
    """Put them back. They are told as soon as a server runs."""
    if bool(chosen.letter) == chosen.all:
        raise WrongUse("name a letter or write --all; `frontdesk dead` lists the letters")
    bus = process.ports.bus
    letters = [one.id for one in await bus.dead(_MOST)] if chosen.all else [chosen.letter]
    for letter in letters:
        await bus.replay(letter)
    waits = "; they wait until `make run` serves" if letters and process.settings.embedded else ""
    say(f"Letters to be told again: {len(letters)}{waits}.")
    return OK
