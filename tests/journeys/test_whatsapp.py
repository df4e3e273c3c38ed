"""A customer writes on WhatsApp, the desk answers."""

import asyncio

from house import House, until


async def test_a_question_is_answered_once_with_the_price_the_desk_knows(house: House) -> None:
    """A signed webhook with a question brings exactly one reply, from the desk's own knowledge."""
    answer = await house.post_signed("/webhooks/whatsapp", house.whatsapp("What does a CBC test cost?"))

    assert answer.status_code == 200
    await until(lambda: len(house.graph.accepted) >= 1)
    await asyncio.sleep(0.3)

    assert len(house.graph.accepted) == 1, house.replies()
    assert "350" in house.replies()[0], house.replies()


async def test_the_same_webhook_five_times_is_one_message_and_one_reply(house: House) -> None:
    """Vendors repeat themselves; the desk does not."""
    body = house.whatsapp("When are you open?")
    await asyncio.gather(*(house.post_signed("/webhooks/whatsapp", body) for _ in range(5)))

    await until(lambda: len(house.graph.accepted) >= 1)
    await asyncio.sleep(0.5)

    assert len(house.graph.accepted) == 1
    (head,) = [h for h in await house.documents("conversations") if h["channel"] == "whatsapp"]
    assert (head["last"], head["pending"], head["answered"]) == (2, 1, 1)
