"""`call`: has a desk call somebody, now or as soon as it may."""

from argparse import ArgumentParser, Namespace

from shared.bootstrap import Process
from shared.cli.history import known
from shared.cli.layout import clock_of, say
from shared.cli.shape import FOUND, OK
from shared.domain.colleagues import Actor
from shared.domain.errors import Permanent

NAME = "call"
HELP = "have a desk call somebody, as soon as its hours and theirs allow"
EXAMPLE = 'frontdesk call corner-bakery +919812345678 --purpose "their cake is ready"'


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("desk", metavar="DESK", help="the desk's id")
    parser.add_argument("number", metavar="+E164", help="whom to call, e.g. +919812345678")
    parser.add_argument("--purpose", required=True, metavar="WORDS", help="why, for the desk and for people")
    parser.add_argument("--opening", default="", metavar="WORDS", help="what is said first")


async def run(process: Process, chosen: Namespace) -> int:
    """Plan it, and say when it rings."""
    from shared.desk.calls.dial import dial

    services = await process.services()
    tenant = await known(services.versions, chosen.desk)
    try:
        planned = await dial(
            services,
            tenant,
            chosen.desk,
            number=chosen.number,
            purpose=chosen.purpose,
            opening=chosen.opening,
            by=Actor(name="the command line", role="owner"),
        )
    except Permanent as error:
        say(f"not called: {error}", rest="  ")
        return FOUND
    say(f"planned {planned.id}: {planned.number} rings from {clock_of(planned.due)} UTC", rest="  ")
    say("the server dials, and `make voice` speaks; both must run", rest="  ")
    return OK
