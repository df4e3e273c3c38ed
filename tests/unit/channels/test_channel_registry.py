"""Every channel module is of the one shape, found by its name, and light enough for a receiver."""

import subprocess
import sys
from datetime import timedelta

import pytest

from shared.channels.registry import channel_named
from shared.channels.shape import Fetches, LooksUp, Types
from shared.domain.content import ChannelName
from shared.domain.errors import NotConnected

CARRIED: list[tuple[ChannelName, str | None]] = [
    ("webchat", None),
    ("whatsapp", None),
    ("whatsapp", "meta"),
    ("whatsapp", "twilio"),
    ("instagram", None),
    ("sms", None),
    ("sms", "twilio"),
    ("phone", "livekit_sip"),
    ("room", "livekit_web"),
]


@pytest.mark.parametrize(("name", "provider"), CARRIED)
def test_a_channel_is_found_by_its_name(name: ChannelName, provider: str | None) -> None:
    """The module says its own name and has its settings' class and limits."""
    channel = channel_named(name, provider)
    assert name == channel.NAME
    assert channel.Settings.model_fields["enabled"]
    assert channel.limits.text >= 1000
    with pytest.raises(AttributeError, match="no Nonsense"):
        channel.Nonsense  # type: ignore[attr-defined]  # noqa: B018 - asked for on purpose


@pytest.mark.parametrize(("name", "provider"), [("email", None), ("whatsapp", "pigeon"), ("sms", "meta")])
def test_a_channel_nobody_carries_is_said(name: ChannelName, provider: str | None) -> None:
    """The answer names the channel and who was asked to carry it."""
    with pytest.raises(NotConnected, match=provider or name):
        channel_named(name, provider)


def test_what_a_vendor_cannot_do_its_channel_does_not_offer() -> None:
    """Media, typing and looking up are there exactly where the vendor has them."""
    offered = {
        (name, provider): [
            part.__name__
            for part in (Fetches, Types, LooksUp)
            if isinstance(channel_named(name, provider), part)
        ]
        for name, provider in CARRIED
    }
    assert offered["webchat", None] == offered["phone", "livekit_sip"] == offered["room", "livekit_web"] == []
    assert offered["whatsapp", None] == offered["instagram", None] == ["Fetches", "Types"]
    assert offered["whatsapp", "twilio"] == offered["sms", None] == ["Fetches", "LooksUp"]


def test_limits_are_the_vendors() -> None:
    """The figures that vendors document."""
    whatsapp, instagram = channel_named("whatsapp").limits, channel_named("instagram").limits
    assert (whatsapp.text, whatsapp.buttons, whatsapp.list_rows, whatsapp.with_choices) == (4096, 3, 10, 1024)
    assert (whatsapp.button_title, whatsapp.row_title, whatsapp.row_description) == (20, 24, 72)
    assert whatsapp.window == instagram.window == timedelta(hours=24)
    assert (instagram.text_bytes, instagram.buttons) == (1000, 13)
    assert channel_named("sms").limits.text == 1600
    assert channel_named("sms").limits.window is None
    assert channel_named("webchat").limits.streams


@pytest.mark.parametrize(
    "module",
    ["whatsapp", "instagram", "twilio_whatsapp", "twilio_sms", "webchat", "phone", "room", "registry"],
)
def test_a_receiver_loads_no_client_and_no_settings(module: str) -> None:
    """A channel's import brings neither the HTTP client nor pydantic, which would double a cold start."""
    script = (
        f"import sys, shared.channels.{module}; print([m for m in ('httpx', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
