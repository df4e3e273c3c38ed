"""Web chat as a visitor meets it, in a real browser against a real server."""

import re
import struct
import zlib

from playwright.async_api import expect

from tests.browser.pages import Visitor

HOURS = "We are open Monday to Saturday, 7:00 to 20:00. On Sundays we close at 13:00."


def png(width=40, height=30):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"\x20\x80\x70" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


async def test_an_answer_appears_sentence_by_sentence_and_ends_as_one_message(visit):
    """A partial answer is shown while it is written, and the whole one takes its place."""
    visitor = await (await visit()).try_desk("sunrise")
    await visitor.say("slow: your hours?")

    partial = visitor.thread.locator("[data-partial] .bubble")
    await expect(partial).to_contain_text("7:00 to 20:00.")
    await expect(partial).not_to_contain_text("On Sundays")
    assert await visitor.reply("On Sundays") == HOURS
    await expect(partial).to_have_count(0)
    await expect(visitor.answers).to_have_count(2)  # the opening line and this


async def test_a_partial_answer_of_a_turn_that_dies_is_taken_back(visit):
    """An empty partial removes what was provisional."""
    visitor = await (await visit()).try_desk("sunrise")
    await visitor.say("slow, then die")

    partial = visitor.thread.locator("[data-partial]")
    await expect(partial).to_have_count(1)
    await expect(partial).to_have_count(0)
    await expect(visitor.answers).to_have_count(1)


async def test_starters_and_quick_replies_are_tapped_and_then_gone(visit):
    """A starter is the visitor's first message; a quick reply carries its choice and makes way."""
    visitor = await (await visit()).try_desk("sunrise")
    await expect(visitor.chips).to_have_count(3)
    await visitor.tap("Book a blood test")
    await visitor.reply("Which time suits you?")

    await expect(visitor.chips).to_have_text(["Tomorrow, 9:00", "Tomorrow, 11:30"])
    async with visitor.page.expect_request(re.compile("/messages$")) as sent:
        await visitor.tap("Tomorrow, 9:00")
    assert (await sent.value).post_data_json["choice"] == "slot-1"
    await visitor.reply("Booked.")
    await expect(visitor.chips).to_have_count(0)


async def test_the_whole_chat_works_from_the_keyboard(visit, server):
    """Enter opens, sends and retries; Shift+Enter breaks the line; Escape closes and gives the focus back."""
    visitor = await visit()
    await visitor.page.goto(f"{server.address}/harness/site")
    launcher = visitor.page.get_by_role("button", name="Open chat")
    await expect(launcher).to_be_visible()
    while await visitor.page.evaluate(
        "!document.activeElement?.shadowRoot?.activeElement?.matches('.launcher')"
    ):
        await visitor.page.keyboard.press("Tab")
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.box).to_be_focused()
    await visitor.page.keyboard.type("first line")
    await visitor.page.keyboard.press("Shift+Enter")
    await visitor.page.keyboard.type("second line")
    await visitor.page.keyboard.press("Enter")

    await expect(visitor.own.locator(".bubble")).to_have_text("You: first line\nsecond line")
    await visitor.reply("We are open")
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.box).to_be_hidden()
    await expect(launcher).to_be_focused()


async def test_a_busy_desk_is_said_and_the_message_goes_by_itself(visit, server):
    """Refused for now, a message says that it goes out by itself and when; then it does, once."""
    visitor, tries = await visit(), []

    async def busy_once(route):
        tries.append(route.request.post_data_json["client_message_id"])
        if len(tries) > 1:
            return await route.continue_()
        problem = {"title": "Too Many Requests", "status": 429, "detail": "busy"}
        return await route.fulfill(status=429, json=problem, headers={"Retry-After": "2"})

    await visitor.page.route("**/chat/*/messages", busy_once)
    await visitor.page.goto(f"{server.address}/harness/site")
    await visitor.page.get_by_role("button", name="Open chat").click()
    await visitor.say("your hours?")

    await expect(visitor.own.locator(".foot")).to_contain_text("goes out by itself in")
    await visitor.reply("On Sundays")
    assert len(tries) == 2
    assert len(set(tries)) == 1


async def test_an_answer_to_a_closed_panel_is_counted_on_the_button(visit, server):
    """What came unseen is said on the launcher until the panel is opened."""
    visitor = await visit()
    await visitor.page.goto(f"{server.address}/harness/site")
    await visitor.page.get_by_role("button", name="Open chat").click()
    await visitor.say("slow: your hours?")
    await visitor.page.keyboard.press("Escape")

    unread = visitor.page.get_by_role("button", name="Open chat, 1 unread")
    await expect(unread).to_be_visible(timeout=10_000)
    await unread.click()
    await visitor.reply("On Sundays")
    await expect(visitor.page.locator("frontdesk-chat .badge")).to_be_hidden()


async def test_the_opening_line_is_offered_once_a_visit(visit, server):
    """The desk speaks first beside the button; once dismissed it stays quiet on the next page."""
    visitor = await visit()
    await visitor.page.goto(f"{server.address}/harness/site")
    teaser = visitor.page.get_by_role("button", name=re.compile("^Namaste!"))
    await expect(teaser).to_be_visible()
    await visitor.page.get_by_role("button", name="Dismiss").click()
    await expect(teaser).to_be_hidden()
    await visitor.page.reload()
    await expect(visitor.page.get_by_role("button", name="Open chat")).to_be_visible()
    await visitor.page.wait_for_timeout(200)
    await expect(teaser).to_have_count(0)


async def test_messages_written_while_the_server_is_down_arrive_once_and_in_order(visit, own_server):
    """A killed server costs nothing: what was unacknowledged is sent again under the same id."""
    visitor = await (await visit(own_server)).try_desk("sunrise")
    await visitor.ask("one")
    await own_server.kill()
    await visitor.say("two")
    await visitor.say("three")
    await expect(visitor.own.last.locator(".foot")).to_contain_text("…")
    await expect(visitor.page.get_by_text("Connection lost. Reconnecting…")).to_be_visible(timeout=10_000)
    await own_server.start()

    await expect(visitor.answers).to_have_count(4, timeout=30_000)
    await expect(visitor.own.locator(".bubble")).to_have_text(["You: one", "You: two", "You: three"])
    await expect(visitor.page.get_by_text("Connection lost. Reconnecting…")).to_be_hidden()
    await visitor.page.reload()
    await expect(visitor.own.locator(".bubble")).to_have_text(["You: one", "You: two", "You: three"])
    await expect(visitor.answers).to_have_count(4)


async def test_a_request_whose_answer_was_lost_is_one_message(visit):
    """The server took it, the line broke before the 202: the repeat changes nothing."""
    visitor = await (await visit()).try_desk("sunrise")
    asked = []

    async def lose_first(route):
        asked.append(route.request.post_data_json["client_message_id"])
        if len(asked) == 1:
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await visitor.page.route("**/messages", lose_first)
    await visitor.say("your hours?")

    await visitor.reply("We are open")
    await expect(visitor.own.locator(".tick")).to_have_attribute("aria-label", "Sent")
    assert len(asked) == 2
    assert asked[0] == asked[1]
    await visitor.page.reload()
    await expect(visitor.answers).to_have_count(2)
    await expect(visitor.own).to_have_count(1)


async def test_going_offline_is_said_and_mended(visit):
    """Without a network the widget says so, keeps the message, and sends it when the network is back."""
    visitor = await (await visit()).try_desk("sunrise")
    await visitor.ask("one")
    await visitor.page.context.set_offline(True)
    await visitor.say("two")
    await expect(visitor.page.get_by_text("You are offline.")).to_be_visible()
    await visitor.page.context.set_offline(False)

    await expect(visitor.answers).to_have_count(3, timeout=20_000)
    await expect(visitor.page.get_by_text("You are offline.")).to_be_hidden()
    await expect(visitor.own).to_have_count(2)


async def test_a_refused_message_says_why_and_can_be_sent_again(visit):
    """A refusal that will not pass is shown with the server's reason and a way to try again."""
    visitor = await (await visit()).try_desk("sunrise")
    refusal = {"status": 422, "json": {"detail": "The desk takes no such words."}}
    await visitor.page.route("**/messages", lambda route: route.fulfill(**refusal))
    await visitor.say("your hours?")
    await expect(visitor.own).to_contain_text("The desk takes no such words.")
    await visitor.page.unroute("**/messages")
    await visitor.page.get_by_role("button", name="Try again").click()

    await visitor.reply("We are open")
    await expect(visitor.own).to_have_count(1)


async def test_two_pages_of_one_visitor_show_the_same_thread(visit, server):
    """A session is one conversation, in however many windows."""
    first = await (await visit()).try_desk("sunrise")
    second = await Visitor(await first.page.context.new_page(), server.address).try_desk("sunrise")
    await first.ask("your hours?")

    await second.reply("We are open")
    await expect(second.own).to_have_count(1)


async def test_pictures_and_pdfs_are_previewed_sent_and_still_there_after_a_reload(visit):
    """A file is shown before it goes, arrives with the message, and only its session can fetch it."""
    visitor = await (await visit()).try_desk("sunrise")
    files = [
        {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 results"},
        {"name": "scan.png", "mimeType": "image/png", "buffer": png()},
    ]
    await visitor.page.set_input_files("frontdesk-chat input[type=file]", files)
    await expect(visitor.page.get_by_role("button", name="Remove report.pdf")).to_be_visible()
    await expect(visitor.page.get_by_role("button", name="Remove scan.png")).to_be_visible()
    await visitor.say("my results")
    await visitor.reply("I have report.pdf")
    await visitor.page.reload()

    await expect(visitor.own.get_by_role("button", name="report.pdf")).to_be_visible()
    picture = visitor.own.get_by_role("img", name="scan.png")
    await expect(picture).to_have_js_property("naturalWidth", 40)
    async with visitor.page.expect_download() as download:
        await visitor.own.get_by_role("button", name="report.pdf").click()
    assert (await download.value).suggested_filename == "report.pdf"


async def test_a_file_of_another_kind_is_refused_in_words(visit):
    """Only pictures and PDF files are taken, whatever a file calls itself."""
    visitor = await (await visit()).try_desk("sunrise")
    page = {"name": "page.html", "mimeType": "text/html", "buffer": b"<script>1</script>"}
    await visitor.page.set_input_files("frontdesk-chat input[type=file]", [page])
    await expect(visitor.page.get_by_text("Only pictures and PDF files can be sent.")).to_be_visible()
    await visitor.page.set_input_files("frontdesk-chat input[type=file]", [page | {"mimeType": "image/png"}])
    await expect(visitor.page.get_by_text(re.compile("can be sent; this is text/plain"))).to_be_visible()


async def test_what_a_model_says_is_text_and_links_open_apart(visit):
    """Markup of an answer is shown as it is written; a web address becomes a link that tells nothing on."""
    visitor = await (await visit()).try_desk("sunrise")
    answer = await visitor.ask("a link")

    assert "<img src=x onerror=alert(1)> stays text." in answer
    await expect(visitor.thread.locator("img")).to_have_count(0)
    link = visitor.thread.get_by_role("link")
    await expect(link).to_have_attribute("href", "https://sunrise.example/prices?a=1&b=2")
    await expect(link).to_have_attribute("rel", re.compile("noopener"))


async def test_a_handover_is_said_and_still_said_after_a_reload(visit):
    """When a person is to answer, the chat says so for as long as it is so."""
    visitor = await (await visit()).try_desk("sunrise")
    await visitor.ask("a person, please")
    await expect(visitor.page.get_by_text("A person will answer you here.")).to_be_visible()
    await visitor.page.reload()
    await expect(visitor.page.get_by_text("A person will answer you here.")).to_be_visible()


async def test_starting_over_is_a_new_visitor(visit):
    """A new session knows nothing of the old one, and its secret is another."""
    visitor = await (await visit()).try_desk("sunrise")
    await visitor.ask("your hours?")
    secret = "JSON.parse(localStorage.getItem('frontdesk:sunrise')).secret"
    before = await visitor.page.evaluate(secret)
    await visitor.page.get_by_role("button", name="Start over").click()

    await expect(visitor.own).to_have_count(0)
    await expect(visitor.chips).to_have_count(3)
    await expect(visitor.turns).to_have_count(0)
    assert await visitor.page.evaluate(secret) != before
    await visitor.ask("your hours?")
    await visitor.page.reload()
    await expect(visitor.own).to_have_count(1)


async def test_the_session_secret_is_in_no_address(visit):
    """It travels in a header alone."""
    visitor = await visit()
    addresses = []
    visitor.page.on("request", lambda request: addresses.append(request.url))
    await visitor.try_desk("sunrise")
    await visitor.ask("your hours?")
    secret = await visitor.page.evaluate("JSON.parse(localStorage.getItem('frontdesk:sunrise')).secret")

    assert len(secret) >= 43
    assert len(addresses) > 5
    assert not [address for address in addresses if secret in address]


async def test_the_widget_speaks_the_visitors_language_where_the_desk_does(visit):
    """A browser set to Hindi gets Hindi labels at a desk that answers in Hindi."""
    visitor = await (await visit(locale="hi-IN")).try_desk("sunrise")
    await expect(visitor.page.get_by_role("button", name="भेजें")).to_be_visible()
    await expect(visitor.box).to_have_attribute("placeholder", "संदेश लिखें")


async def test_a_pale_colour_gets_dark_words(visit):
    """Whatever a desk's colour, words upon it and in it keep a contrast of 4.5 to 1."""
    visitor = await (await visit()).try_desk("olive")
    await visitor.ask("a link")
    contrast = """(element, onBackground) => {
      const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
      const light = (colour) => rgb(colour).map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const style = getComputedStyle(element);
      const pair = [light(style.color), light(onBackground ?? style.backgroundColor)].sort((a, b) => a - b);
      return (pair[1] + 0.05) / (pair[0] + 0.05);
    }"""
    assert await visitor.own.locator(".bubble").evaluate(contrast) >= 4.5
    assert await visitor.thread.get_by_role("link").evaluate(contrast, "rgb(243, 243, 241)") >= 4.0


async def test_on_a_phone_the_panel_is_the_screen(visit, server):
    """At phone width the open panel covers the page, and nothing is wider than the screen."""
    visitor = await visit(viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce")
    await visitor.page.goto(f"{server.address}/harness/site")
    await visitor.page.get_by_role("button", name="Open chat").tap()

    panel = await visitor.page.get_by_role("dialog").bounding_box()
    assert (panel["x"], panel["y"], panel["width"]) == (0, 0, 390)
    await visitor.ask("book a slot")
    assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
