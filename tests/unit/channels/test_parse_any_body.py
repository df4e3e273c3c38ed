"""Whatever a signed body holds, a channel gives facts or says Malformed; nothing else ever comes out."""

from dataclasses import replace

import msgspec
import pytest

from shared.channels import instagram, phone, room, twilio_sms, twilio_whatsapp, webchat, whatsapp
from shared.channels.shape import Channel
from shared.domain.errors import Malformed
from tests.drills.fuzzed_bodies import fuzzed
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


@pytest.mark.parametrize("name", CHANNELS)
def test_a_thousand_hostile_bodies(name: str) -> None:
    """Each of a thousand broken bodies is facts the bus and the store can carry, or Malformed."""
    channel, some, refused = CHANNELS[name], 0, 0
    bodies = [samples.body(name, case) for case in samples.cases(name)]
    case = samples.cases(name)[0]
    request = samples.request(name, case)
    for body in fuzzed(bodies, 1000):
        webhook = replace(request, body=body)
        channel.account(webhook)
        try:
            events = channel.parse(webhook)
        except Malformed:
            refused += 1
            continue
        some += len(events)
        for event in events:
            assert type(event).decode(event.encode()) == event
            assert_storable(msgspec.to_builtins(event))
    assert some > 50
    assert refused > 50


def assert_storable(value: object, depth: int = 0) -> None:
    """What any store holds: no number beyond 64 bits, no text that is not UTF-8, 20 levels at most."""
    assert depth < 20
    if isinstance(value, dict):
        for key, inner in value.items():
            assert_storable(key, depth + 1)
            assert_storable(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            assert_storable(inner, depth + 1)
    elif isinstance(value, str):
        value.encode()
    elif isinstance(value, int):
        assert -(2**63) <= value < 2**63
    elif isinstance(value, float):
        assert abs(value) < float("inf")
    else:
        assert value is None
