"""`frontdesk`: reads what is asked, opens this installation, and says how it went without a traceback."""

import asyncio
import logging
import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from shared import bootstrap
from shared.cli import (
    agents,
    call,
    campaign,
    connect,
    dead,
    doctor,
    hand_back,
    history,
    migrate,
    new,
    owner_link,
    parked,
    plan,
    publish,
    replay,
    rollback,
    run,
    validate,
    workflow,
)
from shared.cli.layout import say
from shared.cli.shape import FOUND, MISUSED, STOPPED, Command, WrongUse
from shared.config.settings import read_settings
from shared.domain.errors import FrontdeskError, Permanent
from shared.telemetry import logs

COMMANDS: tuple[Command, ...] = (
    new,
    validate,
    migrate,
    plan,
    publish,
    rollback,
    history,
    agents,
    doctor,
    connect,
    call,
    campaign,
    workflow,
    run,
    dead,
    replay,
    parked,
    hand_back,
    owner_link,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command: 0 done, 1 a problem was found, 2 asked wrongly."""
    chosen = _chosen(argv)
    logs.configure(people=True)
    logging.getLogger().setLevel(logging.WARNING)
    try:
        return asyncio.run(_carry_out(chosen.command, _process(), chosen))
    except WrongUse as error:
        return _refused(error, MISUSED)
    except FrontdeskError as error:
        return _refused(error, FOUND)
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND
    except OSError as error:
        return _refused(f"{error.filename or 'the system'}: {error.strerror or error}", FOUND)
    except KeyboardInterrupt:
        return STOPPED


def _process() -> bootstrap.Process:
    """This installation. Raises WrongUse naming a setting that cannot be."""
    try:
        found = bootstrap.environment()
        return bootstrap.Process(read_settings(found), found)
    except Permanent as error:
        raise WrongUse(str(error)) from error


async def _carry_out(command: Command, process: bootstrap.Process, chosen: Namespace) -> int:
    try:
        return await command.run(process, chosen)
    finally:
        await process.close()


def _chosen(argv: Sequence[str] | None) -> Namespace:
    """What is asked for. Exits as argparse does; asked for nothing it says what there is."""
    parser = _parser()
    chosen = parser.parse_args(argv)
    if chosen.command is None:
        parser.print_help(sys.stderr)
        parser.exit(MISUSED)
    return chosen


def _parser() -> ArgumentParser:
    parser = ArgumentParser("frontdesk", description="Everything one does with desks from a terminal.")
    parser.set_defaults(command=None)
    parsers = parser.add_subparsers(metavar="COMMAND")
    for command in COMMANDS:
        own = parsers.add_parser(
            command.NAME,
            help=command.HELP,
            description=f"{command.HELP[0].upper()}{command.HELP[1:]}.",
            epilog=f"Example:\n  {command.EXAMPLE}",
            formatter_class=RawDescriptionHelpFormatter,
        )
        command.arguments(own)
        own.set_defaults(command=command)
    return parser


def _refused(why: object, code: int) -> int:
    say(f"frontdesk: {why}", rest="  ", complaint=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
