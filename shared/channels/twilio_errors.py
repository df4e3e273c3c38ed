"""What Twilio's error codes mean for us: the policy table for text messages and WhatsApp, as data.

Source: twilio.com/docs/api/errors. A code that is not listed stops the message.
"""

from shared.channels.meta_errors import Policy
from shared.domain.events import Failure

_ENDED = Policy("stop")
_SETTINGS = Policy("fix_config")

OPTED_OUT = "21610"
"""The customer has sent STOP to this number or service."""

POLICY: dict[str, Policy] = {
    # authority
    "20003": Policy("page"),
    "20005": Policy("disable"),  # the account is not active
    "20008": Policy("page"),  # test credentials
    "63001": Policy("page"),  # the channel's own credentials
    # too fast, or not now
    "14107": Policy("slow_down", 10),
    "20429": Policy("slow_down", 10),
    "30001": Policy("slow_down", 60),  # the queue is full
    "30022": Policy("slow_down", 60),  # a carrier's limit
    "63018": Policy("slow_down", 6),  # WhatsApp's limit
    "63038": Policy("slow_down", 3600),  # the account's day
    "20500": Policy("retry", 10),
    "20503": Policy("retry", 30),
    "30410": Policy("retry", 30),  # a carrier did not answer
    "63012": Policy("retry", 30),  # WhatsApp's own trouble
    # WhatsApp's reply window
    "63016": Policy("template"),
    # this customer cannot, or does not want to, get it
    "21211": _ENDED,  # not a number
    OPTED_OUT: _ENDED,
    "21612": _ENDED,  # no route
    "21614": _ENDED,  # not a mobile
    "30003": _ENDED,  # out of reach
    "30004": _ENDED,  # blocked
    "30005": _ENDED,  # unknown
    "30006": _ENDED,  # a landline
    "30007": _ENDED,  # filtered as spam
    "30008": _ENDED,  # the carrier did not say
    "63003": _ENDED,  # no such address on the channel
    "63013": _ENDED,  # against the channel's policy
    "63014": _ENDED,  # blocked by the customer
    "63015": _ENDED,  # not joined to the sandbox
    "63024": _ENDED,  # not a WhatsApp user
    "63032": _ENDED,  # WhatsApp's limit for this customer
    "63033": _ENDED,  # blocked by the customer
    "63049": _ENDED,  # WhatsApp chose not to deliver
    # settings
    "21408": _SETTINGS,  # this country is not allowed in the account
    "21605": _SETTINGS,
    "21606": _SETTINGS,  # not a number of ours
    "21617": _SETTINGS,  # too long
    "21620": _SETTINGS,  # media address
    "21656": _SETTINGS,  # template variables
    "21659": _SETTINGS,
    "21660": _SETTINGS,
    "21701": _SETTINGS,  # no such messaging service
    "30034": _SETTINGS,  # the number is not registered for business messages
    "63005": _SETTINGS,
    "63007": _SETTINGS,  # no such sender on the channel
    "63019": _SETTINGS,  # media could not be fetched
    "63021": _SETTINGS,
    "63027": _SETTINGS,  # no such template
    "63028": _SETTINGS,  # its parameters
    "63040": _SETTINGS,  # rejected
    "63041": _SETTINGS,  # paused
    "63042": _SETTINGS,  # disabled
    # the account
    "30002": Policy("disable"),  # suspended
    "63051": Policy("disable"),  # locked by WhatsApp
    "63112": Policy("disable"),  # disabled by Meta
}


def failure(code: str, title: str = "", *, retry_after: float | None = None) -> Failure:
    """The failure of one of Twilio's codes; `retry_after` is what a header said, and wins."""
    policy = POLICY.get(code, _ENDED)
    return Failure(
        code=code or "unknown",
        title=title[:300],
        action=policy.action,
        retry_after=retry_after or policy.retry_after,
        opted_out=code == OPTED_OUT,
    )
