"""Delivery reports in every order, with and without each: what is known of a message never shrinks."""

import itertools

from shared.domain.conversation import RANK
from tests.drills.books import Books
from tests.drills.installation import WEBHOOK, at_rest, installation, wrote
from tests.drills.tally import Tally
from tests.journeys.house import LAB
from tests.standins.graph_api import status_body

REPORTS = ("sent", "delivered", "read", "failed")


async def drill(*, full: bool) -> Tally:
    """Each order once, or in full some seven times: two hundred messages."""
    tally = Tally("statuses")
    orders = [order for count in (3, 4) for order in itertools.permutations(REPORTS, count)]
    orders *= 5 if full else 1
    async with installation() as house:
        for number in range(len(orders)):
            customer = f"9196{number:08d}"
            await house.post_signed(WEBHOOK, wrote(customer, f"wamid.{customer}", "When are you open?"))
        books = await at_rest(house, patience=400)
        sent = {
            one["body"]["to"]: (one["id"], one["body"]["biz_opaque_callback_data"])
            for one in house.graph.accepted
        }
        known = _statuses(books)
        for step in range(len(REPORTS)):
            for number, order in enumerate(orders):
                customer = f"9196{number:08d}"
                if step < len(order):
                    wamid, key = sent[customer]
                    told = key if number % 2 else None  # by our key, or by the vendor's id alone
                    body = status_body(LAB, wamid, customer, order[step], told)
                    await house.post_signed(WEBHOOK, body)
            now = _statuses(await at_rest(house))
            for number, order in enumerate(orders):
                customer = f"9196{number:08d}"
                most = max((known[customer], *order[: step + 1]), key=lambda one: RANK[one])
                tally.check(
                    now[customer] == most, f"after {order[: step + 1]} it is {now[customer]}, not {most}"
                )
            known = now
    return tally


def _statuses(books: Books) -> dict[str, str]:
    """What is known of the one answer to each customer."""
    return {
        head["contact"]: message["status"]
        for path, head in books.conversations.items()
        for message in books.of(*path, "messages", "*")
        if message["author"] == "desk"
    }
