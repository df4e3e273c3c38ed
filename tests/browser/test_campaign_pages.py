"""A supervisor draws up a campaign in the console, checks it, starts it, and sees how far it comes."""

from datetime import timedelta

import pytest_asyncio
from playwright.async_api import expect

from shared.desk.commit import as_data, head_path
from shared.desk.outreach.reach import Wanted, find_outreach, reach
from shared.domain.conversation import Head
from shared.domain.customers import Customer
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.domain.outreach import Saying
from shared.ports import Put
from tests.browser.signed_in import DESK, TENANT, console_on

FILE = "phone,name\n+919812345601,Asha\n+919812345602,Ben\n+919812345601,Asha\n"
WRONG = "phone,name\n12,Asha\n+919812345602,\n"
HOURS = '  outreach: {hours: {daily: "00:00-24:00"}}\n'


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit):
    """A business that may write at any hour."""
    async with console_on(
        tmp_path, visit, lambda text: text.replace("  follow_ups:", f"{HOURS}  follow_ups:", 1)
    ) as one:
        yield one


async def drawn_up(page, console, people=FILE):
    """The form, filled in."""
    await page.goto(console.at("/campaigns"))
    await page.get_by_role("link", name="New campaign").click()
    await page.get_by_label("Name").fill("Check-ups")
    await page.get_by_label("People", exact=True).fill(people)
    await page.get_by_label("Words").fill("Hello {{ event.name }}, your check-up is due.")
    await page.get_by_label("How they agreed").fill("on the form of 2026")


async def visited(console, *numbers):
    """Customers with these numbers have the chat's page open."""
    services = await console.house.process.services()
    now = stamp(services.ports.clock.now())
    for number in numbers:
        head = Head(
            desk=DESK, channel="webchat", account=DESK, contact=number, customer=number, state="finished",
            last_at=now, last_inbound_at=now,
        )  # fmt: skip
        proof = {"customer": number}
        await services.tenant(TENANT).commit(
            [
                Put(head_path(f"talk-{number}"), as_data(head)),
                Put(f"customers/{number}", as_data(Customer(id=number, name="Sunita Rao"))),
                Put(f"identities/{digest('identity', f'phone:{number}')}", proof),
            ]
        )


async def test_a_campaign_is_checked_kept_started_and_ended(console):
    """What it comes to is told first; the draft waits for its start; its picture moves by itself."""
    await visited(console, "+919812345601", "+919812345602")
    page = await console.enter("Asha")
    await drawn_up(page, console)
    await page.get_by_role("button", name="Check").click()
    told = page.locator("#preview")
    await expect(told.get_by_role("heading", name="2 people to reach")).to_be_visible()
    await expect(told).to_contain_text("1, left out")
    await page.get_by_role("button", name="Keep as a draft").click()
    await expect(page.get_by_text("Draft", exact=True)).to_be_visible()
    await expect(page.get_by_text("the same as line 2")).to_be_visible()
    await expect(page.locator(".targets").get_by_text("Waiting for the start")).to_have_count(2)

    await page.get_by_role("button", name="Start").click()
    await page.get_by_role("dialog").get_by_role("button", name="Start").click()
    await expect(page.get_by_text("Running", exact=True)).to_be_visible()
    over = page.get_by_text("Done", exact=True)
    await expect(over).to_be_visible(timeout=60_000)
    await page.goto(console.at("/campaigns"))
    await expect(page.get_by_text("2 of 3 reached")).to_be_visible()


async def test_mistakes_of_a_file_stand_beside_it_with_their_lines(console):
    """A file with mistakes is not kept; each names its line, its column and what to write."""
    page = await console.enter("Asha")
    await drawn_up(page, console, WRONG)
    await page.get_by_role("button", name="Keep as a draft").click()
    told = page.locator("#preview")
    await expect(told.get_by_role("heading", name="2 mistakes")).to_be_visible()
    await expect(told).to_contain_text("Line 2, phone")
    await expect(told).to_contain_text("Line 3, name")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Check-ups")


async def test_what_is_scheduled_for_a_customer_stands_on_their_card_and_is_called_off(console):
    """Whoever looks at a conversation sees what the desk will say of its own accord, and can stop it."""
    services = await console.house.process.services()
    now = services.ports.clock.now()
    head = Head(
        desk=DESK, channel="whatsapp", account="100000000000101", contact="919812345678", customer="c1",
        state="finished", last_at=stamp(now), last_inbound_at=stamp(now),
    )  # fmt: skip
    customer = Customer(id="c1", name="Sunita Rao")
    await services.tenant(TENANT).commit(
        [Put(head_path("talk"), as_data(head)), Put("customers/c1", as_data(customer))]
    )
    saying = Saying(text="You are with us on Monday.")
    due = now + timedelta(days=2)
    wanted = Wanted(desk=DESK, purpose="reminder", occasion="b1", customer="c1", saying=saying, due=due)
    planned = await reach(services, TENANT, wanted)
    page = await console.enter("Asha", "human_agent")
    await page.goto(console.at("/inbox/talk"))
    card = page.get_by_role("complementary", name="Customer")
    await expect(card.get_by_text("You are with us on Monday.")).to_be_visible()
    await card.get_by_role("button", name="Cancel").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel it").click()
    await expect(card.get_by_text("Nothing any more.")).to_be_visible()

    assert "cancelled" == (await find_outreach(services.tenant(TENANT), planned.id)).state
