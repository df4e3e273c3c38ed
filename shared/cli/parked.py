"""`parked`: messages for accounts that no desk has, kept for the agency to look at."""

from argparse import ArgumentParser, Namespace

import msgspec

from shared.bootstrap import Process
from shared.cli.layout import clock_of, columns, say
from shared.cli.shape import OK
from shared.domain.events import MessageReceived
from shared.ports import Query

NAME = "parked"
HELP = "list messages that came for an account no desk has"
EXAMPLE = "frontdesk parked --words"


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("--words", action="store_true", help="show what was written, too")
    parser.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (default: 100)")


async def run(process: Process, chosen: Namespace) -> int:
    """Print each with where it was sent to; who wrote and what stays unsaid unless asked for."""
    services = await process.services()
    page = await services.platform.query("parked", Query(limit=max(1, chosen.limit)))
    events = [msgspec.convert(document.data["event"], MessageReceived) for document in page.documents]
    if not events:
        print("No parked messages.")
        return OK
    rows = [("AT (UTC)", "CHANNEL", "ACCOUNT", "WORDS" if chosen.words else "KIND")]
    for event in sorted(events, key=lambda event: event.at, reverse=True):
        last = event.content.text if chosen.words else event.content.kind
        rows.append((clock_of(event.at), event.channel, event.account, last))
    columns(rows)
    print()
    say("Name the account in a desk's `channels:` and publish it; messages from then on are answered.")
    return OK
