"""A colleague is told of a customer who waits, whatever page they look at, and while they look elsewhere."""

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.signed_in import console_on
from tests.browser.test_people import staffed, there

RECORDER = """
window.told = [];
window.Notification = class extends Notification {
  constructor(title, options) {
    super(title, options);
    window.told.push({ title, ...options });
    window.last = this;
  }
};
Object.defineProperty(document, "hidden", { get: () => sessionStorage.away === "yes" });
"""
REFUSES = """
Notification.requestPermission = async () => {
  Object.defineProperty(Notification, "permission", { value: "denied" });
  return "denied";
};
"""
PERSON = "I want to talk to a person, please"


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit):
    """The lab, with Asha who answers customers."""
    async with console_on(tmp_path, visit, staffed) as one:
        await there(one, "Asha", "customer_support")
        yield one


async def asha_at(console, path, script=RECORDER, **profile):
    """Asha's browser at a page, in which the script ran before."""
    page = await console.enter("Asha", "human_agent", **profile)
    await page.add_init_script(script)
    await page.goto(console.at(path))
    return page


async def test_whoever_is_offered_a_customer_is_told_on_any_page_and_by_their_browser(console, visit):
    """On a page without a stream the bell counts it; while hidden one notification opens the conversation."""
    page = await asha_at(console, "/profile", permissions=["notifications"])
    bell, tells = page.locator(".bell > summary"), page.get_by_role("button", name="Tell me in this browser")
    await bell.click()
    await expect(page.locator(".bell .empty")).to_contain_text("Nothing yet")
    await tells.click()
    await expect(tells).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Escape")
    await page.evaluate("sessionStorage.away = 'yes'")

    customer = await (await visit(at=console.house)).try_desk("krishna")
    await customer.ask(PERSON)

    await expect(bell.locator(".count")).to_have_text("1")
    (told,) = await page.evaluate("window.told")
    notice = page.locator(".notices a")
    assert ("A customer waits for you", await notice.get_attribute("data-notice")) == (
        told["title"], told["tag"],
    )  # fmt: skip
    await page.evaluate("window.last.onclick()")
    await expect(page.get_by_role("button", name="Take")).to_be_visible()
    assert "/inbox/" in page.url
    await expect(bell.locator(".count")).to_be_empty()
    assert [] == await page.evaluate("window.told"), "what was told is not told again by the next page"


async def test_what_the_menu_shows_is_read_in_every_tab(console, visit):
    """Opening the bell is reading it; a browser that refuses notifications says how to change that."""
    page = await asha_at(console, "/tickets", REFUSES, viewport={"width": 390, "height": 844})
    other = await page.context.new_page()
    await other.goto(console.at("/profile"))
    customer = await (await visit(at=console.house)).try_desk("krishna")
    await customer.ask(PERSON)

    await expect(other.locator(".bell .count")).to_have_text("1")
    await page.locator(".bell > summary").click()
    await expect(page.locator(".notices a.new")).to_contain_text("The customer asked for a person")
    await expect(other.locator(".bell .count")).to_be_empty()
    await page.get_by_role("button", name="Tell me in this browser").click()
    await expect(page.locator("[data-tells-why]")).to_contain_text("allow notifications")
    await page.locator(".notices a").click()
    await expect(page.get_by_role("button", name="Take")).to_be_visible()
