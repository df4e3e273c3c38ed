"""Ten images and a caption within a second are one conversation and one answer."""

import asyncio
from typing import Any

from tests.drills.books import Books
from tests.drills.installation import WEBHOOK, at_rest, installation, wrote
from tests.drills.tally import Tally
from tests.journeys.house import LAB, House
from tests.standins.graph_api import message_body

IMAGES = 10
APART = 0.05
AT_ONCE = 3


async def drill(*, full: bool) -> Tally:
    """Nine albums, or in full five hundred."""
    tally = Tally("album")
    count = 500 if full else 9
    async with installation() as house:
        for first in range(0, count, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, count))
            await asyncio.gather(*(_send(house, number) for number in numbers))
            await asyncio.sleep(APART)
        books = await at_rest(house, patience=600)
    for number in range(count):
        tally.check(not (wrong := _wrong(books, number)), f"album {number}: {wrong}")
    return tally


def _customer(number: int) -> str:
    return f"9198{number:08d}"


async def _send(house: House, number: int) -> None:
    """The album's parts, each on its way before the one before is answered."""
    customer = _customer(number)
    parts = [_image(customer, nth) for nth in range(IMAGES)]
    parts.append(wrote(customer, f"wamid.{customer}.words", "What do these tests cost?"))
    posts = []
    for part in parts:
        posts.append(asyncio.create_task(house.post_signed(WEBHOOK, part)))
        await asyncio.sleep(APART)
    for post in posts:
        assert (await post).status_code == 200


def _image(customer: str, nth: int) -> dict[str, Any]:
    image = {"id": f"7000{nth}", "mime_type": "image/jpeg", "sha256": "0" * 64}
    return message_body(LAB, customer, {"id": f"wamid.{customer}.{nth}", "type": "image", "image": image})


def _wrong(books: Books, number: int) -> str:
    customer = _customer(number)
    heads = {path: head for path, head in books.conversations.items() if head["contact"] == customer}
    if len(heads) != 1:
        return f"{len(heads)} conversations"
    ((path, _),) = heads.items()
    came = sum(message["author"] == "customer" for message in books.of(*path, "messages", "*"))
    turns = len(books.of(*path, "turns", "*"))
    return "" if (came, turns) == (IMAGES + 1, 1) else f"{came} messages recorded, {turns} answers"
