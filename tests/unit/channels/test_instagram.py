"""Instagram: sends, their outcomes and media, against a Graph API on loopback."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared.channels import instagram
from shared.channels.shape import Account, Dispatch, Rejected, Sent, Unknown
from shared.config.channels import InstagramSettings
from shared.domain.content import Attachment, Choice, Outgoing, Template
from shared.domain.errors import Malformed, Permanent, Transient
from tests.standins.faults import Fault
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving
from tests.unit.channels import samples

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
CUSTOMER = "1254477777772919"
TEXT = Outgoing(text="We open at nine.")


@pytest.fixture
async def graph() -> AsyncIterator[tuple[GraphApi, Account]]:
    api = GraphApi()
    async with serving(api.app) as url:
        yield api, account(url)


def account(url: str) -> Account:
    credentials = {"access_token": "EAAG-token"}
    return Account(id="17841400008460056", settings=InstagramSettings(), credentials=credentials, api_url=url)


def dispatch(message: Outgoing) -> Dispatch:
    return Dispatch(key="acme.5f0c.12", to=CUSTOMER, message=message)


@pytest.mark.parametrize(
    "message",
    [
        TEXT,
        Outgoing(text="When?", choices=tuple(Choice(id=f"s{n}", title=f"{n}:00") for n in range(13))),
        Outgoing(attachments=(Attachment(kind="image", url="https://acme.example/menu.jpg"),)),
        Outgoing(attachments=(Attachment(kind="document", url="https://acme.example/menu.pdf"),)),
        Outgoing(text="é" * 500),
    ],
)
async def test_the_vendor_takes_what_we_send(graph: Any, http: httpx.AsyncClient, message: Outgoing) -> None:
    """Text, quick replies and linked files are taken and give the id their echo will carry."""
    api, ours = graph
    assert await instagram.send(http, ours, dispatch(message)) == Sent(api.accepted[0]["id"])
    assert api.accepted[0]["path"] == "/v25.0/me/messages"


async def test_no_message_of_ours_says_that_a_person_wrote_it(graph: Any, http: httpx.AsyncClient) -> None:
    """The tag that gives people seven days is never on what the desk sends."""
    api, ours = graph
    await instagram.send(http, ours, dispatch(TEXT))
    assert set(api.accepted[0]["body"]) == {"recipient", "message"}
    assert "HUMAN_AGENT" not in str(api.accepted[0])


@pytest.mark.parametrize(
    "message",
    [
        Outgoing(),
        Outgoing(text="é" * 501),
        Outgoing(text="?", choices=tuple(Choice(id=f"s{n}", title=f"{n}") for n in range(14))),
        Outgoing(text="?", choices=(Choice(id="a", title="x" * 21),)),
        Outgoing(template=Template(name="reopen", language="en")),
        Outgoing(text="words", attachments=(Attachment(kind="image", url="https://a.example/i"),)),
        Outgoing(attachments=(Attachment(kind="image", blob="b/1"),)),
        Outgoing(attachments=(Attachment(kind="sticker", url="https://a.example/i"),)),
    ],
)
async def test_what_does_not_fit_costs_no_call(
    graph: Any, http: httpx.AsyncClient, message: Outgoing
) -> None:
    """A message Instagram would refuse is refused here, with what to change."""
    api, ours = graph
    outcome = await instagram.send(http, ours, dispatch(message))
    assert isinstance(outcome, Rejected)
    assert outcome.failure.action == "fix_config"
    assert api.accepted == []


async def test_outside_the_window_waits_for_the_customer(graph: Any, http: httpx.AsyncClient) -> None:
    """Past 24 hours Instagram says so in a subcode, which is read before the code."""
    api, ours = graph
    api.closed.add(CUSTOMER)
    outcome = await instagram.send(http, ours, dispatch(TEXT))
    assert isinstance(outcome, Rejected)
    assert outcome.failure.action == "template"


async def test_a_permission_that_is_gone_pages_a_person(graph: Any, http: httpx.AsyncClient) -> None:
    """The same code without the subcode is about authority."""
    api, ours = graph
    api.faults.set(Fault("error", code=10))
    outcome = await instagram.send(http, ours, dispatch(TEXT))
    assert isinstance(outcome, Rejected)
    assert outcome.failure.action == "page"


async def test_a_broken_line_leaves_the_outcome_unknown(graph: Any, http: httpx.AsyncClient) -> None:
    """A request that went out and was not answered is neither sent nor safe to repeat."""
    api, ours = graph
    api.faults.set(Fault("drop"))
    assert isinstance(await instagram.send(http, ours, dispatch(TEXT)), Unknown)
    assert len(api.accepted) == 1
    with pytest.raises(Transient):
        await instagram.send(http, account("http://127.0.0.1:1"), dispatch(TEXT))


async def test_typing_marks_seen_first_and_never_fails(graph: Any, http: httpx.AsyncClient) -> None:
    """The customer sees that their message was read, then that the desk types."""
    api, ours = graph
    await instagram.typing(http, ours, CUSTOMER, None)
    assert [mark["sender_action"] for mark in api.marks] == ["mark_seen", "typing_on"]
    await instagram.typing(http, account("http://127.0.0.1:1"), CUSTOMER, None)


async def test_media_is_fetched_without_our_token(graph: Any, http: httpx.AsyncClient) -> None:
    """A customer's file comes from the address in the webhook, which needs no proof of ours."""
    api, ours = graph
    url = f"{ours.api_url}/_files/{api.hold(PNG, 'image/png')}"
    assert await instagram.fetch(http, ours, Attachment(kind="image", url=url)) == (PNG, "image/png")
    assert api.served_without_token == 1
    for attachment in (
        Attachment(kind="image"),
        Attachment(kind="sticker", url=url),
        Attachment(kind="image", url="https://evil.example/x"),
        Attachment(kind="video", url=url),
    ):
        with pytest.raises(Permanent):
            await instagram.fetch(http, ours, attachment)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b'{"object":"whatsapp_business_account","entry":[]}', b'{"object":"instagram"}']
)
def test_a_body_that_is_not_instagrams_is_malformed(raw: bytes) -> None:
    """A body of another form is refused as a whole."""
    assert instagram.account(samples.webhook(raw)) is None
    with pytest.raises(Malformed):
        instagram.parse(samples.webhook(raw))
