"""What did not arrive by one way and was said by another, as people see it in both conversations."""

import pytest_asyncio
from playwright.async_api import expect

from shared.desk.commit import as_data, head_path
from shared.desk.outreach.reach import Wanted, reach
from shared.desk.reports import record_delivery
from shared.domain.conversation import Head
from shared.domain.customers import Customer
from shared.domain.events import DeliveryReported, Failure
from shared.domain.identity import outbox_key
from shared.domain.instants import stamp
from shared.domain.outreach import Saying
from shared.ports import Put
from tests.browser.signed_in import DESK, TENANT, console_on

ACCOUNTS = {"whatsapp": "100000000000101", "instagram": "178410000000101"}


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit):
    """A business, and a customer who wrote to it on WhatsApp and on Instagram a moment ago."""
    async with console_on(tmp_path, visit) as one:
        services = await one.house.process.services()
        at = stamp(services.ports.clock.now())
        heads = [
            Head(
                desk=DESK, channel=channel, account=account, contact="919812345678", customer="c1",
                state="finished", last_at=at, last_inbound_at=at,
            )
            for channel, account in ACCOUNTS.items()
        ]  # fmt: skip
        puts = [Put(head_path(head.channel), as_data(head)) for head in heads]
        sunita = Customer(id="c1", name="Sunita Rao")
        await services.tenant(TENANT).commit([*puts, Put("customers/c1", as_data(sunita))])
        yield one


async def test_both_conversations_tell_where_it_was_said(console):
    """The one where it failed says why and leads to the other while it is looked at; that one leads back."""
    services = await console.house.process.services()
    wanted = Wanted(
        desk=DESK,
        purpose="reminder",
        occasion="b1",
        customer="c1",
        saying=Saying(text="You are with us on Monday."),
        prefers="whatsapp",
    )
    said = await reach(services, TENANT, wanted)
    assert "whatsapp" == said.conversation
    page = await console.enter("Asha", "human_agent")
    await page.goto(console.at("/inbox/whatsapp"))
    await expect(page.get_by_label("Conversation").get_by_text("You are with us on Monday.")).to_be_visible()

    await record_delivery(
        services,
        DeliveryReported(
            event_id="failed",
            channel="whatsapp",
            account=ACCOUNTS["whatsapp"],
            message_id=None,
            key=outbox_key(TENANT, "whatsapp", said.seq),
            status="failed",
            at="",
            failure=Failure(code="131026", title="Message undeliverable", action="stop"),
        ),
    )
    await expect(page.get_by_text("Message undeliverable", exact=True)).to_be_visible()
    await expect(page.get_by_text("Said by Instagram instead")).to_be_visible()
    await page.get_by_role("link", name="Look there").click()
    await expect(page.get_by_text("Said here, as it did not arrive by WhatsApp")).to_be_visible()
    await page.get_by_role("link", name="Look there").click()
    await expect(page.get_by_text("Said by Instagram instead")).to_be_visible()
