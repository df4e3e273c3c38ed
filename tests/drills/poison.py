"""One message whose handler always fails, among many good ones: set aside, replayed, in nobody's way."""

import asyncio
from datetime import timedelta

from shared.desk.commit import head_path
from shared.domain.identity import conversation_id
from shared.ports import Delete
from tests.drills.installation import WEBHOOK, clock_ahead, installation, wrote
from tests.drills.tally import Tally
from tests.journeys.house import LAB, House, until

TENANT = "krishna-diagnostics"
POISONED = "919300000000"
MOST_TRIES = 15
STEP = timedelta(minutes=12)
"""More than the longest pause between two attempts."""


async def drill(*, full: bool) -> Tally:
    """Thirty good messages around the bad one, or in full a thousand."""
    tally = Tally("poison")
    good = [f"9192{number:08d}" for number in range(1000 if full else 30)]
    conversation = conversation_id("krishna", "whatsapp", LAB, POISONED)
    async with installation() as house:
        store = (await house.process.services()).tenant(TENANT)
        await store.create(head_path(conversation), {"shape": 1, "broken": True})
        for nth, customer in enumerate(good):
            if nth == len(good) // 2:
                await house.post_signed(WEBHOOK, wrote(POISONED, "wamid.poison", "When are you open?"))
            await house.post_signed(WEBHOOK, wrote(customer, f"wamid.{customer}", "When are you open?"))
        await until(lambda: len(house.graph.accepted) >= len(good), seconds=600)
        answered = [one["body"]["to"] for one in house.graph.accepted]
        for customer in good:
            tally.check(answered.count(customer) == 1, f"{customer} got {answered.count(customer)} answers")
        await _set_aside(house, tally)
        await _replayed(house, tally, conversation)
    return tally


async def _set_aside(house: House, tally: Tally) -> None:
    """Attempts come, however long the pauses, until there are no more: the letter is dead, with a reason."""
    bus, tries = house.process.ports.bus, 0
    for tries in range(1, MOST_TRIES):
        with clock_ahead(tries * STEP):
            await asyncio.sleep(0.5)
        if await bus.dead():
            break
    letters = await bus.dead()
    tally.check(len(letters) == 1, f"{len(letters)} dead letters of one poisoned message")
    tally.check(all(one.handler == "record_message" and one.error for one in letters), f"{letters}")


async def _replayed(house: House, tally: Tally, conversation: str) -> None:
    """Once the cause is gone, replaying the letter answers the customer."""
    store = (await house.process.services()).tenant(TENANT)
    await store.commit([Delete(head_path(conversation))])
    for letter in await house.process.ports.bus.dead():
        await house.process.ports.bus.replay(letter.id)
    with clock_ahead(MOST_TRIES * STEP):
        await until(lambda: _answers(house) > 0)
    tally.check(_answers(house) == 1, f"after its replay it was answered {_answers(house)} times")


def _answers(house: House) -> int:
    return [one["body"]["to"] for one in house.graph.accepted].count(POISONED)
