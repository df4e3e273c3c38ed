"""Web chat: a visitor is a secret session, a retry is the same message."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from shared.channels import webchat
from shared.channels.shape import Account, Dispatch, Sent, Webhook
from shared.config.channels import WebchatSettings
from shared.domain.content import Outgoing
from shared.domain.errors import Malformed
from shared.domain.events import MessageReceived
from tests.unit.channels import samples

OTHER = "Qm4rT8xW2zB6nC0vK5jH1gF3"


def received(session: str = samples.SESSION, **body: Any) -> MessageReceived:
    (event,) = webchat.parse(written(session, **body))
    assert isinstance(event, MessageReceived)
    return event


def written(session: str = samples.SESSION, desk: str = "front", **body: Any) -> Webhook:
    content = json.dumps({"text": "Hello", "client_message_id": "m-1", **body}).encode()
    url = f"https://desk.example/chat/{desk}/messages"
    return samples.webhook(content, url, ((webchat.SESSION, session),))


def test_a_retry_is_the_same_message_and_nothing_else_is() -> None:
    """The widget's own id makes a message one; another visitor's same id is another message."""
    first = received()
    assert received(text="Hello") == first
    others = [received(client_message_id="m-2"), received(OTHER)]
    others += [event for event in webchat.parse(written(desk="back")) if isinstance(event, MessageReceived)]
    assert len({event.event_id for event in (first, *others)}) == 4
    assert len({event.message_id for event in (first, *others)}) == 4


def test_the_session_is_stored_nowhere() -> None:
    """The visitor's id is a digest; the secret is in no fact."""
    event = received()
    assert event.sender.id == webchat.visitor(samples.SESSION)
    assert samples.SESSION.encode() not in event.encode()


def test_the_language_is_what_the_browser_asks_for_first() -> None:
    """A language is a hint; nonsense is none."""
    for header, language in (
        ("hi-IN,hi;q=0.9", "hi-IN"),
        ("en", "en"),
        ("*", None),
        ("<b>", None),
        ("", None),
    ):
        webhook = written()
        webhook = replace(webhook, headers=(*webhook.headers, ("accept-language", header)))
        (event,) = webchat.parse(webhook)
        assert isinstance(event, MessageReceived)
        assert event.language == language


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""},
        {"text": "   "},
        {"text": "x" * 8001},
        {"text": 5},
        {"text": None},
        {"client_message_id": ""},
        {"client_message_id": "x" * 101},
        {"client_message_id": "a b"},
        {"choice": ""},
        {"choice": {}},
        {"attachments": "a"},
        {"attachments": [1]},
        {"attachments": ["../secret"]},
        {"attachments": ["a"] * 6},
    ],
)
def test_a_body_the_widget_would_not_write_is_malformed(body: dict[str, Any]) -> None:
    """What is wrong is named, so that whoever builds on the chat's paths can mend it."""
    with pytest.raises(Malformed, match="`"):
        webchat.parse(written(**body))


@pytest.mark.parametrize(
    "url", ["https://desk.example/chat//messages", "https://desk.example/", "/chat/a%2Fb/messages"]
)
def test_an_address_without_a_desk_names_no_account(url: str) -> None:
    """The desk is the account, and it stands in the path."""
    webhook = replace(written(), url=url)
    assert webchat.account(webhook) is None
    with pytest.raises(Malformed):
        webchat.parse(webhook)


async def test_what_the_desk_says_is_sent_by_being_stored(http: httpx.AsyncClient) -> None:
    """Nothing is handed over; the message's own key is its id."""
    account = Account(id="front", settings=WebchatSettings(), credentials={}, api_url="")
    dispatch = Dispatch(key="acme.5f0c.12", to="visitor", message=Outgoing(text="Hello"))
    assert await webchat.send(http, account, dispatch) == Sent("acme.5f0c.12")
