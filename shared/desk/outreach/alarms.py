"""The alarms of speaking first: when an outreach goes further, and when silence is weighed."""

from datetime import datetime

from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.outreach import Outreach
from shared.outbox import Alarm


def reach_alarm(tenant: str, outreach: Outreach) -> Alarm:
    """The alarm that takes an outreach further."""
    name = digest("reach-out", tenant, outreach.id, outreach.due)
    return Alarm(name, instant(outreach.due), "reach_out", {"tenant": tenant, "outreach": outreach.id})


def weigh_alarm(tenant: str, conversation: str, seq: int, due: datetime) -> Alarm:
    """The alarm that weighs what follows from the silence after a customer's message."""
    name = digest("weigh-silence", tenant, conversation, str(seq), stamp(due))
    payload: dict[str, object] = {"tenant": tenant, "conversation": conversation, "seq": seq}
    return Alarm(name, due, "weigh_silence", payload)
