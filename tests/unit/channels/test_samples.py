"""Every form a vendor's webhook takes becomes exactly the facts in it; the samples are files by case."""

import pytest

from shared.channels import instagram, phone, room, twilio_sms, twilio_whatsapp, webchat, whatsapp
from shared.channels.shape import Channel
from tests.unit.channels import samples

CHANNELS: dict[str, Channel] = {
    "whatsapp": whatsapp,
    "instagram": instagram,
    "twilio_whatsapp": twilio_whatsapp,
    "twilio_sms": twilio_sms,
    "webchat": webchat,
    "phone": phone,
    "room": room,
}
CASES = [(channel, case) for channel in CHANNELS for case in samples.cases(channel)]


@pytest.mark.parametrize(("channel", "case"), CASES)
def test_a_webhook_says_exactly_this(channel: str, case: str) -> None:
    """A sample says the facts written down for it, no more, in their order."""
    told = CHANNELS[channel].parse(samples.request(channel, case))
    assert samples.readable(told) == samples.expected(channel)[case]


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_is_expected_of_a_sample_that_is_gone(channel: str) -> None:
    """Samples and expectations are the same cases, and enough of them."""
    assert samples.cases(channel) == sorted(samples.expected(channel))
    assert len(samples.cases(channel)) >= 6


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_fact_has_one_id_however_often_it_is_told(channel: str) -> None:
    """A webhook that comes again carries the same event ids, and no two facts in it share one."""
    for case in samples.cases(channel):
        first = [event.event_id for event in CHANNELS[channel].parse(samples.request(channel, case))]
        again = [event.event_id for event in CHANNELS[channel].parse(samples.request(channel, case))]
        assert first == again
        assert len(set(first)) == len(first)


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_account_is_in_every_fact(channel: str) -> None:
    """The account that chooses the secret is one the facts name."""
    for case in samples.cases(channel):
        webhook = samples.request(channel, case)
        accounts = {getattr(event, "account", None) for event in CHANNELS[channel].parse(webhook)}
        assert not accounts or CHANNELS[channel].account(webhook) in accounts
