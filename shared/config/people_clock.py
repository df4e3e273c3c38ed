"""When a desk's people are there, and until when they have promised what."""

from datetime import datetime, timedelta

from shared.config.operations import Minutes
from shared.config.schema import DeskConfig
from shared.domain.effects import Priority
from shared.domain.hours import OpeningHours
from shared.domain.instants import stamp


def people_hours(config: DeskConfig) -> OpeningHours:
    """The hours in which people answer: their own where the file gives some, else the desk's."""
    own = config.behavior.escalation.hours
    return own.opening(config.desk.timezone) if own else config.desk.opening


def answer_due(config: DeskConfig, priority: Priority, since: datetime) -> str:
    """Until when a person must have answered what was asked `since`, a stamp; empty = no promise."""
    return _due(config, config.sla.human_answer_minutes, priority, since)


def solution_due(config: DeskConfig, priority: Priority, since: datetime) -> str:
    """Until when a handover or a ticket of `since` must be solved, a stamp; empty = no promise."""
    return _due(config, config.sla.ticket_minutes, priority, since)


def _due(config: DeskConfig, minutes: Minutes, priority: Priority, since: datetime) -> str:
    amount = timedelta(minutes=int(getattr(minutes, priority)))
    if not config.sla.within_hours:
        return stamp(since + amount)
    due = people_hours(config).after_open_time(since, amount)
    return stamp(due) if due else ""
