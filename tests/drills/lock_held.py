"""Twenty messages come while another turn holds the conversation: none is dropped, their order is kept."""

import time
from datetime import UTC, datetime, timedelta

import msgspec

from shared.desk.commit import head_path
from shared.desk.transcript import in_order
from shared.domain.conversation import Message
from shared.domain.instants import stamp
from shared.ports import Put
from tests.drills.installation import WEBHOOK, at_rest, installation, wrote
from tests.drills.replay import unanswered
from tests.drills.tally import Tally
from tests.journeys.house import House

MESSAGES = 20
TENANT = "krishna-diagnostics"


async def drill(*, full: bool) -> Tally:
    """Three conversations held for six seconds, or in full fifty for ninety."""
    tally = Tally("lock")
    async with installation() as house:
        for number in range(50 if full else 3):
            await _held(house, f"9197{number:08d}", timedelta(seconds=90 if full else 6))
        found = await at_rest(house, patience=300)
    for path, head in found.conversations.items():
        kept = sorted(found.of(*path, "messages", "*"), key=lambda one: one["seq"])
        read = in_order([msgspec.convert(one, Message) for one in kept])
        came = [message.provider_id for message in read if message.author == "customer"]
        for nth in range(MESSAGES + 1):
            message_id = f"wamid.{head['contact']}.{nth}"
            tally.check(
                came.count(message_id) == 1, f"{message_id} is recorded {came.count(message_id)} times"
            )
            tally.check(came[nth : nth + 1] == [message_id], f"{message_id} is read out of order")
    tally.check(not (left := unanswered(found)), f"messages without exactly one turn: {left}")
    return tally


async def _held(house: House, customer: str, seconds: timedelta) -> None:
    """One answered message, then a lease of somebody else's, then the burst."""
    await house.post_signed(WEBHOOK, wrote(customer, f"wamid.{customer}.0", "When are you open?", at=1))
    found = await at_rest(house)
    ((_, conversation),) = [path for path, head in found.conversations.items() if head["contact"] == customer]
    store = (await house.process.services()).tenant(TENANT)
    head = await store.get(head_path(conversation))
    assert head is not None
    until = stamp(datetime.now(UTC) + seconds)
    held = {**head.data, "lease": "another", "lease_until": until, "state": "ai_processing"}
    await store.commit([Put(head_path(conversation), held, version=head.version)])
    began = int(time.time()) - 2 * MESSAGES
    for nth in range(1, MESSAGES + 1):
        body = wrote(customer, f"wamid.{customer}.{nth}", f"And what does a CBC cost, {nth}?", at=began + nth)
        answer = await house.post_signed(WEBHOOK, body)
        assert answer.status_code == 200
