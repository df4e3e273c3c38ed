"""`history`: who made which version of a desk, and which one runs."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from shared.bootstrap import Process
from shared.cli.layout import clock_of, columns
from shared.cli.shape import OK, WrongUse

if TYPE_CHECKING:
    from shared.config.versions import Versions

NAME = "history"
HELP = "list a desk's versions, newest first"
EXAMPLE = "frontdesk history corner-bakery"


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("desk", metavar="DESK", help="the desk's id")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (default: 20)")


async def run(process: Process, chosen: Namespace) -> int:
    """Print the table."""
    versions = (await process.services()).versions
    await known(versions, chosen.desk)
    now = await versions.published(chosen.desk)
    rows = [("VERSION", "AT (UTC)", "FROM", "STATUS", "BY")]
    for one in await versions.history(chosen.desk, limit=max(1, chosen.limit)):
        runs = now is not None and one.number == now.version
        at = clock_of(one.published_at or one.at)
        rows.append((f"{one.number}{' *' if runs else ''}", at, one.origin, one.status, one.by))
    columns(rows)
    print("\n* runs now")
    return OK


async def known(versions: "Versions", desk: str) -> str:
    """Whose a desk is. Raises WrongUse naming the desks there are."""
    tenant = await versions.tenant_of(desk)
    if tenant is None:
        names = ", ".join(name for _, name in await versions.desks()) or "none"
        raise WrongUse(
            f"no desk {desk!r} was ever published here; published desks: {names}; "
            "`frontdesk publish FILE` publishes one, and `make run` all of them"
        )
    return tenant
