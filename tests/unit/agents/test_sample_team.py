"""The sample desk with a team, with the offline model: whole talks, each message with whoever it is for."""

from pathlib import Path

import pytest

from shared import bootstrap
from shared.backends.embedded import open as embedded
from shared.config.publish import publish_file
from shared.config.settings import read_settings
from shared.desk.take_turn import take_turn
from shared.desk.timeline import timeline
from shared.domain.identity import conversation_id
from tests.unit.desk.front import Front, MovedClock

CONFIGS = Path(__file__).parents[3] / "configs"
NOON = "2026-11-23T17:00:00+00:00"
"""Noon on a Monday in New York."""


@pytest.fixture
async def acme(tmp_path, monkeypatch):
    """The sales desk as its file has it."""
    clock = MovedClock(at=MovedClock().at.fromisoformat(NOON))
    monkeypatch.setattr(embedded, "EmbeddedClock", lambda: clock)
    told = {"FRONTDESK_DATA": str(tmp_path), "FRONTDESK_CONFIGS": str(CONFIGS)}
    process = bootstrap.Process(read_settings(told), told)
    services = await process.services()
    path = CONFIGS / "acme-corp" / "sales.yaml"
    done = await publish_file(path, services.versions, process.catalogue(), folder=CONFIGS, by="test")
    assert done.version == 1
    yield _Acme(services, clock, account="acme-sales")
    await process.close()


class _Acme(Front):
    """The sample in place of the tests' own desk."""

    @property
    def store(self):
        return self.services.tenant("acme-corp")

    @property
    def conversation(self):
        return conversation_id("acme-sales", self.channel, self.account, self.customer)

    async def turn(self, *, wait=10):
        self.clock.move(seconds=wait)
        head = await self.head()
        await take_turn(self.services, "acme-corp", self.conversation, head.pending)

    async def told(self, text):
        """What the desk says to it, who of it said so, and what may be tapped."""
        message = await self.ask(text)
        entries = (await timeline(self.store, self.conversation)).entries
        receipt = next(entry.receipt for entry in reversed(entries) if entry.receipt)
        titles = [choice.title for choice in message.outgoing.choices]
        return message.content.text, receipt.answered_by, titles


async def test_each_message_is_with_whoever_it_is_for(acme):
    """A price is the product's, a demo the demos', and what is said in between stays where it was."""
    price, who, _ = await acme.told("How much is the Growth plan?")
    assert ("product", True) == (who, "$99" in price)

    _, who, times = await acme.told("I want to book a demo")
    assert "demos" == who
    for _ in range(4):  # the day, the time, then who it is for
        if not times:
            break
        _, who, times = await acme.told(times[0])
        assert "demos" == who
    said, who, _ = await acme.told("Dana Lee, dana@shop.example")

    assert "demos" == who
    (booking,) = await acme.documents("bookings")
    assert "Dana Lee" in str(booking) + said


async def test_a_greeting_is_welcomed(acme):
    """What is nobody's own is the general member's."""
    _, who, _ = await acme.told("Hello there")

    assert "welcome" == who
