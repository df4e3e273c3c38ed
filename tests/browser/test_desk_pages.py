"""A supervisor looks after desks in the console: reads, edits, publishes, rolls back, and lets them learn."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from shared.desk.learn import propose
from tests.browser.signed_in import DESK, TENANT, console_on
from tests.unit.learning.conftest import Installation

QUESTION = "Do you test dogs?"
ANSWER = "We test people only; for animals please ask Bandra Pet Clinic, 022 5550 1234."


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit):
    async with console_on(tmp_path, visit) as one:
        yield one


async def _proposed(console):
    """A proposal made of a handover that a person resolved."""
    process = console.house.process
    installation = Installation(await process.services(), process, console.folder)
    over = await installation.talked(("customer", QUESTION), ("human", ANSWER))
    return await propose(installation.services, TENANT, over)


async def _edit(page, before, after):
    """Change words in the editor, as typing would."""
    editor = page.get_by_label("The desk's file", exact=True)
    text = (await editor.input_value()).replace(before, after)
    await editor.fill(text)


async def test_a_desk_is_edited_published_and_rolled_back(console):
    """A draft is checked while it is typed, compared with what runs, published, and taken back."""
    page = await console.enter("Asha")
    await page.goto(console.at("/desks"))
    await page.get_by_role("link", name="Krishna Diagnostics").click()
    checks = page.get_by_role("region", name="Checks").get_by_role("listitem")
    await expect(checks).to_contain_text(["google, which is not connected", "gemini, which is not connected"])
    await page.get_by_role("link", name="Edit", exact=True).first.click()

    await _edit(page, "timezone: Asia/Kolkata", "timezone: Asia/Calcuta")
    await expect(page.get_by_text("1 problem; it cannot run yet")).to_be_visible()
    await expect(page.get_by_role("button", name="Line 20")).to_be_visible()
    await _edit(page, "timezone: Asia/Calcuta", "timezone: Asia/Kolkata")
    await _edit(page, "name: Maya", "name: Mira")
    await expect(page.get_by_text("Valid; it could run")).to_be_visible()
    await page.get_by_role("button", name="Keep as a draft").click()

    values = page.get_by_role("row").filter(has_text="agent.name")
    await expect(values).to_contain_text("Maya")
    await expect(values).to_contain_text("Mira")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("Version 2 runs now.")).to_be_visible()
    services = await console.house.process.services()
    assert (await services.versions.published(DESK)).config.agent.name == "Mira"

    await page.get_by_role("link", name="History").click()
    await page.get_by_role("link", name="From the file").click()
    await page.get_by_role("button", name="Roll back to it").click()
    await expect(page.get_by_text("Version 1 runs again, as version 3.")).to_be_visible()
    services.versions.forget(DESK)
    assert (await services.versions.published(DESK)).config.agent.name == "Maya"


async def test_a_proposed_fix_is_changed_tried_and_approved(console):
    """Evidence stands beside the fix; one that proves nothing is refused, a good one is published."""
    await _proposed(console)
    page = await console.enter("Asha")
    await page.goto(console.at("/desks"))
    await page.get_by_role("link", name="Proposed fixes").click()
    await page.get_by_role("link", name=QUESTION).click()
    await expect(page.get_by_role("article", name="Without the fix")).to_contain_text("fails")
    await expect(page.get_by_role("article", name="With the fix")).to_contain_text("passes")

    await page.get_by_label("The answer must contain, a line each").fill("a thousand rupees")
    await page.get_by_role("button", name="Approve and publish").click()
    await expect(page.get_by_role("alert")).to_contain_text("still lacks a thousand rupees")
    await page.get_by_label("The answer must contain, a line each").fill("Bandra Pet Clinic")
    await page.get_by_role("button", name="Try it again").click()
    await expect(page.get_by_role("article", name="With the fix")).to_contain_text("passes")
    await page.get_by_role("button", name="Approve and publish").click()

    await expect(page.get_by_text("Approved by Asha")).to_be_visible()
    visitor = await (await console.visit(at=console.house)).try_desk(DESK)
    assert "Bandra Pet Clinic" in await visitor.ask(QUESTION)


async def test_a_fix_is_refused_with_a_reason(console):
    """What is refused leaves the list, and its reason stays with it."""
    await _proposed(console)
    page = await console.enter("Asha")
    await page.goto(console.at("/proposals"))
    await page.get_by_role("link", name=QUESTION).click()
    await page.get_by_role("button", name="Refuse").click()
    await page.get_by_label("Why, for those who look later").fill("We shall treat animals soon")
    await page.get_by_role("dialog").get_by_role("button", name="Refuse").click()

    await expect(page.get_by_text("Nothing to decide")).to_be_visible()
    await page.get_by_role("link", name="Refused").click()
    await page.get_by_role("link", name=QUESTION).click()
    await expect(page.get_by_text("We shall treat animals soon")).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/desks", f"/desks/{DESK}", f"/desks/{DESK}/edit", "/proposals", "/supervisor"]
)
async def test_a_human_agent_sees_no_page_of_supervisors(console, path):
    """What a desk does and learns is not every agent's to change."""
    page = await console.enter("Ben", "human_agent")

    response = await page.goto(console.at(path))

    assert response.status == 403


@pytest.mark.parametrize("path", ["/desks", f"/desks/{DESK}", f"/desks/{DESK}/history", f"/desks/{DESK}/edit",
                                  "/proposals", "/tickets", "/callbacks", "/supervisor"])  # fmt: skip
async def test_every_page_fits_a_phone(console, path):
    """On a phone nothing is cut off at the side."""
    page = await console.enter("Asha", viewport={"width": 390, "height": 844})
    await page.goto(console.at(path))

    for part in ("#page", ".bar"):
        widths = await page.eval_on_selector(part, "one => [one.scrollWidth, one.clientWidth]")
        assert widths[0] <= widths[1], part


async def test_on_a_phone_what_is_seldom_wanted_stands_under_more(console):
    """The bar holds what people use all day; the rest is two taps away, and the bar says where one is."""
    page = await console.enter("Asha", viewport={"width": 390, "height": 844})
    await page.goto(console.at("/inbox"))
    sections = page.get_by_role("navigation", name="Sections")
    await expect(sections.get_by_role("link", name="Desks")).to_be_hidden()
    await sections.get_by_text("More").click()
    await sections.get_by_role("link", name="Desks").click()

    await expect(page.get_by_role("heading", name="Desks", level=1)).to_be_visible()
    await expect(sections.locator("summary")).to_have_attribute("aria-current", "page")
