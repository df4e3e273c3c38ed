"""`connect`: proves a desk's number step by step, and at the first that fails says what to mend."""

from argparse import ArgumentParser, Namespace

from shared.bootstrap import Process

NAME = "connect"
HELP = "check a WhatsApp number up to a delivered message, or have LiveKit take a desk's calls"
EXAMPLE = "frontdesk connect whatsapp --desk corner-bakery --to +919812345678"


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("channel", choices=["whatsapp", "phone"], help="the channel, at Meta or LiveKit")
    parser.add_argument("--desk", metavar="D", required=True, help="id of a published desk")
    parser.add_argument("--to", metavar="+E164", help="whatsapp: who gets the test message, e.g. +9198…")
    parser.add_argument(
        "--from",
        dest="networks",
        action="append",
        metavar="NETWORK",
        help="phone: a network of the carrier's that may send calls, e.g. 192.0.2.0/28; repeat it",
    )
    parser.add_argument("--text", metavar="WORDS", help="send free text; Meta takes it within 24 hours only")
    parser.add_argument(
        "--template", default="hello_world", help="an approved template (default: %(default)s)"
    )
    parser.add_argument("--language", default="en_US", help="its language (default: %(default)s)")
    parser.add_argument(
        "--wait", type=float, default=30.0, metavar="S", help="seconds to wait for a report (default: 30)"
    )


async def run(process: Process, chosen: Namespace) -> int:
    """Each step must hold before the next is tried."""
    if chosen.channel == "phone":
        from shared.cli.connect_phone import connect_phone

        return await connect_phone(process, chosen)
    from shared.cli.connect_whatsapp import connect_whatsapp

    return await connect_whatsapp(process, chosen)
