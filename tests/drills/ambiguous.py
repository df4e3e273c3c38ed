"""The vendor takes a message and the line breaks before it says so: never sent again, and found out."""

from datetime import timedelta

from tests.drills.books import Books
from tests.drills.installation import WEBHOOK, at_rest, clock_ahead, installation, wrote
from tests.drills.tally import Tally
from tests.journeys.house import LAB, House
from tests.standins.faults import Fault
from tests.standins.graph_api import status_body

LATER = timedelta(minutes=11)


async def drill(*, full: bool) -> Tally:
    """Twenty sends, or in full five hundred; for every second one the vendor's report comes."""
    tally = Tally("ambiguous")
    customers = [f"9194{number:08d}" for number in range(500 if full else 20)]
    async with installation() as house:
        house.graph.faults.set(Fault(kind="drop", path="/messages", times=1_000_000))
        for customer in customers:
            await house.post_signed(WEBHOOK, wrote(customer, f"wamid.{customer}", "When are you open?"))
        statuses = _statuses(await at_rest(house, patience=600))
        for customer in customers:
            tally.check(statuses[customer] == "uncertain", f"after the break it is {statuses[customer]}")
        house.graph.faults.waiting.clear()
        await _report(house, customers[::2])
        with clock_ahead(LATER):
            books = await at_rest(house, lambda: True, patience=60)
            books = await at_rest(house, patience=600) if books.uncertain else books
            statuses = _statuses(await _resolved(house))
        taken = [one["body"]["to"] for one in house.graph.accepted]
    for nth, customer in enumerate(customers):
        expected = "unconfirmed" if nth % 2 else "delivered"
        tally.check(statuses[customer] == expected, f"in the end it is {statuses[customer]}, not {expected}")
        tally.check(taken.count(customer) == 1, f"the vendor took it {taken.count(customer)} times")
    return tally


async def _report(house: House, customers: list[str]) -> None:
    wanted = set(customers)
    for one in house.graph.accepted:
        if (customer := one["body"]["to"]) in wanted:
            key = one["body"]["biz_opaque_callback_data"]
            await house.post_signed(WEBHOOK, status_body(LAB, one["id"], customer, "delivered", key))


async def _resolved(house: House) -> Books:
    """The books once nothing is uncertain."""
    found = await at_rest(house)
    while found.uncertain:
        found = await at_rest(house)
    return found


def _statuses(books: Books) -> dict[str, str]:
    return {
        head["contact"]: message["status"]
        for path, head in books.conversations.items()
        for message in books.of(*path, "messages", "*")
        if message["author"] == "desk"
    }
