"""Has a workflow answer a turn: the run that waits for the customer's reply goes on, or one begins."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from shared.desk.question import Question
from shared.desk.runs.change import RunChange, change
from shared.desk.runs.execute import advanced
from shared.desk.runs.start import Wanted, run_named, start_here
from shared.desk.runs.triggers import given_by_words
from shared.desk.runs.view import find_run
from shared.desk.runs.wake import Held, take
from shared.desk.services import Services
from shared.desk.transcript import readable
from shared.domain.errors import NotThere
from shared.domain.events import RunDue
from shared.domain.instants import stamp
from shared.domain.runs import OVER, Firing, Run, answers, ended_already, firing_id, read_run, run_path
from shared.security.tenancy import TenantStore

LOOKS = 0.25
"""Seconds between two looks at a run that another advances, or that tries a step again soon."""
MOST_SAID = 20
"""Messages of the talk before that a workflow is told."""


async def begun_before(store: TenantStore, question: Question) -> Run | None:
    """The run that a turn which died had answer it; None where there is none."""
    once = run_named(store.tenant, question.published.desk, _workflow(question), question.turn)
    found = await store.get_many([run_path(one) for one in (question.head.answering, once) if one])
    runs = [read_run(document.data) for document in found if document]
    return next((run for run in runs if run.turn == question.turn), None)


async def answering_run(
    services: Services, store: TenantStore, question: Question, facts: Mapping[str, Any]
) -> tuple[Run, float]:
    """The run that answers the turn, once it sleeps or is over, and what it cost meanwhile; it goes on where
    whoever waits is cut short.

    Raises NotThere for a workflow that is gone.
    """
    run = await _going_on(services, store, question)
    if run is None:
        run, ours = await start_here(
            services, store.tenant, question.published.desk, _wanted(question, facts)
        )
        held = Held(run, resumes=False) if ours else await _taken(services, store, run)
    else:
        held = await _taken(services, store, run)
    before = run.money
    if held is not None:
        await advanced(services, store, held)
    while True:
        run = await find_run(store, run.id)
        if await _rests(store, run):
            return run, run.money - before
        await asyncio.sleep(LOOKS)


def _workflow(question: Question) -> str:
    return str(question.config.agent.workflow)


def _wanted(question: Question, facts: Mapping[str, Any]) -> Wanted:
    head = question.head
    before = [
        one for one in question.transcript.messages if one.seq < question.covers[0] and not one.withdrawn
    ]
    said = [{"author": one.author, "text": readable(one.content)} for one in before[-MOST_SAID:]]
    return Wanted(
        workflow=_workflow(question),
        input={**given_by_words(question, facts), "customer_message": question.text},
        context={
            "conversation_id": question.conversation,
            "customer_id": head.customer,
            "channel": head.channel,
            "said": said,
        },
        conversation=question.conversation,
        customer=head.customer,
        once=question.turn,
        by="a message to the desk",
        turn=question.turn,
        upto=question.covers[1],
    )


async def _going_on(services: Services, store: TenantStore, question: Question) -> Run | None:
    """The run that waited for this reply, told of it once; None where none did."""
    if not question.head.answering:
        return None
    choice = question.waiting[-1].content.choice if question.waiting else None
    value = {"text": question.text, "choice": choice, "seq": question.covers[1]}

    def decide(found: Run) -> RunChange | None:
        if found.status in OVER or found.turn == question.turn:
            return None
        now = stamp(services.ports.clock.now())
        fired = [
            Firing(id=firing_id(found, wait), node=wait.node, nth=wait.nth, at=now, value=value)
            for wait in found.waits
            if answers(wait, question.text, choice) and not ended_already(found, wait)
        ]
        if not fired:
            return None
        inbox = (*found.inbox, *fired)
        return RunChange(
            run=msgspec.structs.replace(
                found,
                inbox=inbox,
                replied=(*found.replied, question.covers[1]),
                turn=question.turn,
                upto=question.covers[1],
                answer=(),
            )
        )

    try:
        run = await change(services, store, question.head.answering, decide)
        run = run or await find_run(store, question.head.answering)
    except NotThere:
        return None
    return run if run.turn == question.turn else None


async def _taken(services: Services, store: TenantStore, run: Run) -> Held | None:
    return await take(services, store, RunDue(event_id=run.id, tenant=store.tenant, run=run.id))


async def _rests(store: TenantStore, run: Run) -> bool:
    """Whether nothing more comes of it soon: it is over, or waits for people or for a time."""
    if run.status == "running" or any(wait.kind == "retry" for wait in run.waits):
        return False
    children = [wait.child for wait in run.waits if wait.child]
    return all([await _rests(store, await find_run(store, child)) for child in children])
