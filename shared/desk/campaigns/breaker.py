"""Stops a campaign in which too much fails: a broken account would burn through everybody's patience."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.domain.campaigns import Breaker, Outcome
from shared.domain.instants import stamp

_MOST = 500
"""Outcomes that are counted, the newest."""


def counted(
    before: Sequence[Outcome], fresh: Sequence[Outcome], rule: Breaker, now: datetime
) -> tuple[Outcome, ...]:
    """The outcomes within the breaker's window."""
    since = stamp(now - timedelta(seconds=rule.seconds))
    return tuple(one for one in (*before, *fresh) if one.at >= since)[-_MOST:]


def tripped(outcomes: Sequence[Outcome], rule: Breaker) -> str:
    """Why the campaign is to pause; empty where it may go on."""
    failed = sum(one.failed for one in outcomes)
    if len(outcomes) < rule.least or failed / len(outcomes) < rule.share:
        return ""
    return f"{failed} of {len(outcomes)} failed within {rule.seconds} seconds"
