"""What must be known to find somebody for a handover: the kind of person, who there is, who knew them."""

from dataclasses import dataclass

import msgspec

from shared.config.behavior import Handoff
from shared.config.people_clock import people_hours
from shared.config.schema import DeskConfig
from shared.desk.customers import find
from shared.desk.services import Services
from shared.domain.assignment import fits
from shared.domain.customers import Customer
from shared.domain.handovers import Handover, handover_path
from shared.domain.hours import OpeningHours
from shared.ports import Query, Where
from shared.security.staff import everyone
from shared.security.tenancy import TenantStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The surroundings of one handover, read before it is decided."""

    config: DeskConfig
    kind: Handoff
    people: tuple[str, ...]  # everybody with the skill, by id
    knew: tuple[str, ...]  # who had this customer before, the latest first
    customer: Customer | None

    @property
    def hours(self) -> OpeningHours:
        """When people are there."""
        return people_hours(self.config)


async def read_handover(store: TenantStore, handover: str) -> Handover | None:
    """A handover by id."""
    document = await store.get(handover_path(handover))
    return msgspec.convert(document.data, Handover) if document else None


async def read_queue(services: Services, store: TenantStore, handover: Handover) -> Queue | None:
    """The surroundings of a handover; None where its desk is published no more."""
    published = await services.versions.published(handover.desk)
    if published is None:
        return None
    return Queue(
        config=published.config,
        kind=kind_of(published.config, handover.type),
        people=tuple(one.id for one in await everyone(store) if fits(one, handover)),
        knew=await _knew(store, handover.customer),
        customer=await find(store, handover.customer),
    )


def kind_of(config: DeskConfig, name: str) -> Handoff:
    """The kind of person of that name in the desk's file; for a name it does not have, its first kind."""
    kinds = config.behavior.escalation.handoff
    return next((kind for kind in kinds if kind.type == name), kinds[0] if kinds else Handoff())


async def _knew(store: TenantStore, customer: str) -> tuple[str, ...]:
    page = await store.query("handovers", Query(where=(Where("customer", "==", customer),), limit=100))
    former = sorted(page.documents, key=lambda one: str(one.data.get("asked_at")), reverse=True)
    return tuple(dict.fromkeys(str(one.data["assignee"]) for one in former if one.data.get("assignee")))
