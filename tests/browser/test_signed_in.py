"""A site that says who is signed in, as its visitors and its builders meet it."""

import hashlib
import hmac
import re
from urllib.parse import urlencode

from playwright.async_api import expect


def site(server, customer, secret="hush"):
    """The address of a page with the widget for a signed-in customer."""
    signature = hmac.new(secret.encode(), customer.encode(), hashlib.sha256).hexdigest()
    named = urlencode({"customer": customer, "customer-signature": signature})
    return f"{server.address}/harness/site?{named}"


async def test_a_signed_customer_keeps_the_chat_and_the_next_one_begins_their_own(visit, server):
    """Who comes back finds the thread; who signs in after them on the same machine does not."""
    visitor = await visit()
    for visited, customer in enumerate(("आशा", "आशा", "ravi")):
        await visitor.page.goto(site(server, customer))
        await visitor.page.get_by_role("button", name=re.compile("Open chat")).click()
        if visited == 0:
            async with visitor.page.expect_response(re.compile("/messages$")) as sent:
                await visitor.say("your hours?")
            assert (await sent.value).status == 202
        own = visitor.thread.get_by_text("your hours?")
        await expect(own).to_have_count(0 if customer == "ravi" else 1)


async def test_a_wrong_signature_is_told_in_the_console_and_the_chat_goes_on(visit, server):
    """The site's builders read what to mend; the visitor chats as anybody."""
    visitor = await visit()
    told = []
    visitor.page.on("console", lambda line: told.append(line.text))
    await visitor.page.goto(site(server, "4711", "another secret"))
    await visitor.page.get_by_role("button", name="Open chat").click()
    async with visitor.page.expect_response(re.compile("/messages$")) as sent:
        await visitor.say("your hours?")

    assert (await sent.value).status == 202
    assert any("Frontdesk: data-customer-signature does not fit" in line for line in told), told
