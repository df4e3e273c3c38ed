"""The voice room on a bad day: lines that mend, browsers that hold back; whose call the widget makes."""

import asyncio
import hashlib
import hmac
import re

import pytest
import pytest_asyncio
from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.calling import address, answered, calls_on, talking_browser, the_live_call
from tests.browser.on_the_line import until
from tests.browser.signed_in import DESK, TENANT
from tests.livekit_server import livekit
from tests.standins.serving import serving

__all__ = ["livekit"]
pytestmark = pytest.mark.livekit

KEEP_ROOM = """
() => {
  const { registerTextStreamHandler } = LivekitClient.Room.prototype;
  LivekitClient.Room.prototype.registerTextStreamHandler = function (...more) {
    window.theRoom = this;
    return registerTextStreamHandler.apply(this, more);
  };
}
"""
"""Leaves the page's room where a test can have LiveKit's own scenarios of trouble happen to it."""

RECONNECTING = """
() => new Promise((seen) => {
  const sign = document.querySelector(".standing");
  const look = () => sign.textContent.includes("Reconnecting") && seen(true);
  new MutationObserver(look).observe(sign, { childList: true, subtree: true, characterData: true });
})
"""
MUTE_BROWSER = """
() => {
  let silent = true;
  Object.defineProperty(theRoom, "canPlaybackAudio", { get: () => !silent });
  theRoom.startAudio = async () => {
    silent = false;
    theRoom.emit("audioPlaybackChanged", true);
  };
  theRoom.emit("audioPlaybackChanged", false);
}
"""
UNPLUG = """
() => {
  const [sent] = theRoom.localParticipant.trackPublications.values();
  sent.track.mediaStreamTrack.dispatchEvent(new Event("ended"));
}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(tmp_path_factory):
    """Chromium with a microphone."""
    async with talking_browser(tmp_path_factory.mktemp("trouble")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit, livekit):
    """A business that is called, whose site signs who is signed in there."""

    def signing(text):
        return text.replace(
            "    title: Krishna Diagnostics\n",
            '    title: Krishna Diagnostics\n    identity_secret: "${SITE_SECRET}"\n',
        )

    secret = {f"{TENANT}__SITE_SECRET": "hush"}
    async with calls_on(tmp_path, visit, livekit, signing, **secret) as one:
        yield one


async def room(browser, console, script=""):
    """The page where the desk is called."""
    page = await (await browser.new_context()).new_page()
    if script:
        await page.add_init_script(script)
    await page.goto(address(console))
    await page.evaluate(KEEP_ROOM)
    return page


@pytest.mark.parametrize("scenario", ["signal-reconnect", "full-reconnect"])
async def test_a_line_that_breaks_is_mended_and_both_hear_each_other_again(
    browser, console, livekit, scenario
):
    """The page says that it reconnects, and the talk goes on where it was."""
    page = await room(browser, console)
    await page.get_by_role("button", name="Call").click()
    async with answered(console, livekit) as (_, agent):
        await agent.say("Namaste.")
        await expect(page.locator('#room[data-state="talking"]')).to_be_visible()
        told = page.get_by_role("status").filter(has_text="Reconnecting")
        seen = asyncio.create_task(page.evaluate(RECONNECTING))
        await page.evaluate("(what) => theRoom.simulateScenario(what)", scenario)

        assert await seen
        await expect(told).to_have_count(0, timeout=15_000)
        await until(lambda: agent.hears)
        await agent.say("Here we are again.")
        await expect(page.get_by_role("log")).to_contain_text("Here we are again.")
        await expect(page.locator('#room[data-state="talking"]')).to_be_visible()


async def test_a_browser_that_sounds_only_after_a_tap_shows_where(browser, console, livekit):
    """The button is there until it was tapped."""
    page = await room(browser, console)
    await page.get_by_role("button", name="Call").click()
    async with answered(console, livekit) as (_, agent):
        await agent.say("Namaste.")
        await page.evaluate(MUTE_BROWSER)
        await page.get_by_role("button", name="Tap to hear").click()

        await expect(page.get_by_role("button", name="Tap to hear")).to_be_hidden()


async def test_a_microphone_that_stops_in_a_call_is_told(browser, console, livekit):
    """Unplugged or taken by the system: the caller reads it and the call goes on, for they still hear."""
    page = await room(browser, console)
    await page.get_by_role("button", name="Call").click()
    async with answered(console, livekit) as (_, agent):
        await agent.say("Namaste.")
        await expect(page.locator('#room[data-state="talking"]')).to_be_visible()
        await page.evaluate(UNPLUG)

        await expect(page.get_by_text("Your microphone stopped")).to_be_visible()
        await expect(page.get_by_role("button", name="End call")).to_be_visible()


async def test_an_address_that_is_not_secure_says_so_before_anybody_calls(browser, console):
    """A browser would give it no microphone."""
    page = await room(browser, console, 'Object.defineProperty(window, "isSecureContext", { value: false });')

    await expect(page.get_by_text("This address is not secure")).to_be_visible()
    await expect(page.get_by_role("button", name="Call")).to_be_hidden()


async def test_a_signed_in_customer_calls_from_the_widget_as_themselves(browser, console):
    """The widget's call button leads to the room, which knows them, also after a reload."""
    signature = hmac.new(b"hush", b"4711", hashlib.sha256).hexdigest()
    body = (
        f'<!doctype html><script src="{console.house.url}/widget.js" data-desk="{DESK}" data-voice'
        f' data-customer="4711" data-customer-signature="{signature}" defer></script>'
    )
    page = await (await browser.new_context()).new_page()
    async with serving(Starlette(routes=[Route("/", lambda _: HTMLResponse(body))])) as site:
        await page.goto(site)
        await page.get_by_role("button", name=re.compile("Open chat")).click()
        async with page.expect_popup() as opened:
            await page.get_by_role("link", name=re.compile("Call")).click()
    called = await opened.value
    await expect(called.get_by_role("button", name="Call")).to_be_visible()
    assert address(console) == called.url
    await called.reload()
    await called.get_by_role("button", name="Call").click()
    call = await the_live_call(console)

    services = await console.house.process.services()
    customer = await services.tenant(TENANT).get(f"customers/{call.customer}")
    assert "4711" == customer.data["external_id"]
