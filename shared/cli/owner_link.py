"""`owner-link`: a link that makes somebody an owner of this installation, or gives one a new password."""

from argparse import ArgumentParser, Namespace

from shared.bootstrap import Process
from shared.cli.layout import say
from shared.cli.shape import OK

NAME = "owner-link"
HELP = "make a one-time link for an owner: a new one, or one whose password is lost"
EXAMPLE = "frontdesk owner-link"


def arguments(parser: ArgumentParser) -> None:
    """It takes nothing."""
    del parser


async def run(process: Process, chosen: Namespace) -> int:
    """Print the link; it works once, within a day."""
    from shared.security.invitations import Invitations

    del chosen
    services = await process.services()
    token = await Invitations(services.platform, services.ports.clock).for_owner(first=False)
    say("Open this once, within a day. An address that is known already gets the password chosen there.")
    say(f"{process.settings.address}/console/join/{token}")
    return OK
