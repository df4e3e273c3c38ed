"""Weighs a customer's silence: which rule of the desk's file follows from it, and when to look again."""

from datetime import timedelta

from shared.desk.commit import head_path, read_head
from shared.desk.customers import find
from shared.desk.outreach.alarms import weigh_alarm
from shared.desk.outreach.planning import plan
from shared.desk.outreach.rules import LISTS, all_rules, holding, rules_of
from shared.desk.outreach.silence_facts import silence_facts
from shared.desk.services import Services
from shared.domain.identity import digest
from shared.domain.instants import instant
from shared.domain.outreach import outreach_id, outreach_path
from shared.domain.states import FROZEN

AFTER = timedelta(seconds=1)
"""An hour of silence is looked at this much later, so that it is surely over."""


async def weigh_silence(services: Services, tenant: str, conversation: str, seq: int) -> None:
    """Plan what follows from the silence after message `seq`, and set the next alarm; where they wrote
    since, or a person has them, nothing follows.

    Raises Transient where the store is busy.
    """
    store, now = services.tenant(tenant), services.ports.clock.now()
    head = read_head(await store.get(head_path(conversation)))
    published = await services.versions.published(head.desk) if head else None
    if head is None or published is None or head.pending != seq or head.answered < seq:
        return
    customer = await find(store, head.customer)
    if head.state in FROZEN or customer is None or not head.last_inbound_at:
        return
    config, since = published.config, instant(head.last_inbound_at)
    occasion = digest("silence", conversation, str(seq))
    facts = await silence_facts(store, config, conversation, head, customer, now)
    for which in LISTS:
        for rule in holding(rules_of(config, which), facts):
            planned = outreach_id(tenant, config.desk.id, customer.id, rule.name, occasion)
            if await store.get(outreach_path(planned)):
                continue  # the first that has not acted yet does
            await plan(
                services,
                tenant,
                config,
                rule,
                customer=customer,
                occasion=occasion,
                since=since,
                language=head.language,
                channel=head.channel,
            )
            break
    looks = {since + timedelta(hours=hours) + AFTER for rule in all_rules(config) for hours in rule.hours}
    if coming := sorted(at for at in looks if at > now):
        alarm = weigh_alarm(tenant, conversation, seq, coming[0])
        await services.ports.timers.set(alarm.name, alarm.due, alarm.handler, alarm.payload)
