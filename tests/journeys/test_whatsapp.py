"""A customer writes on WhatsApp, the desk answers."""

import asyncio
import time

from house import House, until


async def test_a_question_is_answered_once_with_the_price_the_desk_knows(house: House) -> None:
    """A signed webhook with a question brings exactly one reply, from the desk's own knowledge."""
    reply = await house.ask("What does a CBC test cost?")
    await asyncio.sleep(0.3)

    assert 1 == len(house.graph.accepted), house.replies()
    assert "350" in reply, reply


async def test_the_same_webhook_five_times_is_one_message_and_one_reply(house: House) -> None:
    """Vendors repeat themselves; the desk does not."""
    body = house.whatsapp("When are you open?")
    await asyncio.gather(*(house.post_signed("/webhooks/whatsapp", body) for _ in range(5)))

    await until(lambda: len(house.graph.accepted) >= 1)
    await asyncio.sleep(0.5)

    assert 1 == len(house.graph.accepted)
    (head,) = await house.documents("conversations")
    assert (2, 1, 1) == (head["last"], head["pending"], head["answered"])


async def test_a_burst_of_messages_gets_one_answer(house: House) -> None:
    """What is said in one breath is answered in one."""
    for text in ("Hi", "are you there?", "What does a CBC test cost?"):
        await house.post_signed("/webhooks/whatsapp", house.whatsapp(text))

    await until(lambda: len(house.graph.accepted) >= 1)
    await asyncio.sleep(0.8)

    assert 1 == len(house.graph.accepted), house.replies()
    (head,) = await house.documents("conversations")
    assert (3, 3) == (head["pending"], head["answered"])


async def test_a_slot_is_offered_as_a_list_booked_by_a_tap_and_taken_for_others(house: House) -> None:
    """Booking: free times come as list rows, a tap books one, and the booking is on record once."""
    await house.ask("I want to book a blood test")
    rows = [
        row
        for item in house.graph.accepted
        for section in item["body"].get("interactive", {}).get("action", {}).get("sections", [])
        for row in section["rows"]
    ]
    assert rows, house.replies()

    reply = await house.answer_to(house.tapped(rows[0]["id"], rows[0]["title"]))
    if "reference" not in reply.lower() and not await house.documents("bookings"):
        reply = await house.ask("My name is Asha Rao")

    (booking,) = await house.documents("bookings")
    assert "Asha Rao" == booking["name"]
    assert "+919812345678" == booking["phone"]
    assert "+919812345678" in reply, house.replies()
    assert not any("phone number" in one for one in house.replies()), house.replies()


async def test_who_says_stop_is_left_alone_until_they_ask_again(house: House) -> None:
    """STOP is confirmed and ends what was under way; the customer's own next question is answered."""
    now = int(time.time())
    for ago, words in ((30, "What does a CBC test cost?"), (20, "STOP"), (10, "stop")):
        await house.post_signed("/webhooks/whatsapp", house.whatsapp(words, timestamp=str(now - ago)))
    await until(lambda: len(house.graph.accepted) >= 1)
    await asyncio.sleep(2.5)
    assert 1 == len(house.graph.accepted), house.replies()
    assert "START" in house.replies()[0]
    (customer,) = await house.documents("customers")
    assert "none" == customer["preferences"]["contact"]

    assert "350" in await house.ask("What does a CBC test cost?")


async def test_with_nobody_there_a_ticket_stands_for_a_person_and_the_desk_goes_on(house: House) -> None:
    """The customer is told, people find what was asked, and the next question is answered by the desk."""
    await house.ask("I want to talk to a human please")

    async def over() -> bool:
        return ["back_to_ai"] == [head["state"] for head in await house.documents("conversations")]

    await until(over)
    (handover,) = await house.documents("handovers")
    (ticket,) = await house.documents("tickets")
    assert ("unanswered", handover["id"]) == (handover["state"], ticket["handover"])
    await until(lambda: house.said_nothing_new_for(0.5))
    assert "350" in await house.ask("What does a CBC test cost?")


async def test_a_person_who_is_there_is_offered_the_customer_and_the_desk_falls_silent(house: House) -> None:
    """While somebody is asked to come, the desk leaves the word to them."""
    await house.always_staffed()
    await house.comes("arun")
    await house.ask("I want to talk to a human please")

    async def offered() -> bool:
        return ["offered"] == [one["state"] for one in await house.documents("handovers")]

    await until(offered)
    await house.post_signed("/webhooks/whatsapp", house.whatsapp("hello?"))
    await asyncio.sleep(2.5)

    assert 1 == len(house.graph.accepted), house.replies()
    (head,) = await house.documents("conversations")
    assert "pending_human" == head["state"]


async def test_the_owner_typing_on_their_phone_freezes_the_desk(house: House) -> None:
    """An echo that is not ours is a person speaking: nothing of the desk goes out after it."""
    await house.ask("When are you open?")
    await house.post_signed("/webhooks/whatsapp", house.owner_wrote("I will take it from here"))

    async def taken() -> bool:
        (head,) = await house.documents("conversations")
        return head["state"] == "human_active"

    await until(taken)
    await house.post_signed("/webhooks/whatsapp", house.whatsapp("thank you"))
    await asyncio.sleep(2.5)

    assert 1 == len(house.graph.accepted), house.replies()


async def test_reports_raise_a_messages_status_and_never_lower_it(house: House) -> None:
    """`read` may overtake `delivered`; what is known stays known."""
    await house.ask("When are you open?")
    (sent,) = house.graph.accepted
    (head,) = await house.documents("conversations")

    for status in ("read", "delivered", "sent"):
        await house.post_signed("/webhooks/whatsapp", house.status(sent, status))
    messages = "conversations/{}/messages"

    async def read() -> bool:
        (conversation,) = await identities(house)
        return "read" == (await house.documents(messages.format(conversation)))[1]["status"]

    await until(read)
    await asyncio.sleep(0.5)
    assert await read()
    assert 2 == head["last"]


async def identities(house: House) -> list[str]:
    """The ids of the tenant's conversations."""
    from shared.ports import Query  # noqa: PLC0415

    services = await house.process.services()
    page = await services.tenant("krishna-diagnostics").query("conversations", Query())
    return [document.name for document in page.documents]


async def test_a_withdrawn_question_is_not_answered(house: House) -> None:
    """What a customer takes back before the answer is hidden from the desk, and nothing is said to it."""
    asked = house.whatsapp("What does a CBC test cost?")
    await house.post_signed("/webhooks/whatsapp", asked)
    message = asked["entry"][0]["changes"][0]["value"]["messages"][0]
    taken_back = {"type": "revoke", "revoke": {"original_message_id": message["id"]}}
    await house.post_signed("/webhooks/whatsapp", house.whatsapp("", **taken_back))

    async def done() -> bool:
        heads = await house.documents("conversations")
        return bool(heads) and heads[0]["answered"] == 1

    await until(done)
    assert [] == house.replies()


async def test_outside_the_window_a_reply_waits_and_a_template_asks_the_customer_back(house: House) -> None:
    """Free text may go for a day after the customer's last message; later a template goes in its place, and
    the answer when the customer writes again.
    """
    two_days_ago = str(int(time.time()) - 2 * 86_400)
    late = house.whatsapp("What does a CBC test cost?", timestamp=two_days_ago)
    await house.post_signed("/webhooks/whatsapp", late)

    await until(lambda: len(house.graph.accepted) >= 1)
    assert "template" == house.graph.accepted[0]["body"]["type"]
    (conversation,) = await identities(house)
    messages = await house.documents(f"conversations/{conversation}/messages")
    assert "parked" == messages[1]["status"]

    async def told() -> bool:
        return "reply.parked" in [fact["what"] for fact in await house.documents("happenings")]

    await until(told)
    await house.post_signed("/webhooks/whatsapp", house.whatsapp("hello?"))
    await until(lambda: len(house.graph.accepted) >= 3)
    assert any("350" in reply for reply in house.replies()[1:]), house.replies()


async def test_an_owners_echo_under_the_number_freezes_a_conversation_under_a_scoped_id(house: House) -> None:
    """One customer may be named by a business-scoped id and by a number: it is one conversation."""
    asked = house.whatsapp("When are you open?")
    value = asked["entry"][0]["changes"][0]["value"]
    value["contacts"][0]["user_id"] = value["messages"][0]["from_user_id"] = "IN.13491208655302741918"
    await house.answer_to(asked)

    await house.post_signed("/webhooks/whatsapp", house.owner_wrote("I will take it from here"))

    async def taken() -> bool:
        heads = await house.documents("conversations")
        return [head["state"] for head in heads] == ["human_active"]

    await until(taken)
