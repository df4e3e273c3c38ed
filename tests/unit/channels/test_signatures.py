"""Whoever did not sign a webhook learns nothing but that: forgeries are refused, the genuine never."""

import base64
import hashlib
import hmac
import random
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from shared.channels import instagram, twilio_sms, twilio_whatsapp, webchat, whatsapp
from shared.channels.meta_signature import handshake
from shared.channels.shape import Channel, Webhook
from shared.domain.errors import Forged
from tests.drills import forgeries
from tests.unit.channels import samples

SIGNED: dict[str, Channel] = {
    "whatsapp": whatsapp,
    "instagram": instagram,
    "twilio_whatsapp": twilio_whatsapp,
    "twilio_sms": twilio_sms,
}
URLS = {name: f"https://desk.example/webhooks/{name}" for name in SIGNED}


@pytest.mark.parametrize("channel", SIGNED)
def test_forty_forgeries_are_refused(channel: str) -> None:
    """Every forgery raises Forged and nothing else, with one message that tells the forger nothing."""
    every = list(forgeries.forgeries(channel, samples.body(channel, "text"), URLS[channel]))
    assert len(every) >= 40
    told = set()
    for name, webhook in every:
        told.add(refusal(SIGNED[channel], webhook, name))
    assert len(told) == 1


def refusal(channel: Channel, webhook: Webhook, name: str) -> str:
    """The words of the refusal; a forgery that passes fails the test by its name."""
    try:
        channel.verify(webhook, [forgeries.SECRET, "retired-secret"])
    except Forged as refused:
        return str(refused)
    return pytest.fail(f"accepted: {name}")


@pytest.mark.parametrize("channel", SIGNED)
def test_the_genuine_are_accepted(channel: str) -> None:
    """Each sample, signed by the vendor with the newest or the retired secret, passes."""
    for case in samples.cases(channel):
        webhook = forgeries.genuine(channel, samples.body(channel, case), URLS[channel])
        SIGNED[channel].verify(webhook, ["newest-secret", forgeries.SECRET])
        with pytest.raises(Forged):
            SIGNED[channel].verify(webhook, [])
        with pytest.raises(Forged):
            SIGNED[channel].verify(webhook, ["", "newest-secret"])


def test_no_genuine_form_of_a_thousand_is_refused() -> None:
    """Forms as Twilio's own signer signs them pass: blank fields, every script, with and without a port."""
    chance, token = random.Random(7), "twilio-token"
    signer = RequestValidator(token)
    words = ["", " ", "a b", "é", "नमस्ते", "🙂", "a=b&c", "+91", "line\nline", "%2B", "ß" * 50]
    for _ in range(1000):
        fields = {f"Field{number}": chance.choice(words) for number in range(chance.randrange(12))}
        fields["MessageSid"] = "SM1"
        host = chance.choice(["desk.example", "desk.example:443", "desk.example:8443"])
        url = f"https://{host}/webhooks/twilio/sms" + chance.choice(["", "?key=acme.1.2", "?a=%20b"])
        hint = chance.choice(["", "#rc=5&rp=all"])
        signature = signer.compute_signature(url + hint, fields)
        configured = url.replace(":443", "") if chance.random() < 0.5 else url
        headers = (("content-type", "application/x-www-form-urlencoded"), ("x-twilio-signature", signature))
        body = urlencode(fields).encode()
        twilio_sms.verify(
            Webhook(method="POST", url=configured, query={}, headers=headers, body=body), [token]
        )


def test_a_repeated_field_is_signed_once_per_value() -> None:
    """A field that comes several times is signed with each of its different values, sorted."""

    class Fields(dict[str, str]):
        def getall(self, name: str) -> list[str]:
            return {"Media": ["b", "a", "b"], "Sid": ["1"]}[name]

    url, body = "https://desk.example/webhooks/twilio/sms", b"Media=b&Media=a&Sid=1&Media=b"
    signature = RequestValidator("token").compute_signature(url, Fields(Media="", Sid=""))
    twilio_sms.verify(samples.webhook(body, url, (("x-twilio-signature", signature),)), ["token"])


def test_a_json_body_is_vouched_for_by_its_hash() -> None:
    """A JSON body passes by the hash in the signed address."""
    body = b'{"a": 1}'
    url = "https://desk.example/webhooks/twilio/sms?bodySHA256=" + hashlib.sha256(body).hexdigest()
    signature = RequestValidator("token").compute_signature(url, {})
    headers = (("content-type", "application/json"), ("x-twilio-signature", signature))
    twilio_sms.verify(samples.webhook(body, url, headers), ["token"])


def test_a_shared_key_signs_with_sha256() -> None:
    """Twilio's newer signature names its algorithm in a header of its own."""
    url, body = URLS["twilio_sms"], b"MessageSid=SM1"
    mac = hmac.new(b"shared", f"{url}MessageSidSM1".encode(), hashlib.sha256).digest()
    headers = (
        ("x-twilio-signature", base64.b64encode(mac).decode()),
        ("x-twilio-webhooks-signature-settings", "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"),
    )
    twilio_sms.verify(samples.webhook(body, url, headers), ["shared"])


def test_meta_is_answered_with_its_challenge() -> None:
    """The handshake answers the challenge to whoever knows our verify token, and nobody else."""
    query = {"hub.mode": "subscribe", "hub.verify_token": "ours", "hub.challenge": "1158201444"}
    assert handshake(query, "ours") == "1158201444"
    for wrong in (
        {**query, "hub.verify_token": "theirs"},
        {**query, "hub.verify_token": "öurs\ud800"},
        {**query, "hub.mode": "unsubscribe"},
        {"hub.mode": "subscribe", "hub.verify_token": "ours"},
        {},
    ):
        with pytest.raises(Forged):
            handshake(wrong, "ours")
    with pytest.raises(Forged):
        handshake({**query, "hub.verify_token": ""}, "")


@pytest.mark.parametrize(
    "session",
    ["Zx81_kQ0-vB7nT5mR2wY9pLc", "3f9c1d2e4b5a69788796a5b4c3d2e1f0", "7f1d9c52-6b1e-4c83-9a0d-2e5b8f7a3c41"],
)
def test_a_session_nobody_can_guess_is_accepted(session: str) -> None:
    """128 random bits pass in letters, in hexadecimal and as a UUID."""
    webchat.verify(samples.webhook(b"", headers=((webchat.SESSION, session),)), [])


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ((webchat.SESSION, ""),),
        ((webchat.SESSION, "short"),),
        ((webchat.SESSION, "a" * 32),),
        ((webchat.SESSION, "3f9c1d2e4b5a69788796a5b4c3d2"),),
        ((webchat.SESSION, "Zx81_kQ0-vB7nT5mR2wY9pLc" * 20),),
        ((webchat.SESSION, "Zx81 kQ0/vB7nT5mR2wY9pLc"),),
        ((webchat.SESSION, "Zx81_kQ0-vB7nT5mR2wY9pLé"),),
        ((webchat.SESSION, "Zx81_kQ0-vB7nT5mR2wY9pLc\n"),),
        ((webchat.SESSION, "Zx81_kQ0-vB7nT5mR2wY9pLc"),) * 2,
    ],
)
def test_a_session_somebody_could_guess_is_refused(headers: tuple[tuple[str, str], ...]) -> None:
    """A missing, short, plain or doubled session is nobody's."""
    with pytest.raises(Forged):
        webchat.verify(samples.webhook(b"", headers=headers), [])
