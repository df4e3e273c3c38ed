"""Two colleagues and a customer: the desk hands over, a person answers, the desk goes on, and learns."""

import asyncio
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest_asyncio
from playwright.async_api import Page, expect

from shared.desk.commit import Change, as_data, commit, read_message
from shared.desk.proposals import proposals
from shared.domain.colleagues import Colleague
from shared.domain.conversation import Head
from shared.ports import Put, Query
from tests.browser.signed_in import TENANT, console_on

UNKNOWN = "Do you test dogs?"
ANSWER = "We test people only; for animals please ask Bandra Pet Clinic, 022 5550 1234."
PROMISE = "We will call you back on Monday at 10 with the clinic's prices."


def staffed(text):
    """The lab's file with people there day and night, who must have the skill, and no wait for more words."""
    before, after = text[: text.index("  escalation:")], text[text.index("  surveys:") :]
    before = before.replace("debounce_seconds: 1.5", "debounce_seconds: 0.1")
    return f"""{before}  escalation:
    hours: {{daily: "00:00-24:00"}}
    triggers: [{{condition: wants_human}}]
    handoff: [{{timeout: 600, departments: [customer_support]}}]
  canned_replies:
    - {{id: reports, title: When reports come, text: "Reports come the same evening."}}
{after}""".replace(
        "template: {name: desk_reply_waiting, language: en}",
        'template: {name: desk_reply_waiting, language: en, text: "Hello {{1}}, may we write to you?"}',
    )


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit):
    """The lab, with Asha who answers customers and Ben who looks after bills, both there."""
    async with console_on(tmp_path, visit, staffed) as one:
        await there(one, "Asha", "customer_support")
        await there(one, "Ben", "billing")
        yield one


async def there(console, name, *skills):
    """Somebody is there from now on, with these skills."""
    services = await console.house.process.services()
    at = services.ports.clock.now()
    known = Colleague(id=name.lower(), name=name, skills=skills, presence="online", seen_at=f"{at:%FT%T.%fZ}")
    await services.tenant(TENANT).commit([Put(f"colleagues/{known.id}", as_data(known))])


async def inbox(console, name, role="human_agent", view="all", **profile) -> Page:
    """Somebody looks at the inbox."""
    page = await console.enter(name, role, **profile)
    await page.goto(console.at(f"/inbox?view={view}"))
    await expect(page.locator(".live")).to_have_text("Live")
    return page


async def write(page, words):
    """Writes in the composer, and sends with the keyboard."""
    box = page.get_by_role("textbox", name="Message")
    await box.fill(words)
    await box.press("Control+Enter")
    await expect(page.locator(".bubble", has_text=words)).to_be_visible()


def row(page, name):
    """A customer's row."""
    return page.locator(".row", has_text=name)


async def said(console, conversation):
    """Everything that was said in a conversation, as (author, status, words)."""
    services = await console.house.process.services()
    path = f"conversations/{conversation}/messages"
    page = await services.tenant(TENANT).query(path, Query(order=("seq",), limit=200))
    found = [read_message(one) for one in page.documents]
    return [
        (one.author, one.status, one.content.text or (one.outgoing.text if one.outgoing else ""))
        for one in found
    ]


async def test_a_person_takes_over_and_the_desk_goes_on_and_learns(console, visit):
    """Asked for, queued by skill, taken, note and reply, the desk silent; handed back, it keeps the promise;
    resolved, its fix is approved and published.
    """
    asha, ben = await inbox(console, "Asha"), await inbox(console, "Ben", view="unassigned")
    customer = await (await visit(at=console.house)).try_desk("krishna")
    await customer.ask(UNKNOWN)
    await customer.ask("I want to talk to a person, please")

    waiting = row(asha, "Visitor")
    await expect(waiting).to_contain_text("Offered to you")
    await expect(row(ben, "Visitor")).to_contain_text("Waiting")
    await expect(row(ben, "Visitor")).not_to_contain_text("Offered to you")
    await waiting.click()
    await expect(asha.locator(".why")).to_contain_text("The customer asked for a person")
    await asha.keyboard.press("t")
    await expect(asha.get_by_text("You have this conversation")).to_be_visible()
    await expect(asha.locator(".state", has_text="Asha took this")).to_be_visible()
    await expect(row(ben, "Visitor")).to_have_count(0)

    conversation = asha.url.split("/inbox/")[1].partition("?")[0]
    await asha.keyboard.press("n")
    await write(asha, "She has a beagle")
    await ben.goto(console.at(f"/inbox/{conversation}"))
    await expect(ben.locator(".said.note", has_text="She has a beagle")).to_be_visible()
    await expect(ben.locator(".foot")).to_contain_text("Asha has this conversation")
    await asha.get_by_text("Reply", exact=True).click()
    await write(asha, ANSWER)
    person = customer.thread.locator(".message.human .bubble")
    await expect(person.last).to_contain_text(ANSWER)

    before = await console.turns(conversation)
    await customer.say("Thank you. How much is a thyroid test?")
    await expect(asha.locator(".bubble", has_text="How much is a thyroid test?")).to_be_visible()
    await asyncio.sleep(3)  # the desk, which waits a tenth for more words, would have answered
    assert before == await console.turns(conversation)
    await write(asha, PROMISE)
    await expect(person.last).to_contain_text(PROMISE)
    held = await said(console, conversation)
    began = next(n for n, (who, _, _) in enumerate(held) if who == "human")
    assert [who for who, _, _ in held[began:]] == ["human", "customer", "human"]
    assert "beagle" not in str(held)

    await asha.keyboard.press("Escape")
    await asha.keyboard.press("h")
    dialog = asha.get_by_role("dialog")
    await expect(dialog.get_by_label("Promise 1")).to_have_value(PROMISE)
    await dialog.get_by_label("What happened").fill("She asked about her dog; the clinic's prices follow.")
    await dialog.get_by_role("button", name="Hand back").click()
    await expect(asha.get_by_text("The desk has it again.")).to_be_visible()
    await expect(asha.locator("#card")).to_contain_text("the clinic's prices follow")
    assert "Monday at 10" in await customer.ask("What did your colleague promise me?")
    await expect(asha.locator(".said.desk", has_text="Monday at 10")).to_be_visible()

    await asha.keyboard.press("e")
    await asha.get_by_role("dialog").get_by_role("button", name="Resolve").click()
    await expect(asha.locator(".state", has_text="Asha resolved this")).to_be_visible()
    await learned(console)


async def learned(console):
    """A supervisor approves what the desk could not answer before and would then; a new version runs."""
    mira = await console.enter("Mira", "supervisor")
    await mira.goto(console.at("/proposals"))
    await mira.locator(".proposals a").first.click()
    (fix,) = (await proposals(await console.house.process.services(), TENANT)).items
    assert (False, True) == (fix.before.passed, fix.after.passed)
    await mira.get_by_role("button", name="Approve and publish").click()
    await expect(mira.get_by_text("version 2").first).to_be_visible()


async def test_two_who_take_one_conversation_are_told_who_has_it(console, visit):
    """The second is told by name, and nothing changes."""
    customer = await (await visit(at=console.house)).try_desk("krishna")
    await customer.ask("I want to talk to a person, please")
    asha, ben = await inbox(console, "Asha"), await inbox(console, "Ben")
    await row(asha, "Visitor").click()
    await row(ben, "Visitor").click()
    await expect(ben.get_by_role("button", name="Take")).to_be_visible()
    await ben.route("**/inbox/events*", lambda route: route.abort())
    await ben.reload()
    await asha.get_by_role("button", name="Take").click()
    await expect(asha.locator(".state", has_text="Asha took this")).to_be_visible()

    await ben.get_by_role("button", name="Take").click()
    await expect(ben.locator("#toasts")).to_contain_text("Asha has this conversation")


async def test_after_a_day_only_a_template_goes(console):
    """With the reply window closed the composer offers the desk's templates, filled in, and sends one."""
    house = console.house
    await house.ask("What does a CBC test cost?")
    services = await house.process.services()
    store = services.tenant(TENANT)
    conversation = (await house.heads())[0]
    long_ago = "2026-01-01T00:00:00.000000Z"

    def aged(head: Head, _: int) -> Change:
        return Change(head=msgspec.structs.replace(head, last_inbound_at=long_ago))

    await commit(services.ports, store, conversation, aged)  # the reply's own report may come meanwhile
    page = await inbox(console, "Asha")
    await row(page, "Asha Rao").click()
    await expect(page.locator(".foot .strip")).to_contain_text("only a template goes")

    await page.get_by_role("button", name="Choose a template").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("textbox", name="Place 1")).to_have_value("Asha Rao")
    await dialog.get_by_role("button", name="Send").click()
    await expect(page.locator(".said.human")).to_contain_text("Hello Asha Rao, may we write to you?")
    await expect(page.locator(".said.human .mark.sent")).to_be_visible()
    sent = house.graph.accepted[-1]["body"]
    assert (sent["type"], sent["template"]["name"]) == ("template", "desk_reply_waiting")


async def test_what_is_typed_stays_while_the_page_changes(console, visit):
    """New messages come into thread and list, a draft is left alone; it outlives a reload."""
    customer = await (await visit(at=console.house)).try_desk("krishna")
    await customer.ask("How much is a thyroid test?")
    page = await inbox(console, "Asha")
    await row(page, "Visitor").click()
    box = page.get_by_role("textbox", name="Message")
    await box.press_sequentially("Half a sent")
    await customer.ask("When are you open?")
    await expect(page.locator(".bubble", has_text="When are you open?")).to_be_visible()
    await expect(box).to_have_value("Half a sent")
    await expect(box).to_be_focused()
    await page.reload()
    await expect(box).to_have_value("Half a sent")


async def test_files_saved_replies_and_suggestions_reach_the_customer(console, visit):
    """A file too large is refused in words; one that fits, a saved reply and a suggestion are sent."""
    customer = await (await visit(at=console.house)).try_desk("krishna")
    await customer.ask("How much is a thyroid test?")
    page = await inbox(console, "Asha")
    await row(page, "Visitor").click()
    box = page.get_by_role("textbox", name="Message")
    await page.get_by_label("Saved replies").click()
    await expect(page.get_by_role("button", name="When reports come")).to_be_visible()
    await page.keyboard.press("Escape")
    files = page.get_by_label("Attach files")
    await files.set_input_files(
        {"name": "scan.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0" * 30_000_000}
    )
    await expect(page.locator(".attached .wrong")).to_contain_text("too large")
    await page.get_by_role("button", name="Remove scan.png").click()
    await files.set_input_files(
        {"name": "prices.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 x"}
    )
    await expect(page.locator(".attached [name=files]")).to_have_count(1)
    await box.press("/")
    await page.get_by_role("button", name="When reports come").press("Enter")
    await expect(box).to_have_value("Reports come the same evening.")
    await box.press("Control+Enter")
    await expect(page.locator(".said.human .file")).to_contain_text("prices.pdf")
    await expect(customer.thread.locator(".message.human").last).to_contain_text(
        "Reports come the same evening."
    )

    await page.get_by_role("button", name="Suggest").click()
    await expect(box).not_to_have_value("")


async def test_the_inbox_on_a_phone_shows_one_pane_at_a_time(console, visit):
    """The list, then the conversation with a way back; nothing is wider than the screen."""
    customer = await (await visit(at=console.house)).try_desk("krishna")
    await customer.ask("How much is a thyroid test?")
    page = await inbox(console, "Asha", viewport={"width": 390, "height": 844})
    await row(page, "Visitor").click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    await expect(row(page, "Visitor")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.get_by_role("link", name="Back to the list").click()
    await expect(row(page, "Visitor")).to_be_visible()


async def test_search_and_filters_narrow_the_list_and_say_so(console):
    """A customer is found by the beginning of a name; what finds nothing offers the way back."""
    await console.house.ask("What does a CBC test cost?")
    page = await inbox(console, "Asha")
    await page.keyboard.press("/")
    await page.keyboard.type("ash")
    await expect(page.locator(".row")).to_have_count(1)
    await page.keyboard.type("zz")
    await expect(page.get_by_text("Nothing found")).to_be_visible()
    await page.get_by_role("link", name="Clear search and filters").click()
    await expect(row(page, "Asha Rao")).to_be_visible()
    await page.get_by_label("Filters").click()
    await page.get_by_label("State").select_option("Resolved")
    await page.get_by_label("Channel").select_option("WhatsApp")
    await page.get_by_role("button", name="Show").press("Enter")
    await expect(page.get_by_text("Nothing found")).to_be_visible()
    await expect(page.get_by_label("Filters, 2 set")).to_be_focused()


async def test_an_address_that_leads_nowhere_says_so_and_goes_on_saying_it(console):
    """The page's own stream leaves the words alone; the list is beside them."""
    page = await console.enter("Asha", "human_agent")
    await console.house.ask("What does a CBC test cost?")
    await page.goto(console.at("/inbox/nowhere?view=all"))
    await expect(page.locator(".live")).to_have_text("Live")
    await console.house.ask("And a thyroid test?")
    await expect(row(page, "Asha Rao")).to_contain_text("hyroid")
    await expect(page.get_by_text("This conversation is not here")).to_be_visible()


async def test_a_line_that_is_lost_is_told_and_comes_back_by_itself(console):
    """On a phone too, where the conversation hides the bar."""
    await console.house.ask("What does a CBC test cost?")
    page = await inbox(console, "Asha", viewport={"width": 390, "height": 844})
    await row(page, "Asha Rao").click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    await page.route("**/inbox/events*", lambda route: route.abort())
    await page.reload()
    told = 'getComputedStyle(document.querySelector(".stage"), "::before").content'
    await expect(page.locator("body")).to_have_attribute("data-live", "lost")
    assert '"Reconnecting…"' == await page.evaluate(told)

    await page.unroute("**/inbox/events*")
    await expect(page.locator("body")).to_have_attribute("data-live", "open", timeout=20_000)
    assert "none" == await page.evaluate(told)


async def test_a_conversation_is_put_off_until_a_time_by_the_businesss_clock(console):
    """However far away its reader sits; a time that is past is refused beside the field."""
    await console.house.ask("What does a CBC test cost?")
    page = await inbox(console, "Asha", timezone_id="America/New_York")
    await row(page, "Asha Rao").click()
    await page.get_by_label("More to do").click()
    await page.get_by_role("link", name="Until a date and time").click()
    dialog, field = page.get_by_role("dialog"), page.get_by_label("Date and time")
    await expect(dialog.locator(".hint")).to_contain_text("Asia/Kolkata")
    await expect(field).to_have_value(re.compile("T09:00"))

    await field.evaluate("one => { one.min = ''; one.value = '2026-01-01T10:00'; }")
    await dialog.get_by_role("button", name="Put off").click()
    await expect(dialog.locator(".mistake")).to_have_text("Choose a time to come, within a year.")
    until = datetime.now(ZoneInfo("Asia/Kolkata")) + timedelta(days=3)
    await field.fill(f"{until:%Y-%m-%dT10:30}")
    await dialog.get_by_role("button", name="Put off").click()

    await expect(page.locator("#toasts")).to_contain_text("it comes back by itself")
    await expect(dialog).to_be_hidden()
    await expect(page.locator(".talk-state")).to_contain_text("Until")
    (head,) = await console.house.documents("conversations")
    assert f"{until:%Y-%m-%d}T05:00:00.000000Z" == head["snoozed_until"]


async def test_without_scripts_a_conversation_is_taken_and_answered(console):
    """Links and forms alone do it."""
    await console.house.ask("What does a CBC test cost?")
    page = await console.enter("Asha", "human_agent", java_script_enabled=False)
    await page.goto(console.at("/inbox?view=all"))
    await row(page, "Asha Rao").click()
    await page.get_by_role("button", name="Take").click()
    await page.get_by_role("textbox", name="Message").fill("Good morning from Asha")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".said.human")).to_contain_text("Good morning from Asha")
