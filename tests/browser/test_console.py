"""Signing in and the console's frame, in a real browser on the whole product."""

import re
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from house import SECRET, opened
from playwright.async_api import expect

from tests.browser.at_work import PASSWORD, AtWork
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest_asyncio.fixture(loop_scope="session")
async def installation(tmp_path):
    """A fresh one, with the sample desks."""
    async with AsyncExitStack() as stack:
        graph = GraphApi(token="t-graph", app_secret=SECRET)
        graph_url = await stack.enter_async_context(serving(graph.app))
        yield await stack.enter_async_context(opened(tmp_path, graph, graph_url))


@pytest.fixture
def sit(visit, installation):
    """A function that sits somebody down before the console, in a browser of their own."""

    async def begin(**profile):
        return await AtWork.come(await visit(at=installation, **profile), installation)

    return begin


async def test_an_owner_invites_a_colleague_who_joins_and_signs_in_again(sit):
    """Link, name, password; the colleague sees their own business, signs out and comes back by password."""
    mira, asha = await (await sit()).own(), await sit()
    await mira.open("/people")
    await mira.page.get_by_role("button", name="Invite").click()
    await mira.page.get_by_label("E-mail").fill("asha@saffron.example")
    await mira.page.get_by_label("Skills").fill("bookings, hi")
    await mira.page.get_by_role("button", name="Make a link").click()
    link = await mira.page.get_by_label("The link").input_value()
    await expect(mira.page.get_by_text("asha@saffron.example", exact=True)).to_be_visible()

    await asha.follow(link.replace("http://127.0.0.1:1", asha.house.address), "Asha Rao")
    await expect(asha.page.get_by_text("Agent at Saffron Table")).to_be_visible()
    await expect(asha.page.get_by_role("link", name="People")).to_have_count(0)
    await asha.page.get_by_label("Asha Rao: your menu").click()
    await asha.page.get_by_role("button", name="Sign out").click()
    await asha.sign_in("asha@saffron.example", "wrong words here")
    await expect(asha.page.get_by_role("alert")).to_contain_text("do not fit")
    await asha.sign_in("asha@saffron.example")
    await expect(asha.page).to_have_url(re.compile("/console/saffron-table/"))

    await mira.open("/people")
    await expect(mira.page.locator(".people li", has_text="Asha Rao")).to_contain_text("bookings")


async def test_a_colleague_is_changed_and_removed_after_a_question(sit):
    """A dialog changes role and capacity; removing asks first, and is done at once everywhere."""
    mira, asha = await (await sit()).own(), await (await sit()).join("Asha Rao", "asha@saffron.example")
    await mira.open("/people")
    row = mira.page.locator(".people li", has_text="Asha Rao")
    await row.get_by_role("button", name="Change Asha Rao").click()
    await mira.page.locator("#person").get_by_role("radio", name="Supervisor also").check()
    await mira.page.locator("#person").get_by_label("Conversations at a time").fill("9")
    await mira.page.get_by_role("button", name="Save").click()
    await mira.told("Asha Rao is changed.")
    await expect(row).to_contain_text("Supervisor")
    await expect(row).to_contain_text("0 of 9")

    await row.get_by_role("button", name="Change Asha Rao").click()
    await mira.page.get_by_role("button", name="Remove").click()
    await expect(mira.page.get_by_text("Remove Asha Rao?")).to_be_visible()
    await mira.page.locator("#confirm").get_by_role("button", name="Remove").click()
    await mira.told("no access to Saffron Table any more")
    await expect(row).to_have_count(0)
    await asha.open("/people")
    await expect(asha.page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_keys_reach_everything_and_the_list_of_them(sit):
    """? lists the keys, g p goes to people, Tab begins with the way to the page, Escape closes."""
    mira = await (await sit()).own()
    await mira.page.keyboard.press("?")
    await expect(mira.page.get_by_role("heading", name="Keyboard")).to_be_visible()
    await expect(mira.page.get_by_role("definition").filter(has_text="then")).not_to_have_count(0)
    await mira.page.keyboard.press("Escape")
    await mira.page.keyboard.press("g")
    await mira.page.keyboard.press("p")
    await expect(mira.page).to_have_url(re.compile("/people$"))
    await mira.page.keyboard.press("Tab")
    await expect(mira.page.get_by_role("link", name="Skip to the page")).to_be_focused()


async def test_typing_is_never_a_shortcut(sit):
    """The letters of a name stay letters."""
    mira = await (await sit()).own()
    await mira.page.get_by_label("Name").fill("")
    await mira.page.get_by_label("Name").press_sequentially("g p ?")
    await expect(mira.page).to_have_url(re.compile("/profile$"))
    await expect(mira.page.get_by_role("heading", name="Keyboard")).to_be_hidden()


async def test_colours_are_chosen_and_kept(sit):
    """Dark is dark at once and after a reload, without a flash, whatever the system says."""
    mira = await (await sit(color_scheme="light")).own()
    paper = "getComputedStyle(document.querySelector('.stage')).backgroundColor"
    light = await mira.page.evaluate(paper)
    await mira.page.get_by_label("Mira Sen: your menu").click()
    await mira.page.get_by_role("button", name="Dark").click()
    dark = await mira.page.evaluate(paper)
    await mira.page.reload()

    assert light != dark
    assert dark == await mira.page.evaluate(paper)


async def test_somebody_says_that_they_are_there(sit):
    """Online shows at their picture, and to colleagues on the people page."""
    mira, asha = await (await sit()).own(), await (await sit()).join("Asha Rao", "asha@saffron.example")
    await asha.page.get_by_label("Asha Rao: your menu").click()
    await asha.page.get_by_role("button", name="Online").click()
    await asha.told("You are online")
    await asha.page.reload()
    await expect(asha.page.locator(".me .avatar")).to_have_attribute("data-presence", "online")
    await mira.open("/people")
    shown = mira.page.locator(".people li", has_text="Asha Rao").locator(".avatar")
    await expect(shown).to_have_attribute("data-presence", "online")


async def test_the_agency_goes_from_business_to_business(sit):
    """The switch keeps the section; the first page offers every business."""
    mira = await (await sit()).own()
    await mira.open("/people")
    await mira.page.get_by_label("Saffron Table; switch business").click()
    await mira.page.get_by_role("link", name="Krishna Diagnostics").first.click()
    await expect(mira.page).to_have_url(re.compile("/krishna-diagnostics/people$"))
    await mira.page.goto(f"{mira.house.address}/console/")
    await expect(mira.page.get_by_role("navigation", name="Businesses").get_by_role("link")).to_have_count(3)


async def test_a_lost_connection_is_told_and_nothing_is_lost(sit):
    """What could not be sent is said so, and the form keeps what was written."""
    mira = await (await sit()).own()
    await mira.open("/people")
    await mira.page.get_by_role("button", name="Invite").click()
    await mira.page.get_by_label("E-mail").fill("asha@saffron.example")
    await mira.page.context.set_offline(True)
    await mira.page.get_by_role("button", name="Make a link").click()
    await mira.told("No connection")
    await expect(mira.page.get_by_label("E-mail")).to_have_value("asha@saffron.example")
    await mira.page.context.set_offline(False)


@pytest.mark.parametrize("path", ["/people", "/profile"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_shows_every_page_whole(sit, path, scheme):
    """At 390 points nothing runs off the side or is cut, and everything to touch is large enough."""
    mira = await (await sit(**PHONE, color_scheme=scheme)).own()
    await mira.open(path)
    touched = ".stage button, .stage .input, .side nav a, .me > summary"
    small = f"""[...document.querySelectorAll("{touched}")]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 26)
        .map((one) => one.outerHTML)"""

    assert await mira.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [] == await mira.page.evaluate(small)
    cut = """document.querySelector(".bell").hidden = false;
        [...document.querySelectorAll(".side nav a > span:not(.count)")]
        .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"""
    assert [] == await mira.page.evaluate(cut)
    await mira.page.get_by_label("Mira Sen: your menu").click()
    await expect(mira.page.get_by_role("link", name="Krishna Diagnostics").last).to_be_visible()


async def test_a_page_asks_nobody_else_for_anything(sit):
    """Every request goes to our own address, and the policy stops none of ours."""
    mira = await sit()
    asked, refused = set(), []
    mira.page.on("request", lambda request: asked.add(request.url.split("/")[2]))
    mira.page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    await mira.own()
    await mira.open("/people")
    await mira.page.get_by_role("button", name="Invite").click()

    assert {mira.house.address.removeprefix("http://")} == asked
    assert [] == refused


async def test_an_old_tab_after_signing_out_leads_to_the_sign_in(sit):
    """A part asked for without a session brings the whole page to the door, and back with a password."""
    mira = await (await sit()).own()
    await mira.open("/people")
    await mira.page.context.clear_cookies(name="frontdesk")
    await mira.page.get_by_role("button", name="Change Mira Sen").click()
    await expect(mira.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await mira.sign_in("mira@agency.example", PASSWORD)
    await expect(mira.page.get_by_role("navigation", name="Businesses")).to_be_visible()
