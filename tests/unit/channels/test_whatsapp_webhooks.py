"""WhatsApp's webhooks: whose they are, what is not theirs, and the stand-in's own."""

import pytest

from shared.channels import whatsapp
from shared.domain.errors import Malformed
from shared.domain.events import DeliveryReported, MessageReceived
from tests.standins.graph_api import as_meta_writes, message_body, sign, status_body
from tests.unit.channels import samples

PHONE = "106540352242922"


def test_a_fact_has_one_id_however_often_it_is_told() -> None:
    """Repeats carry the same event id, different facts about one message different ones."""
    every = [samples.webhook(samples.body("whatsapp", case)) for case in samples.cases("whatsapp")]
    once = [event.event_id for webhook in every for event in whatsapp.parse(webhook)]
    assert once == [event.event_id for webhook in every for event in whatsapp.parse(webhook)]
    reports = [
        whatsapp.parse(samples.webhook(samples.body("whatsapp", f"status_{status}")))[0].event_id
        for status in ("sent", "delivered", "read", "failed_rate")
    ]
    assert len(set(reports)) == 4


def test_the_account_is_read_only_to_choose_the_secret() -> None:
    """The first phone number id is found in an unverified body, and nothing in one that has none."""
    assert whatsapp.account(samples.webhook(samples.body("whatsapp", "text"))) == PHONE
    assert whatsapp.account(samples.webhook(b"{}")) is None
    assert whatsapp.account(samples.webhook(b"\xff")) is None


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"object":"page","entry":[]}', b"nul", b"[" * 90_000])
def test_a_body_that_is_not_whatsapps_is_malformed(raw: bytes) -> None:
    """A body of another form is refused as a whole, with a reason."""
    with pytest.raises(Malformed):
        whatsapp.parse(samples.webhook(raw))


def test_what_the_stand_in_writes_is_what_the_channel_reads() -> None:
    """The stand-in's own webhooks pass the channel's parser and signature."""
    raw = as_meta_writes(
        message_body(PHONE, "16505551234", {"id": "wamid.1", "type": "text", "text": {"body": "é/"}})
    )
    webhook = samples.webhook(raw, headers=tuple(sign(raw, "app-secret").items()))
    whatsapp.verify(webhook, ["old", "app-secret"])
    (received,) = whatsapp.parse(webhook)
    assert isinstance(received, MessageReceived)
    assert received.content.text == "é/"
    (report,) = whatsapp.parse(samples.webhook(as_meta_writes(status_body(PHONE, "w", "1", "read", "k"))))
    assert isinstance(report, DeliveryReported)
    assert (report.status, report.key) == ("read", "k")
