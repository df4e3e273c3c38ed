"""Whether the desk may call somebody, and from when: by its file, by what they said, and by their clock."""

from datetime import datetime

from shared.config.hours import Hours
from shared.config.schema import DeskConfig
from shared.desk.contact import agreed_to_calls, unwanted
from shared.desk.customers import find
from shared.desk.their_clock import reachable_from
from shared.domain.customers import MAY_CALL, Customer
from shared.domain.identity import digest
from shared.security.tenancy import TenantStore

_DAYTIME = Hours.model_validate({"daily": "09:00-20:00"})


def switched_off(config: DeskConfig) -> str:
    """What in the desk's file keeps it from calling out; empty where nothing does."""
    own = config.channels.phone
    if not config.voice.enabled:
        return f"desk {config.desk.id} has no voice; write voice: {{enabled: true, …}}"
    if not config.voice.outbound.enabled:
        return f"desk {config.desk.id} makes no calls; write voice.outbound.enabled: true"
    if own is None or not own.enabled or not own.numbers:
        return f"desk {config.desk.id} has no number to call from; write channels.phone.numbers"
    return ""


async def refused_by(
    store: TenantStore, config: DeskConfig, number: str, customer: str, *, errand: str = ""
) -> str:
    """Why the person may not be called; empty where they may.

    Whoever asked on any channel to be left alone is not called, be it under this number or as the customer.
    Where the desk's file asks for consent, they must have given it, or have asked for this very call.
    """
    proofs = (f"phone:{number}", f"sms:{number}", f"phone:tel:{number}")
    links = await store.get_many([f"identities/{digest('identity', proof)}" for proof in proofs])
    known = {str(link.data["customer"]) for link in links if link} | ({customer} if customer else set())
    people = [found for one in sorted(known) if (found := await find(store, one))]
    if any(map(unwanted, people)):
        return "they asked not to be contacted"
    said = [agreed_to_calls(one) for one in people]
    if False in said:
        return "they said that they may not be called"
    asked = errand and await store.get(f"callbacks/{errand}")
    if config.voice.outbound.needs_consent and not (True in said or asked):
        return f"they have not agreed to be called; the desk keeps their word as {MAY_CALL}: yes"
    return ""


def number_of(customer: Customer) -> str:
    """The number by which we call a customer: one a channel proved, else one they told us."""
    claimed = customer.claimed.get("phone")
    return customer.phone or (claimed.value if claimed else "")


def may_ring_from(config: DeskConfig, number: str, at: datetime) -> datetime | None:
    """The first instant from `at` on when the number may ring; None where there is none within a year.

    The hours are the file's, by the clocks of every zone the number may be in, unless they name a zone;
    where the file has none at all, by day.
    """
    hours = config.voice.outbound.hours or config.desk.hours or _DAYTIME
    return reachable_from(hours, number, config.desk.timezone, at)
