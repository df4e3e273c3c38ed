"""A colleague is told of a customer who waits, whatever page they look at, and while they look elsewhere."""

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.signed_in import console_on
from tests.browser.test_people import staffed, there

RECORDER = """
delete Navigator.prototype.serviceWorker;
window.told = [];
window.Notification = class extends Notification {
  constructor(title, options) {
    super(title, options);
    window.told.push({ title, ...options });
    window.last = this;
  }
};
"""
AWAY = """
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


async def asha_at(console, path, script, **profile):
    """Asha's browser at a page, in which the script ran before."""
    page = await console.enter("Asha", "human_agent", **profile)
    await page.add_init_script(script)
    await page.goto(console.at(path))
    return page


async def told_away(console, visit, page):
    """Asha wants to be told by her browser, looks elsewhere, and a customer asks for a person."""
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
    return bell


async def test_a_notification_is_shown_by_the_service_worker_and_opens_the_conversation(console, visit):
    """As phones want it: one notification, whose click leads the page there and counts as seen."""
    page = await asha_at(console, "/profile", AWAY, permissions=["notifications"])
    bell = await told_away(console, visit, page)
    (worker,) = page.context.service_workers
    shown = "registration.getNotifications()"

    assert [["A customer waits for you", "The customer asked for a person"]] == await worker.evaluate(
        f"{shown}.then(all => all.map(one => [one.title, one.body]))"
    )
    await worker.evaluate(
        f"""{shown}.then(([one]) => dispatchEvent(
            new NotificationEvent("notificationclick", {{ notification: one }})))"""
    )
    await expect(page.get_by_role("button", name="Take")).to_be_visible()
    assert "/inbox/" in page.url
    await expect(bell.locator(".count")).to_be_empty()
    assert 0 == await worker.evaluate(f"{shown}.then(all => all.length)")
    assert 0 == await page.evaluate("caches.keys().then(all => all.length)"), "no page is kept"


async def test_without_a_service_worker_the_page_shows_the_notification_itself(console, visit):
    """On a page without a stream the bell counts it; while hidden one notification opens the conversation."""
    page = await asha_at(console, "/profile", RECORDER + AWAY, permissions=["notifications"])
    bell = await told_away(console, visit, page)

    (told,) = await page.evaluate("window.told")
    notice = page.locator(".notices a")
    assert ("A customer waits for you", await notice.get_attribute("data-notice")) == (
        told["title"], told["tag"],
    )  # fmt: skip
    await page.evaluate("window.last.onclick({ target: window.last })")
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
