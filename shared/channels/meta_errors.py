"""What Meta's error codes mean for us: the policy table for WhatsApp and Instagram, as data.

A code decides, never a title: Meta announced that titles will go. A code that is not listed stops the
message, because sending again what was refused for an unknown reason helps nobody.
"""

from typing import Literal, NamedTuple

from shared.channels.vendor_json import Item, mapping, text
from shared.domain.events import Failure

Action = Literal["retry", "slow_down", "template", "stop", "page", "fix_config", "disable"]


class Policy(NamedTuple):
    """What to do about a code, and after how many seconds to try again where that helps."""

    action: Action
    retry_after: float | None = None


_AUTHORITY = Policy("page")  # the token or a permission is gone: every send fails until a person acts
_SETTINGS = Policy("fix_config")  # the template or a parameter is wrong: the desk's operator must change it
_ENDED = Policy("stop")
_DISABLED = Policy("disable")  # the account is locked, barred or unpaid

POLICY: dict[int, Policy] = {
    # the reply window
    131047: Policy("template"),  # more than 24 hours since the customer wrote
    2534022: Policy("template"),  # Instagram's word for the same, a subcode
    # too fast
    131056: Policy("slow_down", 6),  # this number to this customer
    130429: Policy("slow_down", 2),  # this number altogether
    4: Policy("slow_down", 300),  # the app
    17: Policy("slow_down", 300),  # the user's token
    32: Policy("slow_down", 300),  # the page
    613: Policy("slow_down", 60),  # calls of one kind
    80007: Policy("slow_down", 900),  # the business account
    131048: Policy("slow_down", 3600),  # customers marked messages as spam
    131064: Policy("slow_down", 3600),  # a limit on the account
    # this customer cannot, or does not want to, get it
    131026: _ENDED,  # undeliverable
    131050: _ENDED,  # opted out
    130472: _ENDED,  # part of an experiment
    131049: _ENDED,  # cap on marketing messages
    131062: _ENDED,  # this kind of message needs a phone number, and the customer shows none
    551: _ENDED,  # Instagram: the person is not available
    2534014: _ENDED,  # Instagram: the person cannot be found
    # Meta's own trouble
    1: Policy("retry", 10),
    2: Policy("retry", 30),
    1200: Policy("retry", 10),
    131000: Policy("retry", 10),
    131016: Policy("retry", 60),
    131057: Policy("retry", 300),  # the account is in maintenance
    # authority
    0: _AUTHORITY,
    10: _AUTHORITY,
    102: _AUTHORITY,
    190: _AUTHORITY,
    131005: _AUTHORITY,
    **dict.fromkeys(range(200, 300), _AUTHORITY),
    # templates and parameters
    100: _SETTINGS,
    131008: _SETTINGS,
    131009: _SETTINGS,
    131051: _SETTINGS,  # a type of message that is not supported
    131052: _SETTINGS,  # media that cannot be downloaded
    131053: _SETTINGS,  # media that cannot be uploaded
    **dict.fromkeys(range(132000, 132017), _SETTINGS),
    # the account
    368: _DISABLED,
    130497: _DISABLED,  # not allowed in this country
    131031: _DISABLED,
    131042: _DISABLED,  # payment
}


def failure(error: Item, *, retry_after: float | None = None) -> Failure:
    """The failure in one of Meta's error objects; `retry_after` is what a header said, and wins."""
    code = text(error, "code") or "unknown"
    listed = [POLICY[number] for number in _numbers(error) if number in POLICY]
    policy = listed[0] if listed else _ENDED
    title = text(mapping(error, "error_data"), "details") or text(error, "title") or text(error, "message")
    return Failure(
        code=code, title=title[:300], action=policy.action, retry_after=retry_after or policy.retry_after
    )


def _numbers(error: Item) -> list[int]:
    """Subcode before code, because it says more."""
    found = (error.get("error_subcode"), error.get("code"))
    return [value for value in found if isinstance(value, int)]
