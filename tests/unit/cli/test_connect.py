"""`connect whatsapp` against a Graph API and a server of our own."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest
from house import LAB, ROOT, SECRET, opened, until

from tests.standins.graph_api import GraphApi, whatsapp_body
from tests.standins.serving import serving

ASKED = ("connect", "whatsapp", "--desk", "krishna", "--to", "+919812345678")


@pytest.fixture
async def house(terminal):
    """A server with the sample desks, and the terminal set up like it."""
    async with AsyncExitStack() as stack:
        graph = GraphApi(token="t-graph", app_secret=SECRET)
        graph_url = await stack.enter_async_context(serving(graph.app))
        house = await stack.enter_async_context(opened(terminal.folder / ".data", graph, graph_url))
        graph.webhook_url = f"{house.url}/webhooks/whatsapp"
        exported = {
            "FRONTDESK_CONFIGS": str(ROOT / "configs"),
            "FRONTDESK_PUBLIC_URL": house.url,
            "META_APP_SECRET": SECRET,
            "META_VERIFY_TOKEN": "shake",
            "META_ACCESS_TOKEN": graph.token,
            "META_GRAPH_URL": graph_url,
        }
        for name, value in exported.items():
            terminal.variables.setenv(name, value)
        yield house


async def test_a_number_is_proved_up_to_the_delivered_message(terminal, house):
    """Settings, number, webhook, message and report are each told, and a template went to the number."""
    said = await terminal.run_beside(*ASKED)

    assert 0 == said.code, said
    assert "number: +1 555-078-3881, Krishna Diagnostics" in said.words
    assert "answers the handshake" in said.words
    assert "message: Meta took it as wamid.STANDIN" in said.words
    assert "told through our webhook" in said.words
    (sent,) = house.graph.accepted
    assert ("919812345678", "hello_world") == (sent["body"]["to"], sent["body"]["template"]["name"])
    assert [] == await house.documents("conversations")


async def test_free_text_goes_while_the_window_is_open_and_is_refused_in_metas_words_after(terminal, house):
    """--text goes out within 24 hours; after them Meta's code and what to do are told."""
    assert 0 == (await terminal.run_beside(*ASKED, "--text", "Good morning")).code
    assert "Good morning" == house.graph.accepted[0]["body"]["text"]["body"]
    house.graph.closed.add("919812345678")

    said = await terminal.run_beside(*ASKED, "--text", "Good morning")

    assert 1 == said.code
    assert "Meta refused it with code 131047: more than 24 hours" in said.words
    assert "leave --text out" in said.words


async def test_a_refused_token_is_told_in_metas_words_and_nothing_is_sent(terminal, house):
    """The first step that fails ends the check, with the vendor's reason and never with the token."""
    terminal.variables.setenv("META_ACCESS_TOKEN", "stale-token-of-yesterday")

    said = await terminal.run_beside(*ASKED)

    assert 1 == said.code
    assert "code 190: Invalid OAuth access token" in said.words
    assert "stale-token-of-yesterday" not in said.out + said.err
    assert [] == house.graph.accepted


async def test_a_webhook_that_is_not_ours_ends_the_check_before_a_message(terminal, house):
    """Another verify token, another server and no server are told apart."""
    terminal.variables.setenv("META_VERIFY_TOKEN", "other")
    assert "has another META_VERIFY_TOKEN" in (await terminal.run_beside(*ASKED)).words
    async with serving(GraphApi().app) as stranger:
        terminal.variables.setenv("FRONTDESK_PUBLIC_URL", stranger)
        assert "not as Frontdesk does" in (await terminal.run_beside(*ASKED)).words
    terminal.variables.setenv("FRONTDESK_PUBLIC_URL", "http://127.0.0.1:1")
    assert "does not answer (ConnectError)" in (await terminal.run_beside(*ASKED)).words

    assert [] == house.graph.accepted


async def test_a_message_nobody_reports_on_means_that_the_webhook_is_not_subscribed(terminal, house):
    """An accepted message without any report is a problem, with what to do at Meta."""
    house.graph.webhook_url = ""

    said = await terminal.run_beside(*ASKED, "--wait", "0")

    assert 1 == said.code
    assert "subscribe the app to the field `messages`" in said.words


async def test_a_message_meta_could_not_deliver_is_told_with_its_code(terminal, house):
    """A failure that is reported later counts as one."""
    house.graph.webhook_url = ""
    asking = asyncio.create_task(terminal.run_beside(*ASKED))
    await until(lambda: house.graph.accepted)
    (sent,) = house.graph.accepted
    report = {
        "id": sent["id"],
        "status": "failed",
        "timestamp": str(int(time.time())),
        "recipient_id": "919812345678",
        "biz_opaque_callback_data": sent["body"]["biz_opaque_callback_data"],
        "errors": [{"code": 131026, "title": "Message undeliverable"}],
    }
    await house.post_signed("/webhooks/whatsapp", whatsapp_body(LAB, statuses=[report]))

    said = await asking

    assert 1 == said.code
    assert "could not deliver it, code 131026: Message undeliverable" in said.words


async def test_what_is_not_set_is_named_before_anything_is_asked(terminal, house):
    """A missing setting, an unknown desk and a number that is none each have their sentence."""
    terminal.variables.delenv("META_VERIFY_TOKEN")
    assert "META_VERIFY_TOKEN is not set" in (await terminal.run_beside(*ASKED)).words
    terminal.variables.delenv("META_APP_SECRET")
    said = await terminal.run_beside(*ASKED)
    assert "no app_secret; set META_APP_SECRET, or channels.whatsapp.app_secret" in said.words

    wrong = await terminal.run_beside(*ASKED[:5], "0981")
    assert (2, True) == (wrong.code, "country code" in wrong.complaint)
    assert 2 == (await terminal.run_beside(*ASKED[:3], "nobody", *ASKED[4:])).code
    assert [] == house.graph.accepted
