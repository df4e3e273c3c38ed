"""What a newcomer sees first: the desks, one to try, and what each turn did."""

import re

from playwright.async_api import expect


async def test_the_home_page_leads_to_each_desk(visit):
    """Every desk is a card with its trade, languages and channels, and a link to try it."""
    visitor = await (await visit()).home()
    await expect(visitor.page.get_by_text("The offline model answers.")).to_be_visible()
    card = visitor.page.locator(".card", has_text="Sunrise Diagnostics")
    await expect(card).to_contain_text("English, Hindi")
    await expect(card).to_contain_text(re.compile(r"Not connected\s+WhatsApp"))
    await expect(visitor.page.locator(".card", has_text="Olive & Thyme").locator(".mark")).to_have_text("OT")
    await visitor.page.get_by_role("link", name="Sunrise Diagnostics").click()
    await expect(visitor.box).to_be_visible()


async def test_on_a_phone_the_head_of_the_page_is_as_wide_as_what_stands_below(visit):
    """However long the model's name is, the way to the console ends where the cards end."""
    visitor = await (await visit(viewport={"width": 390, "height": 844})).home()
    await visitor.page.locator(".model span").evaluate(
        "it => { it.textContent = 'a model of a long name '.repeat(3) }"
    )

    ends = [
        (box["x"] + box["width"])
        for box in [await visitor.page.locator(one).first.bounding_box() for one in (".to-console", ".card")]
    ]

    assert 370 == ends[0] == ends[1]


async def test_a_save_that_breaks_a_file_is_shown_in_place_and_its_mending_too(visit, own_server):
    """Home and try page say file, line and fix while it is broken, and the new version after."""
    visitor = await (await visit(own_server)).home()
    await own_server.change("break/olive")
    card = visitor.page.locator(".card", has_text="Olive & Thyme")
    await expect(card).to_contain_text(re.compile(r"olive/olive.yaml:\d+:\d+"))
    await expect(card).to_contain_text("six hexadecimal digits")
    await expect(card).to_contain_text("version 1 still answers")

    await visitor.try_desk("olive")
    await expect(visitor.page.get_by_role("alert")).to_contain_text(
        re.compile(r"olive/olive.yaml, line \d+: .*six hexadecimal")
    )
    await own_server.change("publish/olive")
    await expect(visitor.page.get_by_role("alert")).to_be_hidden()
    await expect(visitor.page.locator("#version")).to_have_text("Version 2")


async def test_without_desks_the_page_says_how_to_make_one(visit, empty_server):
    """An empty installation is a beginning, not an error."""
    visitor = await (await visit(empty_server)).home()
    await expect(visitor.page.get_by_role("heading", name="No desk yet")).to_be_visible()
    await expect(visitor.page.get_by_text("python -m shared.cli new NAME")).to_be_visible()


async def test_each_turn_is_drawn_beside_the_chat(visit):
    """The newest turn shows its steps with times, a tool's arguments and result, tokens and signals."""
    visitor = await (await visit()).try_desk("sunrise")
    await visitor.ask("your hours?")
    await visitor.ask("book a slot")

    await expect(visitor.turns).to_have_count(2)
    newest = visitor.turns.first
    await expect(newest).to_contain_text("1,024 tokens")
    await expect(newest).to_contain_text("intent booking")
    tool = newest.locator('.step[data-name="find_slots"]')
    await tool.locator("summary").click()
    await expect(tool).to_contain_text("test: lipid profile")
    await expect(tool).to_contain_text("slots: 09:00, 11:30")
    await expect(tool).to_contain_text(re.compile(r"\d+ ms"))
    await expect(visitor.turns.nth(1).locator(".steps")).to_be_hidden()


async def test_an_older_turn_opens_by_keyboard_and_stays_open(visit):
    """A closed turn is opened with Enter; the next answer leaves it so, and no tool's name is cut."""
    visitor = await (await visit()).try_desk("sunrise")
    await visitor.ask("your hours?")
    await visitor.ask("book a slot")
    await expect(visitor.turns).to_have_count(2)
    older = visitor.turns.nth(1)
    await older.locator("> summary").press("Enter")
    await expect(older.locator(".steps")).to_be_visible()

    await visitor.ask("your hours?")

    await expect(visitor.turns).to_have_count(3)
    await expect(visitor.turns.nth(1).locator(".steps")).to_be_hidden()
    opened = visitor.turns.nth(2).locator(".steps")
    await expect(opened).to_be_visible()
    name = opened.locator('.step[data-name="search_knowledge"] .what')
    assert await name.evaluate("(one) => one.scrollWidth <= one.clientWidth")


async def test_a_conversation_that_a_person_has_is_handed_back_from_the_page(visit):
    """Whoever tries a desk is told why it keeps silent, and gives it the word again with one button."""
    visitor = await (await visit()).try_desk("sunrise")
    await visitor.ask("a person, please")
    told = visitor.page.get_by_text("A person has this conversation")
    await expect(told).to_be_visible()
    await visitor.page.reload()
    await expect(told).to_be_visible()

    await visitor.page.get_by_role("button", name="Hand back to the desk").click()

    await expect(told).to_be_hidden()
    await expect(visitor.page.get_by_text("A person will answer you here.")).to_be_hidden()


async def test_on_a_phone_the_turns_are_a_tab(visit):
    """At phone width chat and turns take turns on the screen, reached by tab."""
    visitor = await (await visit(viewport={"width": 390, "height": 844})).try_desk("sunrise")
    await visitor.ask("your hours?")
    await expect(visitor.turns.first).to_be_hidden()
    await visitor.page.get_by_role("tab", name="What it did").click()

    await expect(visitor.turns.first).to_be_visible()
    await expect(visitor.box).to_be_hidden()
    assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_an_unknown_desk_is_said_so(visit):
    """A mistyped address leads back to the desks there are."""
    visitor = await visit()
    response = await visitor.page.goto(f"{visitor.address}/chat/nobody")
    assert response.status == 404
    await visitor.page.get_by_role("link", name="All desks").click()
    await expect(visitor.page.get_by_role("heading", name="Your front desks")).to_be_visible()
