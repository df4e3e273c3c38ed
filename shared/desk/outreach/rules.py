"""The rules of a desk's file for following up and winning back, each with its name and what it waits for.

A rule is known by its id, else by its condition and action, and never by its place: what it said to somebody
once it does not say again because another was put before it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from shared.config.behavior import FollowUp
from shared.config.conditions import compared_with, holds, names
from shared.config.schema import DeskConfig
from shared.domain.content import ChannelName
from shared.domain.outreach import Kind, Overtaking

ABANDONED = "booking_abandoned"
"""The one event that nobody reports: times were offered, and none was taken."""

QUIET = timedelta(seconds=60)
"""So long after an answer a talk may have come to rest."""

List = Literal["follow_ups", "retargeting"]
LISTS: tuple[List, ...] = ("follow_ups", "retargeting")

_WAYS: dict[str, ChannelName] = {"call": "phone", "mail": "email", "sms": "sms"}
"""The way that an action's name asks for, e.g. send_followup_email, schedule_outbound_call."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a list."""

    name: str  # as people find it in the file
    written: FollowUp

    @property
    def of_events(self) -> bool:
        """Whether it waits for something to happen, and not for silence."""
        return "event" in names(self.written.condition)

    @property
    def hours(self) -> tuple[float, ...]:
        """The hours of silence it asks about."""
        return compared_with(self.written.condition, "silent_hours")

    @property
    def overtaken_by(self) -> tuple[Overtaking, ...]:
        """What makes it needless once it holds."""
        named = names(self.written.condition)
        silence = "silent_hours" in named or "event" not in named or ABANDONED in self.written.condition
        booking = "booked" in named or ABANDONED in self.written.condition
        return (*(("wrote",) if silence else ()), *(("booked",) if booking else ()))

    @property
    def kind(self) -> Kind:
        """As the file says; else what the business reports is service, and all else is not asked for."""
        reported = self.of_events and ABANDONED not in self.written.condition
        return self.written.kind or ("service" if reported else "marketing")

    @property
    def prefers(self) -> ChannelName | None:
        """The way to try first: the channel it names, else the one its action does."""
        if self.written.channel:
            return self.written.channel
        return next((way for word, way in _WAYS.items() if word in self.written.action), None)


def rules_of(config: DeskConfig, which: List) -> tuple[Rule, ...]:
    """The rules of a list, in the file's order; none where it is switched off."""
    block = getattr(config.behavior, which)
    if not block.enabled:
        return ()
    known: Counter[str] = Counter()
    rules: list[Rule] = []
    for written in block.triggers:
        name = written.id or f"{' '.join(written.condition.split())}, {written.action}"
        known[name] += 1
        nth = f" ({known[name]})" if known[name] > 1 else ""
        rules.append(Rule(f"behavior.{which}: {name}{nth}", written))
    return tuple(rules)


def all_rules(config: DeskConfig) -> Iterator[Rule]:
    """The rules of both lists."""
    for which in LISTS:
        yield from rules_of(config, which)


def weighs_silence(config: DeskConfig) -> bool:
    """Whether any rule may follow from a customer's silence."""
    return any(not rule.of_events or ABANDONED in rule.written.condition for rule in all_rules(config))


def holding(rules: tuple[Rule, ...], facts: Mapping[str, Any]) -> list[Rule]:
    """Those that hold, in the file's order."""
    return [rule for rule in rules if holds(rule.written.condition, facts)]
