"""Whether the desk may write to a customer now: one question, asked before every send."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.channels.shape import Limits
from shared.domain.conversation import Head
from shared.domain.customers import Customer
from shared.domain.instants import instant


@dataclass(frozen=True, slots=True)
class Leave:
    """The answer: free text may go, only a template may go, or nothing, and why."""

    free_text: bool
    template: bool
    reason: str = ""


def may_contact(customer: Customer | None, limits: Limits, head: Head, now: datetime) -> Leave:
    """Free text inside the channel's reply window, which the customer's last message opened; else templates.

    `customer` is None for one not recorded yet. Consent and quiet hours join here.
    """
    if customer is not None and customer.preferences.get("contact") == "none":
        return Leave(free_text=False, template=False, reason="the customer asked not to be contacted")
    if limits.window is None:
        return Leave(free_text=True, template=True)
    if not head.last_inbound_at:
        return Leave(free_text=False, template=True, reason="the customer has not written yet")
    # A minute early: the vendor's clock decides, and the message still has to get there.
    closes = instant(head.last_inbound_at) + limits.window - timedelta(minutes=1)
    if now < closes:
        return Leave(free_text=True, template=True)
    return Leave(free_text=False, template=True, reason=f"the reply window closed at {closes.isoformat()}")
