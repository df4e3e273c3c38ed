"""A customer calls a desk from the browser, through a real LiveKit server."""

import asyncio
import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from shared.desk.calls.end import end
from tests.browser.calling import address, answered, become, calls_on, talking_browser, the_live_call
from tests.browser.on_the_line import OnTheLine, until
from tests.browser.signed_in import TENANT
from tests.livekit_server import livekit

__all__ = ["livekit"]
pytestmark = pytest.mark.livekit


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def caller(tmp_path_factory):
    """A function that opens a browser with a microphone."""
    async with talking_browser(tmp_path_factory.mktemp("caller")) as browser:

        async def begin(at, **profile):
            page = await (await browser.new_context(**profile)).new_page()
            await page.goto(at)
            return page

        yield begin


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit, livekit):
    """A business that is called."""
    async with calls_on(tmp_path, visit, livekit) as one:
        yield one


def state(page, name):
    """Waits for a state of the room."""
    return expect(page.locator(f'#room[data-state="{name}"]')).to_be_visible(timeout=15_000)


def ringing(page):
    """Whether the page has sounds of its own going on."""
    return page.evaluate("document.querySelector('#room').dataset.sound ?? ''")


async def test_a_call_is_made_heard_read_and_ended(console, caller, livekit):
    """It rings until somebody of ours is heard; both sides are captioned in place and hear each other; keys
    and mute reach the other side; whoever hangs up, the page says how long it was and offers to call again.
    """
    page = await caller(address(console))
    await expect(page.get_by_text("Your browser will ask for your microphone")).to_be_visible()
    await page.get_by_role("button", name="Call").click()
    await state(page, "connecting")
    assert "ringing" == await ringing(page)
    async with answered(console, livekit) as (call, agent):
        await agent.say("Namaste, this is the lab.")
        await state(page, "talking")
        assert "" == await ringing(page)
        await agent.heard("I would like to book a test")
        lines = page.get_by_role("log").locator("li")
        await expect(lines).to_have_count(2)
        await expect(lines.nth(0)).to_have_text("Krishna Diagnostics: Namaste, this is the lab.")
        await expect(lines.nth(1)).to_have_text("You: I would like to book a test")
        await until(lambda: agent.hears)

        await page.get_by_role("button", name="Mute").click()
        await expect(page.get_by_role("status")).to_have_text("You are muted")
        await until(lambda: not agent.hears)
        await page.keyboard.press("m")
        await until(lambda: agent.hears)
        await page.get_by_role("button", name="Keypad").click()
        await page.get_by_role("button", name="Key 4").click()
        await page.keyboard.press("#")
        await until(lambda: agent.pressed == ["4", "#"])

        await become(console, call, state="transferring")
        await state(page, "transferring")
        async with OnTheLine(livekit, call.room, identity="phone-1", kind="sip"):
            await asyncio.sleep(3)  # it rings, and whoever answers may still say no
            await state(page, "transferring")
            await become(console, call, state="with_person")
            await state(page, "person")
            await become(console, call, state="transferring")
        await state(page, "transferring")
        async with OnTheLine(livekit, call.room, identity="person-asha", kind="standard"):
            await state(page, "person")
        await state(page, "transferring")

        services = await console.house.process.services()
        await services.livekit().delete_room(call.room)
        await state(page, "ended")
        await end(services, services.tenant(TENANT), call.id, outcome="callback")
    await expect(page.get_by_text(re.compile(r"Somebody will call you back"))).to_be_visible()
    await expect(page.get_by_role("button", name="Call again")).to_be_focused()


async def test_a_caller_who_hangs_up_is_gone_at_once(console, caller, livekit):
    """The room is left, and the page tells who ended it."""
    page = await caller(address(console))
    await page.get_by_role("button", name="Call").click()
    async with answered(console, livekit) as (_, agent):
        await agent.say("Namaste.")
        await page.get_by_role("button", name="End call").click()
        await expect(page.get_by_text(re.compile(r"You ended it after \d+:\d\d"))).to_be_visible()
        await until(lambda: not agent.room.remote_participants)


async def test_a_call_that_is_not_answered_yet_can_be_called_off(console, caller):
    """Cancel leads back to where one was; it rings no more."""
    page = await caller(address(console))
    await page.get_by_role("button", name="Call").click()
    await state(page, "connecting")
    await page.get_by_role("button", name="Cancel").click()
    await state(page, "ready")
    assert "" == await ringing(page)


async def test_the_room_works_by_keyboard_and_speaks_the_callers_language(console, caller):
    """Tab and Enter are enough; a Hindi browser is spoken to in Hindi."""
    page = await caller(address(console), locale="hi-IN")
    button = page.get_by_role("button", name="कॉल करें")
    await page.keyboard.press("Tab")
    await expect(button).to_be_focused()
    await page.keyboard.press("Enter")
    await state(page, "connecting")
    await expect(page.get_by_role("button", name="रद्द करें")).to_be_focused()
    await page.keyboard.press("Enter")
    await state(page, "ready")


async def test_a_microphone_that_is_refused_is_told_with_what_to_do(console, tmp_path):
    """Nothing was begun, and the way to another try is on the page."""
    async with talking_browser(tmp_path, allowed=False) as browser:
        page = await browser.new_page()
        await page.goto(address(console))
        await page.get_by_role("button", name="Call").click()
        await state(page, "trouble")
        await expect(page.get_by_text("The microphone is not allowed")).to_be_visible()
        await expect(page.get_by_text("allow the microphone, and call again")).to_be_visible()
        await expect(page.get_by_role("link", name="Write instead")).to_be_visible()


async def test_a_line_that_is_busy_or_out_of_reach_is_told(tmp_path, visit, livekit, caller):
    """Too many calls say how long to wait, and a LiveKit that does not answer says what to check."""

    def one_call(text):
        return re.sub(r"max_concurrent_calls: \d+", "max_concurrent_calls: 1", text)

    async with calls_on(tmp_path, visit, livekit, _only_once(one_call)) as console:
        first, second = await caller(address(console)), await caller(address(console))
        await first.get_by_role("button", name="Call").click()
        await the_live_call(console)
        await second.get_by_role("button", name="Call").click()
        await expect(second.get_by_text("All lines are busy")).to_be_visible()
        await expect(second.get_by_text(re.compile(r"Call again in \d+ seconds"))).to_be_visible()
        await first.route("**/token", lambda route: route.fulfill(
            json={"url": "ws://127.0.0.1:9", "token": "none", "room": "r", "call": "c"}
        ))  # fmt: skip
        await first.get_by_role("button", name="Cancel").click()
        await first.get_by_role("button", name="Call").click()
        await expect(first.get_by_text("The line could not be reached")).to_be_visible(timeout=30_000)


def _only_once(change):
    """The change, which must be one: the sample's file may say it otherwise by now."""

    def changed(text):
        after = change(text)
        assert after != text, "the sample's file has no such line any more"
        return after

    return changed


async def test_a_desk_without_calls_says_so(tmp_path, visit):
    """Where LiveKit is not connected the settings are named to whoever runs it here, and nobody can call;
    a desk that takes no calls leads to its chat.
    """
    async with calls_on(tmp_path, visit, None) as console:
        visitor = await visit(at=console.house)
        await visitor.page.goto(address(console))
        await expect(visitor.page.get_by_text("Calls are not possible just now")).to_be_visible()
        await expect(visitor.page.get_by_text("LIVEKIT_API_SECRET")).to_be_visible()
        await expect(visitor.page.get_by_role("button", name="Call")).to_be_hidden()
        await visitor.page.goto(f"{console.house.url}/voice/acme-sales")
        told = visitor.page.get_by_text(re.compile("takes no calls|No desk answers here"))
        await expect(told).to_be_visible()
