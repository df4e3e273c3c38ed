"""Recorded webhooks told five times each, shuffled, by eight at once: nothing happens twice."""

import asyncio
import json
import random
from collections import Counter

from shared.channels import instagram, whatsapp
from shared.channels.shape import Webhook
from shared.domain.events import MessageReceived
from tests.drills.afterwards import CONFIRMED
from tests.drills.books import Books
from tests.drills.installation import at_rest, installation
from tests.drills.recordings import recorded
from tests.drills.tally import Tally
from tests.journeys.house import LAB, LAB_INSTAGRAM, SECRET, House
from tests.standins.graph_api import sign

CHANNELS = {"whatsapp": whatsapp, "instagram": instagram}
TIMES = 5
WORKERS = 8


async def drill(*, full: bool) -> Tally:
    """Once, or in full with five shuffles."""
    tally = Tally("replay")
    for seed in range(5 if full else 1):
        async with installation() as house:
            await _tell_all(house, tally, seed)
            books = await at_rest(house)
        _judge(books, house, tally)
    return tally


async def _tell_all(house: House, tally: Tally, seed: int) -> None:
    bodies = [(channel, body) for channel in CHANNELS for body in recorded(channel)]
    told = bodies * TIMES
    random.Random(seed).shuffle(told)
    room = asyncio.Semaphore(WORKERS)

    async def tell(channel: str, body: bytes) -> None:
        headers = {"content-type": "application/json", **sign(body, SECRET)}
        async with room:
            answer = await house.http.post(f"{house.url}/webhooks/{channel}", content=body, headers=headers)
        tally.check(
            answer.status_code == 200, f"a recorded {channel} webhook was answered {answer.status_code}"
        )

    await asyncio.gather(*(tell(*one) for one in told))


def _judge(books: Books, house: House, tally: Tally) -> None:
    expected = {
        event.message_id
        for channel in CHANNELS
        for body in recorded(channel)
        for event in CHANNELS[channel].parse(Webhook(method="POST", url="", query={}, headers=(), body=body))
        if isinstance(event, MessageReceived) and event.account in (LAB, LAB_INSTAGRAM)
    }
    found = Counter(m["provider_id"] for m in books.messages if m["author"] == "customer")
    for message_id in expected:
        tally.check(found[message_id] == 1, f"{message_id} is recorded {found[message_id]} times")
    tally.check(set(found) == expected, f"recorded and never told: {set(found) - expected}")
    keys = Counter(json.dumps(one["body"].get("biz_opaque_callback_data")) for one in house.graph.accepted)
    keys.pop("null", None)  # Instagram carries no key of ours
    for key, times in keys.items():
        tally.check(times == 1, f"the vendor took {key} {times} times")
    tally.check(answered_once(books), f"messages without exactly one turn: {unanswered(books)}")
    tally.check(not any(state == "dead" for _, state, _ in books.jobs), f"dead letters: {books.jobs}")
    statuses = Counter(m["status"] for m in books.messages if m["author"] == "desk")
    taken = len(house.graph.accepted)
    tally.check(
        taken == sum(statuses[one] for one in CONFIRMED), f"{taken} sends, and of replies {dict(statuses)}"
    )
    tally.notes.append(f"{len(expected)} messages, replies {dict(statuses)}")


def answered_once(books: Books) -> bool:
    """Whether each message that wanted an answer is covered by exactly one turn, or a person has the word."""
    return not unanswered(books)


def unanswered(books: Books) -> list[str]:
    """Messages that no turn covers, or two do."""
    wrong = []
    for path, head in books.conversations.items():
        covers = [turn["covers"] for turn in books.of(*path, "turns", "*")]
        if head["epoch"]:  # a person spoke: they answer what no turn did
            continue
        for message in books.of(*path, "messages", "*"):
            wants = message["author"] == "customer" and message["content"].get("kind", "text") not in (
                "reaction",
                "system",
                "referral",
            )
            times = sum(first <= message["seq"] <= last for first, last in covers)
            if wants and times != 1:
                wrong.append(f"{message['provider_id']} by {times}")
    return wrong
