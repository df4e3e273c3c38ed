"""The alarm that takes a campaign a step further, and who is woken when one has come further."""

from datetime import datetime

from shared.domain.campaigns import Campaign
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.outbox import Alarm


def advance_alarm(tenant: str, campaign: Campaign, due: datetime) -> Alarm:
    """The alarm for the next step; one that names an earlier step finds nothing to do."""
    name = digest("advance-campaign", tenant, campaign.id, str(campaign.step), stamp(due))
    payload: dict[str, object] = {"tenant": tenant, "campaign": campaign.id, "step": campaign.step}
    return Alarm(name, due, "advance_campaign", payload)


def campaigns_key(tenant: str) -> str:
    """The key whose watchers are woken when a campaign of a tenant comes further."""
    return f"campaigns/{tenant}"
