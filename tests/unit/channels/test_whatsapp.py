"""WhatsApp: what is sent and what becomes of it, media and typing, against a Graph API on loopback."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared.channels import whatsapp
from shared.channels.meta_media import download
from shared.channels.shape import Account, Dispatch, Rejected, Sent, Unknown
from shared.config.channels import WhatsappSettings
from shared.domain.content import Attachment, Choice, Outgoing, Template
from shared.domain.errors import NotConnected, Permanent, Transient
from tests.standins.faults import Fault
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 200
PHONE = "106540352242922"


@pytest.fixture
async def graph() -> AsyncIterator[tuple[GraphApi, Account]]:
    api = GraphApi()
    async with serving(api.app) as url:
        yield api, account(url)


def account(url: str, token: str = "EAAG-token") -> Account:
    return Account(
        id=PHONE,
        settings=WhatsappSettings(phone_number_id=PHONE),
        credentials={"access_token": token},
        api_url=url,
    )


def dispatch(message: Outgoing, to: str = "16505551234", **more: Any) -> Dispatch:
    return Dispatch(key="acme.5f0c.12", to=to, message=message, **more)


THREE = tuple(Choice(id=f"slot-{hour}", title=f"{hour}:00") for hour in (9, 10, 11))
MESSAGES = {
    "text": Outgoing(text="We open at nine."),
    "three buttons": Outgoing(text="When?", choices=THREE),
    "a list": Outgoing(
        text="When?", choices=(*THREE, *(Choice(id=f"x{n}", title=f"{n}:30") for n in range(7)))
    ),
    "described choices": Outgoing(
        text="What?",
        choices=(Choice(id="a", title="Cleaning", description="30 minutes"),),
        choices_label="Care",
    ),
    "a template": Outgoing(template=Template(name="reopen", language="en", parameters=("Asha",))),
    "a linked image": Outgoing(
        text="Our menu", attachments=(Attachment(kind="image", url="https://acme.example/menu.jpg"),)
    ),
    "a document": Outgoing(
        attachments=(
            Attachment(kind="document", url="https://acme.example/a.pdf", file_name="price list.pdf"),
        )
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
async def test_the_vendor_takes_what_we_send(graph: Any, http: httpx.AsyncClient, name: str) -> None:
    """Every kind of message is taken by the vendor's rules, carries our key, and gives the vendor's id."""
    api, ours = graph
    outcome = await whatsapp.send(http, ours, dispatch(MESSAGES[name]))
    (taken,) = api.accepted
    assert outcome == Sent(taken["id"])
    assert taken["path"] == f"/v25.0/{PHONE}/messages"
    assert taken["body"]["biz_opaque_callback_data"] == "acme.5f0c.12"
    assert taken["body"]["to"] == "16505551234"


async def test_an_operator_may_pin_a_version(graph: Any, http: httpx.AsyncClient) -> None:
    """An address that ends in a version is used as it stands."""
    api, ours = graph
    await whatsapp.send(http, account(f"{ours.api_url}/v26.0/"), dispatch(MESSAGES["text"]))
    assert api.accepted[0]["path"] == f"/v26.0/{PHONE}/messages"


async def test_text_is_sent_without_a_preview(graph: Any, http: httpx.AsyncClient) -> None:
    """A link in a text makes no preview, which would be content we did not choose."""
    api, ours = graph
    await whatsapp.send(http, ours, dispatch(Outgoing(text="https://acme.example")))
    assert api.accepted[0]["body"]["text"] == {"body": "https://acme.example", "preview_url": False}


async def test_a_customer_without_a_number_is_reached_by_the_business_scoped_id(
    graph: Any, http: httpx.AsyncClient
) -> None:
    """A business-scoped id goes into `recipient`, and `to` stays away."""
    api, ours = graph
    assert isinstance(
        await whatsapp.send(http, ours, dispatch(MESSAGES["text"], to="US.13491208655302741918")), Sent
    )
    assert api.accepted[0]["body"]["recipient"] == "US.13491208655302741918"
    assert "to" not in api.accepted[0]["body"]


async def test_bytes_are_uploaded_and_sent_by_id(graph: Any, http: httpx.AsyncClient) -> None:
    """Bytes that we hold are uploaded first; the message names the upload."""
    api, ours = graph
    message = Outgoing(text="Before", attachments=(Attachment(kind="image", blob="b/1"),))
    outcome = await whatsapp.send(http, ours, dispatch(message, media={"b/1": (JPEG, "image/jpeg")}))
    assert isinstance(outcome, Sent)
    image = api.accepted[0]["body"]["image"]
    assert image["caption"] == "Before"
    assert api.media[image["id"]] == (JPEG, "image/jpeg")


@pytest.mark.parametrize(
    "message",
    [
        Outgoing(),
        Outgoing(text="x" * 4097),
        Outgoing(text="x" * 1025, choices=THREE),
        Outgoing(text="?", choices=tuple(Choice(id=str(n), title=str(n)) for n in range(11))),
        Outgoing(text="?", choices=(Choice(id="a", title="x" * 25),)),
        Outgoing(text="?", choices=(Choice(id="a", title="x", description="y" * 73),)),
        Outgoing(text="?", choices=THREE, attachments=(Attachment(kind="image", url="https://a.example"),)),
        Outgoing(attachments=(Attachment(kind="image"),)),
    ],
)
async def test_what_does_not_fit_costs_no_call(
    graph: Any, http: httpx.AsyncClient, message: Outgoing
) -> None:
    """A message the vendor would refuse is refused here, with what to change."""
    api, ours = graph
    outcome = await whatsapp.send(http, ours, dispatch(message))
    assert isinstance(outcome, Rejected)
    assert outcome.failure.action == "fix_config"
    assert outcome.failure.title
    assert api.accepted == []


@pytest.mark.parametrize(
    ("code", "action", "wait"),
    [
        (131047, "template", None),
        (131056, "slow_down", 6),
        (130429, "slow_down", 2),
        (131026, "stop", None),
        (131050, "stop", None),
        (131000, "retry", 10),
        (131005, "page", None),
        (273, "page", None),
        (132012, "fix_config", None),
        (100, "fix_config", None),
        (131042, "disable", None),
        (987654, "stop", None),
    ],
)
async def test_a_code_decides_what_is_done(
    graph: Any, http: httpx.AsyncClient, code: int, action: str, wait: float | None
) -> None:
    """The vendor's error code alone chooses the policy; unknown ones stop the message."""
    api, ours = graph
    api.faults.set(Fault("error", code=code))
    outcome = await whatsapp.send(http, ours, dispatch(MESSAGES["text"]))
    assert isinstance(outcome, Rejected)
    assert (outcome.failure.code, outcome.failure.action) == (str(code), action)
    assert outcome.failure.retry_after == wait
    assert api.accepted == []


async def test_free_text_outside_the_window_needs_a_template(graph: Any, http: httpx.AsyncClient) -> None:
    """24 hours after the customer's last message text is refused and a template still goes."""
    api, ours = graph
    api.closed.add("16505551234")
    refused = await whatsapp.send(http, ours, dispatch(MESSAGES["text"]))
    assert isinstance(refused, Rejected)
    assert refused.failure.action == "template"
    assert isinstance(await whatsapp.send(http, ours, dispatch(MESSAGES["a template"])), Sent)


async def test_a_wrong_token_pages_a_person(graph: Any, http: httpx.AsyncClient) -> None:
    """A token the vendor does not know is nobody's to retry."""
    _, ours = graph
    outcome = await whatsapp.send(http, account(ours.api_url, "stale"), dispatch(MESSAGES["text"]))
    assert isinstance(outcome, Rejected)
    assert (outcome.failure.code, outcome.failure.action) == ("190", "page")
    with pytest.raises(NotConnected, match="access_token"):
        await whatsapp.send(http, account(ours.api_url, ""), dispatch(MESSAGES["text"]))


@pytest.mark.parametrize(
    "fault", [Fault("drop"), Fault("hang", seconds=1), Fault("refuse"), Fault("status", status=502)]
)
async def test_a_line_that_breaks_after_the_request_leaves_the_outcome_unknown(
    graph: Any, fault: Fault
) -> None:
    """Once the request has gone out, silence proves nothing: it is neither sent nor safe to send again."""
    api, ours = graph
    api.faults.set(fault)
    async with httpx.AsyncClient(trust_env=False, timeout=0.3) as http:
        outcome = await whatsapp.send(http, ours, dispatch(MESSAGES["text"]))
    assert isinstance(outcome, Unknown)
    assert len(api.accepted) == (1 if fault.kind in ("drop", "hang") else 0)
    assert "16505551234" not in outcome.detail


async def test_no_connection_is_safe_to_retry(http: httpx.AsyncClient) -> None:
    """Where no connection was made nothing was sent, and the caller may try again."""
    with pytest.raises(Transient, match=r"127\.0\.0\.1"):
        await whatsapp.send(http, account("http://127.0.0.1:1"), dispatch(MESSAGES["text"]))


async def test_a_limit_without_a_reason_waits_as_long_as_told(graph: Any, http: httpx.AsyncClient) -> None:
    """A bare 429 slows down for the seconds it names."""
    api, ours = graph
    api.faults.set(Fault("status", status=429, retry_after=7))
    outcome = await whatsapp.send(http, ours, dispatch(MESSAGES["text"]))
    assert isinstance(outcome, Rejected)
    assert (outcome.failure.action, outcome.failure.retry_after) == ("slow_down", 7)


@pytest.mark.parametrize(
    ("status", "action"), [(401, "page"), (403, "page"), (404, "fix_config"), (302, "fix_config")]
)
async def test_a_refusal_without_a_reason_is_judged_by_its_status(
    graph: Any, http: httpx.AsyncClient, status: int, action: str
) -> None:
    """What stands between us and the vendor may refuse too; then nothing was sent."""
    api, ours = graph
    api.faults.set(Fault("status", status=status))
    outcome = await whatsapp.send(http, ours, dispatch(MESSAGES["text"]))
    assert isinstance(outcome, Rejected)
    assert (outcome.failure.code, outcome.failure.action) == (f"http_{status}", action)


async def test_an_upload_that_breaks_sent_nothing(graph: Any, http: httpx.AsyncClient) -> None:
    """A broken upload is transient, for the customer has seen nothing of it."""
    api, ours = graph
    api.faults.set(Fault("drop", path="/media"))
    message = Outgoing(attachments=(Attachment(kind="image", blob="b/1"),))
    with pytest.raises(Transient):
        await whatsapp.send(http, ours, dispatch(message, media={"b/1": (JPEG, "image/jpeg")}))
    assert api.accepted == []


async def test_typing_marks_the_message_read_and_never_fails(graph: Any, http: httpx.AsyncClient) -> None:
    """One call marks the customer's message read and shows typing; its failure stays silent."""
    api, ours = graph
    await whatsapp.typing(http, ours, "16505551234", "wamid.THEIRS")
    (mark,) = api.marks
    assert (mark["status"], mark["message_id"]) == ("read", "wamid.THEIRS")
    assert mark["typing_indicator"] == {"type": "text"}
    await whatsapp.typing(http, ours, "16505551234", None)
    await whatsapp.typing(http, account("http://127.0.0.1:1"), "16505551234", "wamid.THEIRS")
    assert len(api.marks) == 1


async def test_media_is_fetched_with_its_true_type(graph: Any, http: httpx.AsyncClient) -> None:
    """A customer's file comes by its id, checked against the vendor's digest and its own first bytes."""
    api, ours = graph
    media_id = api.hold(JPEG, "image/jpeg")
    attachment = Attachment(kind="image", media_id=media_id, sha256=hashlib.sha256(JPEG).hexdigest())
    assert await whatsapp.fetch(http, ours, attachment) == (JPEG, "image/jpeg")
    assert api.served_without_token == 0


async def test_media_that_is_not_what_it_claims_is_refused(graph: Any, http: httpx.AsyncClient) -> None:
    """A program that calls itself a picture is not kept."""
    api, ours = graph
    media_id = api.hold(b"MZ" + b"\x00" * 100, "image/jpeg")
    with pytest.raises(Permanent, match="claims"):
        await whatsapp.fetch(http, ours, Attachment(kind="image", media_id=media_id))


async def test_media_over_the_cap_is_given_up(graph: Any, http: httpx.AsyncClient) -> None:
    """A file over the channel's cap is given up while it comes."""
    api, ours = graph
    media_id = api.hold(JPEG + b"0" * 500_001, "image/webp")
    with pytest.raises(Permanent, match="larger"):
        await whatsapp.fetch(http, ours, Attachment(kind="sticker", media_id=media_id))


async def test_media_that_is_gone_is_permanent_and_a_busy_vendor_is_not(
    graph: Any, http: httpx.AsyncClient
) -> None:
    """An unknown media id cannot be retried; a vendor in trouble can."""
    api, ours = graph
    with pytest.raises(Permanent):
        await whatsapp.fetch(http, ours, Attachment(kind="image", media_id="404"))
    api.faults.set(Fault("status", status=503))
    with pytest.raises(Transient):
        await whatsapp.fetch(http, ours, Attachment(kind="image", media_id="404"))


@pytest.mark.parametrize(("status", "family"), [(503, Transient), (429, Transient), (404, Permanent)])
async def test_a_file_that_does_not_come_is_told_by_family(
    graph: Any, http: httpx.AsyncClient, status: int, family: type[Exception]
) -> None:
    """A file server in trouble is asked again; an address that has ended is not."""
    api, ours = graph
    media_id = api.hold(JPEG, "image/jpeg")
    api.faults.set(Fault("status", status=status, path="_files"))
    with pytest.raises(family, match=str(status)):
        await whatsapp.fetch(http, ours, Attachment(kind="image", media_id=media_id))


async def test_a_file_with_another_digest_is_fetched_again(graph: Any, http: httpx.AsyncClient) -> None:
    """Bytes that do not have the digest the vendor named are not the customer's."""
    api, ours = graph
    url = f"{ours.api_url}/_files/1"
    api.media["1"] = (JPEG, "image/jpeg")
    with pytest.raises(Transient, match="digest"):
        await download(http, url, kind="image", claimed="", most=9999, api_url=ours.api_url, sha256="0" * 64)


@pytest.mark.parametrize("media_id", [None, "../me", "1?fields=x"])
async def test_a_media_id_cannot_lead_elsewhere(
    graph: Any, http: httpx.AsyncClient, media_id: str | None
) -> None:
    """An id with anything but letters and digits is no id."""
    _, ours = graph
    with pytest.raises(Permanent, match="media id"):
        await whatsapp.fetch(http, ours, Attachment(kind="image", media_id=media_id))


async def test_the_token_goes_to_metas_hosts_alone(http: httpx.AsyncClient) -> None:
    """A media address on somebody else's host is not called at all."""
    for url in (
        "https://evil.example/x",
        "https://fbcdn.net.evil.example/x",
        "http://127.0.0.1:1/x",
        "notaurl",
    ):
        with pytest.raises(Permanent, match="not one of Meta"):
            await download(
                http, url, kind="image", claimed="image/jpeg", most=9, api_url="https://graph.facebook.com"
            )
