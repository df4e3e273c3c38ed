"""What a message costs: by the business's own prices where there are any, else by a dated list."""

from datetime import date
from typing import Any

import pytest

from shared.channels.message_prices import price, read_message_prices
from shared.config.schema import DeskConfig
from tests.unit.desk.front import DESK

OWN = {
    "whatsapp": {"marketing": {"91": 0.01, "other": 0.09}, "utility": {"91": 0.002}},
    "sms": {"1": 0.007, "1242": 0.03},
    "email": 0.0004,
    "phone": {"91": 0.02},
}


def config(prices: dict[str, Any]) -> DeskConfig:
    """A desk with these prices of its own."""
    return DeskConfig.model_validate({**DESK, "behavior": {"outreach": {"prices": prices}}})


@pytest.mark.parametrize(
    ("channel", "number", "told", "usd", "estimated"),
    [
        ("whatsapp", "+919812345678", {"template": True, "kind": "marketing"}, 0.01, False),
        ("whatsapp", "+919812345678", {"template": True, "kind": "service"}, 0.002, False),
        ("whatsapp", "+447911123456", {"template": True, "kind": "marketing"}, 0.09, False),  # other
        ("whatsapp", "+447911123456", {"template": True, "kind": "service"}, 0.0529, True),  # not in the file
        ("whatsapp", "+919812345678", {"kind": "service"}, 0.0, False),  # free words cost nothing
        ("sms", "+12125550123", {"length": 161}, 0.014, False),  # two texts
        ("sms", "+12425550123", {"length": 20}, 0.03, False),  # the longest code that fits
        ("sms", "+919812345678", {"length": 20}, 0.0832, True),
        ("email", "", {}, 0.0004, False),
        ("phone", "+919812345678", {}, 0.04, True),  # nobody knows how long it will be
        ("webchat", "", {}, 0.0, False),
    ],
)
def test_own_prices_come_before_the_list_and_say_so(
    channel: Any, number: str, told: dict[str, Any], usd: float, *, estimated: bool
) -> None:
    """By channel, country and what it is for; what is not in the file is an estimate."""
    found = price(config(OWN), channel, number, **{"kind": "service", **told})

    assert (pytest.approx(usd), estimated) == (found.usd, found.estimated)


def test_the_list_has_its_day() -> None:
    """People are told how old an estimate is."""
    assert date(2026, 11, 28) == read_message_prices().as_of
