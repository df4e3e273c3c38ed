"""`hand-back`: a conversation that is with a person goes back to the desk."""

from argparse import ArgumentParser, Namespace

from shared.bootstrap import Process
from shared.cli.layout import say
from shared.cli.shape import OK

NAME = "hand-back"
HELP = "give a conversation that a person has back to the desk"
EXAMPLE = "frontdesk hand-back 1f0c… --tenant corner-bakery"


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument(
        "conversation", metavar="CONVERSATION", help="the conversation's id, or how it begins"
    )
    parser.add_argument("--tenant", metavar="T", required=True, help="id of the business")


async def run(process: Process, chosen: Namespace) -> int:
    """Hand it back; what waits is answered."""
    from shared.cli.whole_id import whole_id
    from shared.desk.hand_back import hand_back

    services = await process.services()
    find = "the address of its page in the console tells it"
    store = services.tenant(chosen.tenant)
    conversation = await whole_id(store, "conversations", chosen.conversation, find=find)
    head = await hand_back(services, chosen.tenant, conversation)
    waits = "; the desk answers what waits" if head.answered < head.pending else ""
    say(f"The desk {head.desk} has conversation {conversation} again{waits}.")
    return OK
