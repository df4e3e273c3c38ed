"""Takes in what the business's own systems say of a customer, e.g. that results are there."""

from collections.abc import Mapping

from shared import outbox
from shared.desk.customers import find
from shared.desk.services import Services
from shared.domain.colleagues import Actor
from shared.domain.errors import NotThere
from shared.domain.events import REPORTED, Happened
from shared.domain.identity import digest, new_id
from shared.domain.instants import stamp
from shared.outbox import Publication


async def report_event(
    services: Services,
    tenant: str,
    customer: str,
    *,
    desk: str,
    event: str,
    about: Mapping[str, object],
    once: str = "",
    by: Actor,
) -> Happened:
    """Tell a fact of a customer, for rules, people and systems; under the same `once` it is one fact.

    Raises NotThere for a customer nobody knows, and for no desk of this business.
    """
    published = await services.versions.published(desk)
    if published is None or published.tenant != tenant:
        raise NotThere(f"there is no desk {desk!r} of this business; publish it first")
    known = await find(services.tenant(tenant), customer)
    if known is None:
        raise NotThere(f"customer {customer} is unknown")
    told = Happened(
        event_id=digest("reported", tenant, desk, known.id, event, by.id, once) if once else new_id(),
        tenant=tenant,
        what=REPORTED,
        at=stamp(services.ports.clock.now()),
        data={**about, "desk": desk, "customer": known.id, "event": event, "by": by.id},
    )
    await outbox.commit(services.ports, services.tenant(tenant), [], [Publication.of(told)])
    return told
