"""Whether the desk may write to a customer now: one question, asked before every send."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.channels.shape import Limits
from shared.domain.conversation import Head
from shared.domain.customers import MAY_CALL, Customer
from shared.domain.instants import instant

ANSWERING = timedelta(days=1)
"""How long one who wants no messages may be answered after they write, where the channel has no window."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The answer: free text may go, only a template may go, or nothing, and why."""

    free_text: bool
    template: bool
    reason: str = ""


def may_contact(customer: Customer | None, limits: Limits, head: Head, now: datetime) -> Leave:
    """Free text inside the channel's reply window, which the customer's last message opened; else templates.

    `customer` is None for one not recorded yet. One who asked for no messages is answered where they have
    written since, for as long as that window is open, and gets nothing else. Quiet hours join here.
    """
    if left_alone(customer, head):
        return Leave(free_text=False, template=False, reason="the customer asked not to be contacted")
    wants_none = customer is not None and unwanted(customer)
    window = limits.window or (ANSWERING if wants_none else None)
    if window is None:
        return Leave(free_text=True, template=True)
    if not head.last_inbound_at:
        return Leave(free_text=False, template=True, reason="the customer has not written yet")
    # A minute early: the vendor's clock decides, and the message still has to get there.
    closes = instant(head.last_inbound_at) + window - timedelta(minutes=1)
    if now < closes:
        return Leave(free_text=True, template=not wants_none)
    why = f"the reply window closed at {closes.isoformat()}"
    return Leave(free_text=False, template=not wants_none, reason=why)


def unwanted(customer: Customer) -> bool:
    """Whether the customer asked for no messages."""
    return customer.preferences.get("contact") == "none"


def agreed_to_calls(customer: Customer) -> bool | None:
    """Whether the customer said that they may be called; None where they said neither yes nor no."""
    said = customer.claimed.get(MAY_CALL)
    return None if said is None else said.value == "yes"


def left_alone(customer: Customer | None, head: Head | None) -> bool:
    """Whether they asked for no messages and have not written in this conversation since."""
    if customer is None or not unwanted(customer):
        return False
    return head is None or head.last_inbound_at <= customer.preferences.get("contact_since", "")
