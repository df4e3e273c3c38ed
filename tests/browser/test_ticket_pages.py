"""People work on tickets and promised calls in the console; a supervisor sees who waits and who is there."""

from datetime import timedelta

import pytest_asyncio
from playwright.async_api import expect

from shared import outbox
from shared.desk.commit import as_data, head_path
from shared.desk.left_ticket import new_ticket
from shared.domain.callbacks import Callback
from shared.domain.colleagues import Colleague
from shared.domain.conversation import Head
from shared.domain.customers import Customer
from shared.domain.events import Happened
from shared.domain.handovers import Handover, handover_path
from shared.domain.instants import stamp
from shared.domain.tickets import Ticket, open_ticket
from shared.outbox import Publication
from shared.ports import Put
from tests.browser.signed_in import DESK, TENANT, console_on

PLACE = {"desk": DESK, "conversation": "talk", "customer": "c1"}


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit):
    """A business with a ticket, a call that is due, and a customer who waits for somebody."""
    async with console_on(tmp_path, visit) as one:
        services = await one.house.process.services()
        now = services.ports.clock.now()
        at = stamp(now)
        ticket = Ticket(
            id="t1", subject="Wrong name", description="It says Sunil.", created_at=at, updated_at=at, **PLACE
        )
        call = Callback(
            id="k1", phone="+919812345678", about="Preparation", due=at, state="due", created_at=at, **PLACE
        )
        over = Handover(id="h1", channel="webchat", state="waiting", asked_at=at, asked_seq=1, **PLACE)
        head = Head(
            desk=DESK, channel="webchat", account=DESK, contact="c", customer="c1", state="pending_human",
            handover="h1", last_at=at,
        )  # fmt: skip
        ravi = Colleague(id="ravi", name="Ravi", presence="online", seen_at=stamp(now + timedelta(minutes=5)))
        await services.tenant(TENANT).commit(
            [
                Put("tickets/t1", as_data(open_ticket(ticket, now))),
                Put("callbacks/k1", as_data(call)),
                Put(handover_path("h1"), as_data(over)),
                Put(head_path("talk"), as_data(head)),
                Put("colleagues/ravi", as_data(ravi)),
                Put("customers/c1", as_data(Customer(id="c1", name="Sunita Rao"))),
            ]
        )
        yield one


async def test_a_ticket_is_taken_noted_and_solved(console):
    """Whoever takes a ticket has it; what they note and how they solve it stays with it, for others too."""
    page, other = await console.enter("Asha", "human_agent"), await console.enter("Ben", "human_agent")
    await other.goto(console.at("/tickets"))
    await expect(other.get_by_role("link", name="Wrong name")).to_be_visible()
    await page.goto(console.at("/tickets"))
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")

    await page.get_by_role("button", name="Take").click()
    await expect(page.get_by_text("It is yours.")).to_be_visible()
    await expect(other.get_by_text("Every ticket is somebody's")).to_be_visible()
    await page.get_by_label("A note for colleagues").fill("The lab prints it anew")
    await page.get_by_role("button", name="Note", exact=True).click()
    await expect(page.get_by_role("list").get_by_text("The lab prints it anew")).to_be_visible()
    await page.get_by_role("button", name="Solve").click()
    await page.get_by_label("What was done").fill("Printed and sent")
    await page.get_by_role("dialog").get_by_role("button", name="Solve").click()

    await expect(page.get_by_role("button", name="Open again")).to_be_visible()
    await other.goto(console.at("/tickets/t1"))
    await expect(other.get_by_text("Printed and sent")).to_be_visible()


async def test_a_ticket_somebody_has_is_not_taken_from_them(console):
    """Who comes second is told who has it."""
    page, other = await console.enter("Asha", "human_agent"), await console.enter("Ben", "human_agent")
    for one in (page, other):
        await one.goto(console.at("/tickets/t1"))
    await page.get_by_role("button", name="Take").click()
    await expect(page.get_by_text("It is yours.")).to_be_visible()

    await other.get_by_role("button", name="Take").click()

    await expect(other.get_by_text("Asha has this ticket")).to_be_visible()


async def test_a_promised_call_is_made(console):
    """A call that is due has its number at hand, and is noted as made."""
    page = await console.enter("Asha", "human_agent")
    await page.goto(console.at("/callbacks"))
    await expect(page.get_by_role("link", name="+919812345678")).to_have_attribute(
        "href", "tel:+919812345678"
    )

    await page.get_by_label("More for Sunita Rao").click()
    await page.get_by_role("button", name="It was made").click()

    await expect(page.get_by_text("Nobody to call now")).to_be_visible()


async def test_a_supervisor_assigns_who_waits(console):
    """The supervisor sees who waits and who is there, and gives the one to the other."""
    page = await console.enter("Asha")
    await page.goto(console.at("/supervisor"))
    await expect(page.get_by_role("link", name="Sunita Rao")).to_be_visible()

    await page.get_by_role("button", name="Assign", exact=True).click()
    await page.get_by_role("dialog").get_by_label("Ravi").check()
    await page.get_by_role("dialog").get_by_role("button", name="Assign").click()

    await expect(page.get_by_text("Nobody waits")).to_be_visible()
    services = await console.house.process.services()
    head = await services.tenant(TENANT).get(head_path("talk"))
    assert (head.data["state"], head.data["assignee"]) == ("human_active", "ravi")


async def test_a_supervisor_who_is_away_is_told_so_and_goes_online(console):
    """An open console is no promise to take anybody: the page says so, and the way back is beside it."""
    page = await console.enter("Asha")
    await page.goto(console.at("/supervisor"))
    away = page.get_by_text("You are away")
    await expect(away).to_be_visible()
    await away.get_by_role("button", name="Go online").click()
    await page.reload()

    await expect(page.locator("#figures")).to_contain_text("2 of 2")
    await expect(away).to_be_hidden()


async def test_what_the_desk_writes_down_comes_onto_open_pages(console):
    """A new ticket and a new promised call stand in the lists that people have open."""
    services = await console.house.process.services()
    store, now = services.tenant(TENANT), services.ports.clock.now()
    page, calls = await console.enter("Asha"), await console.enter("Ben", "human_agent")
    await page.goto(console.at("/tickets"))
    await expect(page.get_by_role("link", name="Wrong name")).to_be_visible()
    await calls.goto(console.at("/callbacks?view=waiting"))
    await expect(calls.get_by_text("No call is promised")).to_be_visible()

    config = (await services.versions.published(DESK)).config
    kind = {"subject": "A leak", "description": "Now", "priority": "urgent", "now": now}
    ticket = new_ticket(TENANT, config, id_="t2", conversation="talk", customer="c1", **kind)
    call = Callback(
        id="k2", phone="+919812345679", about="A price", due=stamp(now + timedelta(hours=1)),
        created_at=stamp(now), **PLACE,
    )  # fmt: skip
    told = Happened(
        event_id="k2", tenant=TENANT, what="callback.scheduled", at=stamp(now), data={"callback": "k2"}
    )
    writes = [ticket.write, Put("callbacks/k2", as_data(call))]
    await outbox.commit(services.ports, store, writes, [*ticket.intents, Publication.of(told)])

    await expect(page.get_by_role("link", name="A leak")).to_be_visible()
    await expect(calls.get_by_role("link", name="+919812345679")).to_be_visible()


async def test_a_call_the_desk_is_to_make_stands_in_a_list_of_its_own(console):
    """People see it before it is made, and may cancel or move it; they cannot have it made twice."""
    page = await console.enter("Asha", "human_agent")
    services = await console.house.process.services()
    store = services.tenant(TENANT)
    document = await store.get("callbacks/k1")
    await store.commit([Put("callbacks/k1", {**document.data, "state": "calling"})])

    await page.goto(console.at("/callbacks"))
    await page.get_by_role("link", name="The desk calls").click()

    await page.get_by_label("More for Sunita Rao").click()
    await expect(page.get_by_role("button", name="Cancel the call")).to_be_visible()
    await expect(page.get_by_role("button", name="Let the desk call")).to_have_count(0)
