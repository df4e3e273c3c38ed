"""A suggested reply: the desk's own words, from its own knowledge, and nothing happens."""

import pytest

from shared.desk.speak import speak
from shared.desk.suggest import suggest
from shared.domain.errors import Permanent
from tests.unit.people.conftest import PRIYA


async def test_a_reply_is_suggested_and_nothing_is_sent(office):
    """The desk's facts answer; head, messages and receipts stay as they were."""
    await office.publish(desk={"id": "front", "name": "Sunrise Dental", "address": "12 Hill Road"})
    await office.queued()
    await speak(*office.place, text="Priya here.", client_id="1", by=PRIYA)
    await office.customer_writes("where are you?")
    before, messages = await office.head(), await office.messages()

    suggested = await suggest(*office.place)

    assert "12 Hill Road" in suggested
    assert (before, messages) == (await office.head(), await office.messages())


async def test_what_calls_for_an_act_is_suggested_in_words(office):
    """A person is not handed over to again, whatever the customer asks for."""
    await office.queued()
    await office.customer_writes("get me your manager please")

    assert await suggest(*office.place)
    assert 1 == len(await office.handovers())


async def test_there_is_nothing_to_suggest_before_the_customer_wrote(office):
    """Nor in a conversation nobody knows."""
    with pytest.raises(Permanent, match="unknown"):
        await suggest(*office.place)
