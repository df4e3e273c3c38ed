"""Thinks about a question by a workflow of the desk: what its run says and whom it asks for is the answer."""

from time import perf_counter

import msgspec

from shared.desk import triggers
from shared.desk.runs.answering import answering_run, begun_before
from shared.desk.runs.triggers import begun_by_words
from shared.desk.showing import hosts_of
from shared.desk.signs import briefed, called_in, facts_now
from shared.desk.thinking_turn import NOTHING_TO_SAY, ThinkingTurn, as_called_in, read_signs
from shared.desk.thought import Thought
from shared.domain.content import Outgoing
from shared.domain.effects import HandOver, Send
from shared.domain.errors import Permanent
from shared.domain.receipts import Step
from shared.domain.runs import Run, awaits_reply
from shared.domain.signals import Signals
from shared.models.guard import check


async def by_workflow(turn: ThinkingTurn) -> Thought:
    """The thought of the run that answers. Raises Permanent where that failed, or people stopped it."""
    desk, question, began = turn.desk, turn.question, perf_counter()
    signals, read = await read_signs(turn)
    before = await begun_before(desk.store, question)
    trigger = turn.called_for(signals)
    if trigger and before is None:
        return as_called_in(turn, trigger, signals, read)
    facts = facts_now(question, signals, (), desk.services.ports.clock.now())
    run, money = await answering_run(desk.services, desk.store, question, facts)
    if run.status not in ("completed", "waiting"):
        why = run.error or "somebody stopped it"
        raise Permanent(f"the workflow {run.workflow} did not answer (run {run.id}, {run.status}): {why}")
    step = Step(
        kind="run",
        name=run.workflow,
        ms=(perf_counter() - began) * 1000,
        money=money,
        detail={"run": run.id, "status": run.status},
    )
    return _thought(turn, run, signals, (read, step))


def _thought(turn: ThinkingTurn, run: Run, signals: Signals, steps: tuple[Step, ...]) -> Thought:
    """What the run came to in this turn."""
    desk, question = turn.desk, turn.question
    said = [_clean(turn, effect.message) for effect in run.answer if isinstance(effect, Send)]
    signals = msgspec.structs.replace(signals, confidence=_sure(run))
    facts = facts_now(question, signals, steps, desk.services.ports.clock.now())
    handover = next((effect for effect in run.answer if isinstance(effect, HandOver)), None)
    if handover is None:
        trigger = triggers.first_that_holds(question.config, facts)
        handover = called_in(trigger, question) if trigger else None
    if not said and handover is None and run.status == "completed":
        said = [Outgoing(text=question.config.agent.off_topic or NOTHING_TO_SAY)]
    first, *rest = said or [Outgoing()]
    return Thought(
        turn=question.turn,
        covers=(question.covers[0], run.upto),
        version=question.published.version,
        began=turn.began,
        customer=question.request.briefing.customer,
        text=first.text,
        language=question.language,
        choices=first.choices,
        effects=(
            *(Send(message=one) for one in rest),
            *begun_by_words(desk.store.tenant, question, facts),
        ),
        steps=steps,
        signals=signals,
        handover=briefed(handover, question) if handover else None,
        answering=run.id if awaits_reply(run) else "",
        acted=True,
    )


def _clean(turn: ThinkingTurn, message: Outgoing) -> Outgoing:
    """What is said, as it may go out; free words, for the customer is there."""
    hosts = hosts_of(turn.desk.services, turn.question.config)
    text = check(message.text, direction="out", hosts=hosts).text
    return msgspec.structs.replace(message, text=text, template=None if text else message.template)


def _sure(run: Run) -> float | None:
    """The least confidence that any of its steps told."""
    told = [output.get("confidence") for output in run.outputs.values() if isinstance(output, dict)]
    return min((float(one) for one in told if isinstance(one, int | float)), default=None)
