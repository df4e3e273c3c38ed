"""Whom of a campaign a way leads to as things stand, so that nobody is promised who cannot be reached."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from shared.config.schema import DeskConfig
from shared.desk.campaigns.words import saying
from shared.desk.channels import not_connected
from shared.desk.outreach.person import Person, person_of
from shared.desk.outreach.ways import WRITTEN, ways
from shared.desk.services import Services
from shared.domain.campaigns import Campaign, Target
from shared.domain.content import ChannelName
from shared.domain.errors import NotConnected
from shared.domain.outreach import Outreach
from shared.security.tenancy import TenantStore

_BY_NUMBER: tuple[ChannelName, ...] = ("whatsapp", "sms")
"""Ways that need no more than a number."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Looks for a way to each target of a campaign.

    What is true of one number that never wrote is true of all, so it is looked up once a language; customers
    are looked at one by one where that way is closed.
    """

    services: Services
    store: TenantStore
    config: DeskConfig
    campaign: Campaign
    strangers: dict[str, str] = field(default_factory=dict)  # language -> why no number is reached

    async def sorted_out(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        """The targets; those to whom no way leads are skipped, with why."""
        return tuple([await self._seen(one) for one in targets])

    async def _seen(self, target: Target) -> Target:
        why = await self._closed(target) if target.state == "waiting" else ""
        return msgspec.structs.replace(target, state="skipped", reason=f"no way: {why}") if why else target

    async def _closed(self, target: Target) -> str:
        """Why no way leads to a target; empty where one does."""
        if self.campaign.means == "calls":
            try:
                self.services.livekit()
            except NotConnected as missing:
                return str(missing)
            return ""
        outreach = self._outreach(target)
        if target.language not in self.strangers:
            number = target.number or "+10000000000"
            nobody = Person(customer=None, number=number, heads=())
            self.strangers[target.language] = await self._why(outreach, nobody)
        why = self.strangers[target.language]
        if not target.customer or (target.number and not why):
            return why
        return await self._why(outreach, await person_of(self.store, self.config, outreach))

    async def _why(self, outreach: Outreach, person: Person) -> str:
        """Why none of the ways to a person is open; empty where one is."""
        seen = await ways(self.services, self.store, self.config, outreach, person)
        reasons: dict[str, str] = {one.channel: one.why for one in seen.passed}
        for way in seen.found:
            missing = await not_connected(self.services, self.config, way.channel)
            if not missing:
                return ""
            reasons[way.channel] = missing
        for channel in _BY_NUMBER:
            own = getattr(self.config.channels, channel)
            if own is None or not own.enabled:
                reasons[channel] = f"the desk's file has no channels.{channel}"
        shown = (
            reasons if person.customer else {name: reasons[name] for name in _BY_NUMBER if name in reasons}
        )
        return "; ".join(f"{channel}: {why}" for channel, why in shown.items())

    def _outreach(self, target: Target) -> Outreach:
        """What would be said to a target; nothing of it is kept."""
        campaign = self.campaign
        return Outreach(
            id="",
            desk=campaign.desk,
            customer=target.customer,
            number="" if target.customer else target.number,
            purpose=campaign.name,
            occasion="",
            kind=campaign.kind,
            saying=saying(self.config, campaign, target),
            only=WRITTEN,
            agreed=campaign.agreed,
            since=campaign.created_at,
            due=campaign.created_at,
            give_up=campaign.until,
            campaign="new",
            created_at=campaign.created_at,
            until=campaign.until,
        )
