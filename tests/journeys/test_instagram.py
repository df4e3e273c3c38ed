"""A customer writes on Instagram, the desk answers."""

import asyncio

from house import House, until


async def test_a_direct_message_is_answered_once(house: House) -> None:
    """A signed webhook with a question brings exactly one reply to the sender."""
    answer = await house.post_signed("/webhooks/instagram", house.instagram("What does a CBC test cost?"))

    assert 200 == answer.status_code
    await until(lambda: len(house.graph.accepted) >= 1)
    await asyncio.sleep(0.3)
    (sent,) = house.graph.accepted
    assert "17849990001" == sent["body"]["recipient"]["id"]
    assert "350" in house.replies()[0], house.replies()


async def test_seen_up_to_an_instant_marks_what_was_sent_until_then(house: House) -> None:
    """A read receipt that names no message but an instant is understood at once: sent until then is read."""
    await house.post_signed("/webhooks/instagram", house.instagram("What does a CBC test cost?"))
    await until(lambda: len(house.graph.accepted) >= 1)

    async def statuses() -> list[str]:
        (head,) = await house.heads()
        return [one["status"] for one in await house.documents(f"conversations/{head}/messages")]

    async def shows(status: str) -> bool:
        return status in await statuses()

    await until(lambda: shows("sent"))
    await house.post_signed("/webhooks/instagram", house.seen(ago=3600))
    await house.post_signed("/webhooks/instagram", house.seen(ago=0))
    await until(lambda: shows("read"))
    assert ["received", "read"] == await statuses()
    assert [] == await house.documents("early")


async def test_our_own_echo_is_not_a_person_speaking(house: House) -> None:
    """Instagram echoes what we send; the desk neither answers itself nor falls silent."""
    await house.post_signed("/webhooks/instagram", house.instagram("When are you open?"))
    await until(lambda: len(house.graph.accepted) >= 1)
    (sent,) = house.graph.accepted
    echo = house.instagram(house.replies()[0])
    messaging = echo["entry"][0]["messaging"][0]
    messaging["sender"], messaging["recipient"] = messaging["recipient"], messaging["sender"]
    messaging["message"] |= {"mid": sent["id"], "is_echo": True, "app_id": int(house.graph.app_id)}

    await house.post_signed("/webhooks/instagram", echo)
    await asyncio.sleep(0.5)
    await house.post_signed("/webhooks/instagram", house.instagram("And what does a CBC test cost?"))

    await until(lambda: len(house.graph.accepted) >= 2)
    (head,) = await house.documents("conversations")
    assert "finished" == head["state"]
    assert 0 == head["epoch"]
