"""Begins workflows that nobody asks for: by what a customer says, by a fact, and by the clock at the desk."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from shared.config.conditions import holds
from shared.config.crons import next_time
from shared.config.schema import DeskConfig
from shared.config.versions import Published
from shared.config.workflow_triggers import Schedule, Triggers
from shared.desk.commit import head_path, read_head
from shared.desk.each import Each
from shared.desk.question import Question
from shared.desk.runs.about import called, heed, runs_about, thing_of
from shared.desk.runs.left_behind import take_up
from shared.desk.runs.start import Wanted, start_alone, start_run
from shared.desk.services import Services
from shared.domain.effects import Publish
from shared.domain.events import Happened, RunWanted
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp

LATE = timedelta(minutes=10)
"""How long after its time a run of a schedule is still begun, by a sweep that comes late."""


def begun_by_words(tenant: str, question: Question, facts: Mapping[str, Any]) -> tuple[Publish, ...]:
    """The workflows that what waits in a turn begins, each once a turn, committed with its answer."""
    return tuple(
        _wanted(tenant, question, name, facts)
        for name, workflow in question.config.workflows.items()
        if _said(workflow.on, question.text, facts)
    )


def given_by_words(question: Question, facts: Mapping[str, Any]) -> dict[str, object]:
    """What a workflow is given that a customer's words begin."""
    return {"message": question.text, "intent": facts.get("intent"), "language": question.language}


def _said(on: Triggers, text: str, facts: Mapping[str, Any]) -> bool:
    folded = text.casefold()
    return (
        facts.get("intent") in on.intent
        or any(phrase.casefold() in folded for phrase in on.phrase)
        or (on.message is not None and holds(on.message, facts))
    )


def _wanted(tenant: str, question: Question, name: str, facts: Mapping[str, Any]) -> Publish:
    event = RunWanted(
        event_id=digest("run wanted", tenant, question.turn, name),
        tenant=tenant,
        desk=question.published.desk,
        workflow=name,
        input=given_by_words(question, facts),
        conversation=question.conversation,
        customer=question.head.customer,
        by="what the customer said",
    )
    return Publish(topic=RunWanted.topic(), event=msgspec.to_builtins(event))


async def begin_run(services: Services, event: RunWanted) -> None:
    """Begin what is wanted; told twice, it is one run. Raises NotThere for a workflow that is gone."""
    wanted = Wanted(
        workflow=event.workflow,
        input=dict(event.input),
        conversation=event.conversation,
        customer=event.customer,
        once=event.event_id,
        by=event.by,
    )
    await start_alone(services, event.tenant, event.desk, wanted)


async def begin_by_event(services: Services, event: Happened) -> None:
    """Begin, end and tell the runs that a fact concerns: on the desk of its conversation, else on the one it
    names, else on every desk.
    """
    store = services.tenant(event.tenant)
    head = read_head(await store.get(head_path(event.conversation))) if event.conversation else None
    for published in await services.versions.running(event.tenant):
        if published.desk != (head.desk if head else event.data.get("desk", published.desk)):
            continue
        for name, workflow in published.config.workflows.items():
            thing = thing_of(published.desk, name, workflow.on, event)
            if called(event, workflow.on.event):
                wanted = Wanted(
                    workflow=name,
                    input={"event": {"what": event.what, "at": event.at, **event.data}},
                    conversation=event.conversation or "",
                    customer=head.customer if head else str(event.data.get("customer") or ""),
                    once=event.event_id,
                    by=event.what,
                    about=thing,
                    fact_at=event.at,
                )
                await start_alone(services, event.tenant, published.desk, wanted)
            if thing:
                await heed(services, event.tenant, workflow, await runs_about(store, thing), event)


async def sweep_runs(services: Services) -> int:
    """Begin the runs whose time has come by the clock of their desk, each once, and take up those that
    were left behind; how many of both.

    A workflow that breaks is told once those of all others have begun.
    """
    now, count, each = services.ports.clock.now(), 0, Each()
    with each.one(of="runs left behind"):
        count += await take_up(services)
    for _, desk in await services.versions.desks():
        with each.one(desk=desk):
            published = await services.versions.published(desk)
            if published is None:
                continue
            for name, schedule in _schedules(published.config):
                with each.one(desk=desk, workflow=name):
                    count += await _begin_due(services, published, name, schedule, now)
    each.done()
    return count


async def _begin_due(
    services: Services, published: Published, name: str, schedule: Schedule, now: datetime
) -> int:
    """Begin a run for each time of a schedule within the last ten minutes; how many."""
    count = 0
    for due in await _due(services, published, name, schedule, now):
        given = {**schedule.input, "due": due.isoformat()}
        wanted = Wanted(
            workflow=name,
            input=given,
            once=f"{schedule.cron} {json.dumps(given, sort_keys=True)}",
            by=f"schedule {schedule.cron}",
        )
        await start_run(services, published.tenant, published.desk, wanted)
        count += 1
    return count


def _schedules(config: DeskConfig) -> Iterator[tuple[str, Schedule]]:
    return ((name, one) for name, workflow in config.workflows.items() for one in workflow.on.schedule)


async def _due(
    services: Services, published: Published, name: str, schedule: Schedule, now: datetime
) -> list[datetime]:
    """The times, local at the desk, that came while the schedule stood in what the desk ran."""
    zone, times = published.config.desk.timezone, list[datetime]()
    due = next_time(schedule.cron, now - LATE, zone)
    while due is not None and due <= now:
        new = due < instant(published.published_at)
        ran = await _ran(services, published.desk, due) if new else published.config
        if ran is not None and (name, schedule) in _schedules(ran):
            times.append(due.astimezone(ZoneInfo(zone)))
        due = next_time(schedule.cron, due, zone)
    return times


async def _ran(services: Services, desk: str, at: datetime) -> DeskConfig | None:
    """What a desk ran at an instant not long ago."""
    before = [one for one in await services.versions.history(desk) if "" < one.published_at <= stamp(at)]
    return max(before, key=lambda one: one.published_at).config if before else None
