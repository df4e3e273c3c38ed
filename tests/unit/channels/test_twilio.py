"""Twilio: texts and WhatsApp out, looked up, and their media, against a Messages resource on loopback."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.channels import twilio_sms, twilio_whatsapp
from shared.channels.shape import Account, Dispatch, Rejected, Sent, Unknown, Webhook
from shared.config.channels import SmsSettings
from shared.domain.content import Attachment, Choice, Outgoing, Template
from shared.domain.errors import NotConnected, Permanent, Transient
from shared.domain.events import DeliveryReported
from tests.standins.faults import Fault
from tests.standins.serving import serving
from tests.standins.twilio_api import TwilioApi
from tests.unit.channels import samples

OURS, THEIRS = "+14155238886", "+919812345678"
TEXT = Outgoing(text="We open at nine. ₹500 & more")
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 200


@pytest.fixture
async def twilio() -> AsyncIterator[tuple[TwilioApi, Account]]:
    api = TwilioApi()
    async with serving(api.app) as url:
        yield api, account(url)


def account(url: str, number: str = OURS, callback: str | None = None, **credentials: str) -> Account:
    proof = {"account_sid": "ACstandin", "auth_token": "twilio-token"} | credentials
    return Account(id=number, settings=SmsSettings(), credentials=proof, api_url=url, callback_url=callback)


def dispatch(message: Outgoing = TEXT) -> Dispatch:
    return Dispatch(key="acme.5f0c.12", to=THEIRS, message=message)


async def test_a_text_goes_from_our_number(twilio: Any, http: httpx.AsyncClient) -> None:
    """A text carries plain numbers, a WhatsApp message the channel's name before both."""
    api, ours = twilio
    assert await twilio_sms.send(http, ours, dispatch()) == Sent(api.accepted[0]["sid"])
    assert (api.accepted[0]["from"], api.accepted[0]["to"]) == (OURS, THEIRS)
    assert api.accepted[0]["body"] == TEXT.text
    await twilio_whatsapp.send(http, ours, dispatch())
    assert (api.accepted[1]["from"], api.accepted[1]["to"]) == (f"whatsapp:{OURS}", f"whatsapp:{THEIRS}")


async def test_a_messaging_service_chooses_the_number(twilio: Any, http: httpx.AsyncClient) -> None:
    """An account that is a messaging service sends by it and names no number."""
    api, ours = twilio
    await twilio_sms.send(http, account(ours.api_url, "MG1"), dispatch())
    assert (api.accepted[0]["messaging_service_sid"], api.accepted[0]["from"]) == ("MG1", None)


async def test_pictures_go_together_and_templates_with_their_values(
    twilio: Any, http: httpx.AsyncClient
) -> None:
    """A text carries several pictures; a template's values go in its order."""
    api, ours = twilio
    pictures = tuple(Attachment(kind="image", url=f"https://acme.example/{n}.jpg") for n in range(3))
    assert isinstance(await twilio_sms.send(http, ours, dispatch(Outgoing(attachments=pictures))), Sent)
    assert api.accepted[0]["media"] == [one.url for one in pictures]
    template = Outgoing(template=Template(name="HX1", language="en", parameters=("Asha", "9:30")))
    assert isinstance(await twilio_whatsapp.send(http, ours, dispatch(template)), Sent)
    assert api.accepted[1]["content"] == {
        "ContentSid": "HX1",
        "ContentVariables": '{"1": "Asha", "2": "9:30"}',
    }


async def test_a_status_comes_back_signed_with_our_key(twilio: Any, http: httpx.AsyncClient) -> None:
    """The address for statuses carries our key and the retry hints; what Twilio calls there passes."""
    api, ours = twilio
    seen: list[Webhook] = []

    async def door(request: Request) -> Response:
        headers = [(name.decode(), value.decode()) for name, value in request.headers.raw]
        url, query = str(request.url), dict(request.query_params)
        seen.append(Webhook(method="POST", url=url, query=query, headers=headers, body=await request.body()))
        return Response(status_code=204)

    async with serving(Starlette(routes=[Route("/webhooks/twilio/sms", door, methods=["POST"])])) as desk:
        reported = account(ours.api_url, callback=f"{desk}/webhooks/twilio/sms")
        sent = await twilio_sms.send(http, reported, dispatch())
        assert isinstance(sent, Sent)
        assert api.callbacks[0][1].endswith("/webhooks/twilio/sms?key=acme.5f0c.12#rc=5&rp=all")
        assert await api.report(sent.provider_id, "delivered") == 204
    twilio_sms.verify(seen[0], ["twilio-token"])
    (report,) = twilio_sms.parse(seen[0])
    assert isinstance(report, DeliveryReported)
    assert (report.key, report.status) == ("acme.5f0c.12", "delivered")
    assert (report.account, report.customer, report.message_id) == (OURS, THEIRS, sent.provider_id)


@pytest.mark.parametrize(
    "message",
    [
        Outgoing(),
        Outgoing(text="x" * 1601),
        Outgoing(text="?", choices=(Choice(id="a", title="A"),)),
        Outgoing(attachments=(Attachment(kind="image", blob="b/1"),)),
        Outgoing(attachments=(Attachment(kind="image", url="https://a.example/i"),) * 11),
    ],
)
async def test_what_does_not_fit_costs_no_call(
    twilio: Any, http: httpx.AsyncClient, message: Outgoing
) -> None:
    """A message Twilio would refuse is refused here, with what to change."""
    api, ours = twilio
    outcome = await twilio_sms.send(http, ours, dispatch(message))
    assert isinstance(outcome, Rejected)
    assert outcome.failure.action == "fix_config"
    assert api.accepted == []


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (63016, "template"),
        (63018, "slow_down"),
        (21610, "stop"),
        (21606, "fix_config"),
        (30002, "disable"),
        (7, "stop"),
    ],
)
async def test_a_code_decides_what_is_done(
    twilio: Any, http: httpx.AsyncClient, code: int, action: str
) -> None:
    """The vendor's error code alone chooses the policy; unknown ones stop the message."""
    api, ours = twilio
    api.faults.set(Fault("error", code=code))
    outcome = await twilio_whatsapp.send(http, ours, dispatch())
    assert isinstance(outcome, Rejected)
    assert (outcome.failure.code, outcome.failure.action) == (str(code), action)


async def test_a_wrong_token_pages_a_person(twilio: Any, http: httpx.AsyncClient) -> None:
    """Credentials that are wrong or missing are nobody's to retry."""
    _, ours = twilio
    outcome = await twilio_sms.send(http, account(ours.api_url, auth_token="stale"), dispatch())
    assert isinstance(outcome, Rejected)
    assert outcome.failure.action == "page"
    with pytest.raises(NotConnected, match="auth_token"):
        await twilio_sms.send(http, account(ours.api_url, auth_token=""), dispatch())


async def test_a_limit_waits_as_long_as_told(twilio: Any, http: httpx.AsyncClient) -> None:
    """A bare 429 slows down for the seconds it names."""
    api, ours = twilio
    api.faults.set(Fault("status", status=429, retry_after=9))
    outcome = await twilio_sms.send(http, ours, dispatch())
    assert isinstance(outcome, Rejected)
    assert (outcome.failure.action, outcome.failure.retry_after) == ("slow_down", 9)


@pytest.mark.parametrize("fault", [Fault("drop"), Fault("refuse"), Fault("status", status=503)])
async def test_an_unknown_outcome_is_looked_up(twilio: Any, http: httpx.AsyncClient, fault: Fault) -> None:
    """After a broken line Twilio is asked by customer, time and words whether it has the message."""
    api, ours = twilio
    since = datetime.now(UTC)
    api.faults.set(fault)
    assert isinstance(await twilio_sms.send(http, ours, dispatch()), Unknown)
    found = await twilio_sms.lookup(http, ours, dispatch(), since)
    assert found == (Sent(api.accepted[0]["sid"]) if fault.kind == "drop" else None)


async def test_a_lookup_finds_only_that_message(twilio: Any, http: httpx.AsyncClient) -> None:
    """Other words, other customers, an earlier time and failures are not the message."""
    api, ours = twilio
    await twilio_sms.send(http, ours, dispatch())
    since = datetime.now(UTC)
    assert await twilio_sms.lookup(http, ours, dispatch(Outgoing(text="Other words")), since) is None
    assert await twilio_sms.lookup(http, ours, dispatch(), since + timedelta(minutes=1)) is None
    assert await twilio_whatsapp.lookup(http, ours, dispatch(), since) is None
    assert await twilio_sms.lookup(http, account(ours.api_url, "+10000000000"), dispatch(), since) is None
    assert await twilio_sms.lookup(http, ours, dispatch(), since) == Sent(api.accepted[0]["sid"])
    api.accepted[0]["status"] = "failed"
    assert await twilio_sms.lookup(http, ours, dispatch(), since) is None


async def test_a_lookup_that_gets_no_answer_proves_nothing(twilio: Any, http: httpx.AsyncClient) -> None:
    """A vendor in trouble is asked again; one that refuses us is not."""
    api, ours = twilio
    api.faults.set(Fault("status", status=500))
    with pytest.raises(Transient):
        await twilio_sms.lookup(http, ours, dispatch(), datetime.now(UTC))
    with pytest.raises(Permanent):
        await twilio_sms.lookup(
            http, account(ours.api_url, auth_token="stale"), dispatch(), datetime.now(UTC)
        )
    with pytest.raises(Transient):
        await twilio_sms.send(http, account("http://127.0.0.1:1"), dispatch())


async def test_media_is_fetched_with_our_credentials_from_twilio_alone(
    twilio: Any, http: httpx.AsyncClient
) -> None:
    """A customer's picture comes from Twilio's hosts; another host never sees our credentials."""
    api, ours = twilio
    url = ours.api_url + api.hold(JPEG, "image/jpeg")
    attachment = Attachment(kind="image", media_type="image/jpeg", url=url)
    assert await twilio_sms.fetch(http, ours, attachment) == (JPEG, "image/jpeg")
    for wrong in (
        "https://evil.example/x",
        "https://api.twilio.com.evil.example/x",
        "http://127.0.0.1:1/x",
        ours.api_url + "/2010-04-01/Accounts/ACstandin/Messages/MM1/Media/ME404",
    ):
        with pytest.raises(Permanent):
            await twilio_whatsapp.fetch(http, ours, Attachment(kind="image", url=wrong))


def test_a_messaging_form_of_no_interest_says_nothing() -> None:
    """A form without a sender is no message, and an empty address names no account."""
    assert twilio_sms.parse(samples.webhook(b"MessageSid=SM1&To=%2B1&Body=x")) == []
    assert twilio_sms.account(samples.webhook(b"MessageSid=SM1")) is None
    assert twilio_sms.account(samples.webhook(b"")) is None
