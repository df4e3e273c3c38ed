"""`dead`: messages and timers that handlers gave up on."""

from argparse import ArgumentParser, Namespace

from shared.bootstrap import Process
from shared.cli.layout import clock_of, columns, say
from shared.cli.shape import OK

NAME = "dead"
HELP = "list dead letters, newest first"
EXAMPLE = "frontdesk dead"


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (default: 100)")


async def run(process: Process, chosen: Namespace) -> int:
    """Print each with its reason; never its body, which holds customers' words."""
    letters = await process.ports.bus.dead(max(1, chosen.limit))
    if not letters:
        print("No dead letters.")
        return OK
    columns(
        [
            ("LETTER", "DIED AT (UTC)", "HANDLER", "WHY"),
            *((one.id, clock_of(one.died_at), one.handler, " ".join(one.error.split())) for one in letters),
        ]
    )
    print()
    say("Once the reason is mended: `frontdesk replay LETTER`, or `frontdesk replay --all`.")
    return OK
