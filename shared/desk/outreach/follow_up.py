"""Follows up what happened: the rules of a desk's file that wait for an event."""

from shared.config.schema import DeskConfig
from shared.desk.commit import head_path, read_head
from shared.desk.customers import find
from shared.desk.outreach.another_way import another_way
from shared.desk.outreach.planning import plan
from shared.desk.outreach.rules import LISTS, holding, rules_of
from shared.desk.outreach.silence_facts import booked
from shared.desk.outreach.survey import survey
from shared.desk.services import Services
from shared.domain.conversation import Head
from shared.domain.customers import Customer, known
from shared.domain.events import REPORTED, Happened
from shared.domain.instants import instant
from shared.tools.agenda import bookings_of


async def follow_up(services: Services, event: Happened) -> None:
    """Plan what a desk's rules say about a fact of a customer; told twice, it is planned once.

    What the desk said first and did not arrive is said by another way. Raises Transient where the store is
    busy.
    """
    if event.what == "reply.failed":
        await another_way(services, event)
        return
    desk, who = str(event.data.get("desk", "")), str(event.data.get("customer", ""))
    published = await services.versions.published(desk) if desk and who else None
    if published is None or published.tenant != event.tenant:
        return
    config = published.config
    name = str(event.data.get("event", "")) if event.what == REPORTED else event.what.replace(".", "_")
    await survey(services, config, event)
    waiting = {which: [rule for rule in rules_of(config, which) if rule.of_events] for which in LISTS}
    if not any(waiting.values()):
        return
    store = services.tenant(event.tenant)
    customer = await find(store, who)
    if customer is None:
        return
    head = read_head(await store.get(head_path(event.conversation))) if event.conversation else None
    theirs = [one for one, _ in await bookings_of(store, customer.id)]
    facts = _facts(config, customer, head) | {
        "event": name,
        "booked": booked(theirs, services.ports.clock.now()),
        "is_open": config.desk.opening.is_open(services.ports.clock.now()),
    }
    for rules in waiting.values():
        for rule in holding(tuple(rules), facts)[:1]:
            await plan(
                services,
                event.tenant,
                config,
                rule,
                customer=customer,
                occasion=event.event_id,
                since=instant(event.at),
                language=head.language if head else "",
                channel=head.channel if head else "whatsapp",
                event=event.data,
            )


def _facts(config: DeskConfig, customer: Customer, head: Head | None) -> dict[str, object]:
    told: dict[str, object] = {"customer": {"source": customer.source} | known(customer)}
    if head is None:
        return told | {"language": customer.language or config.desk.languages[0]}
    return told | {"channel": head.channel, "state": head.state, "language": head.language}
