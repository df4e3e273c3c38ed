"""A customer is one on all channels that prove them, with what is counted and remembered of them."""

import pytest

from shared.domain.events import Sender
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


async def customers(front: Front) -> list[dict[str, object]]:
    """Those who are not another one."""
    return [one for one in await front.documents("customers") if not one.get("merged_into")]


async def test_an_id_the_site_signed_makes_one_customer_of_several_sessions(front: Front) -> None:
    """What was known of a visitor before they signed in joins what is known of the signed-in customer."""
    front.customer = "at home"
    await front.say("hello", sender=Sender(id="at home", external_id="4711"))
    front.clock.move(minutes=1)
    front.customer = "on the phone"
    await front.say("hello")
    assert 2 == len(await customers(front))

    await front.say("it is me", sender=Sender(id="on the phone", external_id="4711"))
    await front.say("still me")

    (one,) = await customers(front)
    assert ("4711", 4, 2) == (one["external_id"], one["messages"], one["conversations"])


async def test_two_whom_the_business_tells_apart_stay_two(front: Front) -> None:
    """Signing in as another in the same browser is another customer, whose the session is from then on."""
    front.customer = "shared machine"
    for external in ("4711", "0815"):
        await front.say("hello", sender=Sender(id="shared machine", external_id=external))
    await front.say("who am I?")
    await front.say("me again", sender=Sender(id="elsewhere", external_id="4711"))

    counted = {one["external_id"]: one["messages"] for one in await customers(front)}
    assert {"4711": 2, "0815": 2} == counted
