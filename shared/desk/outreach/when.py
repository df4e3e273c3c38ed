"""When somebody may be reached: not while a colleague has them, not at night, not too often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.config.hours import Hours
from shared.config.schema import DeskConfig
from shared.desk.outreach.person import Person
from shared.desk.their_clock import reachable_from
from shared.domain.campaigns import campaign_path
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.outreach import Outreach
from shared.domain.states import FROZEN
from shared.ports import Create, Document, Put, Write
from shared.security.tenancy import TenantStore

AWAKE = timedelta(minutes=30)
"""Who wrote this long ago is awake, whatever the hour."""

HELD = timedelta(hours=1)
"""How long it is waited before it is looked again whether a colleague still has the conversation."""

PAUSED = timedelta(minutes=5)
"""How long it is waited before it is looked again whether a campaign goes on."""

_DAYTIME = Hours.model_validate({"daily": "09:00-20:00"})
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Later:
    """It waits until then; `at` is None where the time never comes."""

    at: datetime | None
    why: str


def contacted_path(person: Person) -> str:
    """Where it stands when somebody was last reached unasked."""
    return f"contacted/{person.customer.id if person.customer else digest('contacted', person.number)}"


def later(
    config: DeskConfig, outreach: Outreach, person: Person, contacted: Document | None, now: datetime
) -> Later | None:
    """What an outreach has to wait for; None for nothing."""
    if any(head.state in FROZEN for _, head in person.heads):
        return Later(now + HELD, "a colleague has the conversation")
    rules = config.behavior.outreach
    capped = outreach.kind == "marketing" and not outreach.failed
    if capped and (full := _full(contacted, rules.most_per_day, rules.most_per_week, now)):
        return full
    newest = max((head.last_inbound_at for _, head in person.heads), default="")
    if newest and instant(newest) + AWAKE > now:
        return None
    from_ = reachable_from(rules.hours or _DAYTIME, person.number, config.desk.timezone, now)
    if from_ is None:
        return Later(None, "behavior.outreach.hours has no hour within a year")
    return Later(from_, "it is no hour to write to them") if from_ > now else None


async def campaign_waits(store: TenantStore, outreach: Outreach, now: datetime) -> Later | None:
    """What an outreach of a campaign has to wait for: a campaign that is paused; None for nothing.

    One whose campaign was ended waits for ever.
    """
    if not outreach.campaign:
        return None
    document = await store.get(campaign_path(outreach.campaign))
    state = document.data["state"] if document else "cancelled"
    if state == "cancelled":
        return Later(None, "its campaign was ended")
    return Later(now + PAUSED, "its campaign is paused") if state == "paused" else None


def counted(person: Person, contacted: Document | None, now: datetime) -> Write:
    """The write that counts one more; of two at once, one wins and the other looks again."""
    path, expires = contacted_path(person), now + _KEPT
    data: dict[str, object] = {"shape": 1, "at": [*map(stamp, (*_times(contacted, now), now))]}
    if contacted is None:
        return Create(path, data, expires)
    return Put(path, data, version=contacted.version, expires=expires)


def _times(contacted: Document | None, now: datetime) -> Sequence[datetime]:
    written = contacted.data["at"] if contacted else []
    assert isinstance(written, list)  # noqa: S101 - written here alone
    return [at for at in map(instant, written) if at > now - _WEEK]


def _full(contacted: Document | None, per_day: int, per_week: int, now: datetime) -> Later | None:
    """When there is room again, where there is none."""
    if not (per_day and per_week):
        return Later(None, "behavior.outreach lets nothing unasked through")
    times = _times(contacted, now)
    today = [at for at in times if at > now - _DAY]
    free = [today[-per_day] + _DAY] if len(today) >= per_day else []
    free += [times[-per_week] + _WEEK] if len(times) >= per_week else []
    if not free:
        return None
    return Later(max(free), f"they had {len(today)} of {per_day} a day and {len(times)} of {per_week} a week")
