"""A customer is one on all channels that prove them, with what is counted and remembered of them."""

import pytest

from tests.unit.desk.front import Front


@pytest.mark.parametrize(("told", "answered_in"), [("hi", "hi"), ("fr", "en"), (None, "en")])
async def test_a_browsers_language_is_the_first_guess_where_the_desk_speaks_it(
    front: Front, told: str | None, answered_in: str
) -> None:
    """Words that show no language are answered in the one the customer's browser asks for."""
    await front.ask("12345", language=told)

    assert answered_in == (await front.head()).language
    (customer,) = await front.documents("customers")
    assert told == customer.get("language")


async def test_contacts_and_totals_are_kept_with_where_they_came_from(front: Front) -> None:
    """First and last contact, messages, conversations and the first channel stand in one document."""
    await front.say("hello")
    began = front.clock.now()
    front.clock.move(days=2)
    await front.say("hello again")

    (customer,) = await front.documents("customers")
    assert ("webchat", 2, 1) == (customer["source"], customer["messages"], customer["conversations"])
    assert [began.date().isoformat(), front.clock.now().date().isoformat()] == [
        customer["first_contact"][:10],
        customer["last_contact"][:10],
    ]
