"""One step of a run: done, put to sleep, or failed; what it waits for, and what ended its wait."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import msgspec

from shared.config.durations import length
from shared.config.templates import render
from shared.config.workflows import Node
from shared.domain.content import Choice, Outgoing, Template
from shared.domain.effects import Effect, HandOver, Send, StartRun
from shared.domain.errors import Permanent, Transient
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.runs import LONGEST_WAIT, OpenWait, TraceEntry
from shared.models.budget import Meter
from shared.runs.names import filled, known, value
from shared.runs.skills import skills_in
from shared.runs.state import Map, RunState, key_of
from shared.runs.steps import Ask, Done, Given, Steps

MOST_PAUSE = 3600.0
"""Seconds between two tries, at most, unless the other side asks for more."""
LONGEST = 2_000
"""Letters of a question to people, and of why a step failed: both stand in the run's document."""
MOST_UNDECIDED = "24h"
"""How long a tool that needs a person's leave waits for it."""
_SILENCE = {"approve": "silence approves", "reject": "silence refuses", "fail": "silence fails the step"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Armed:
    """A step that sleeps: its wait, as the state keeps it."""

    wait: Map
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A step that is over. With an `error` it failed for good."""

    entry: TraceEntry
    output: Any
    effects: tuple[Effect, ...] = ()
    error: str = ""


async def perform(node: Node, state: RunState, steps: Steps) -> Armed | Settled:
    """Carry a step out, or go on with one whose wait was ended. What may go better later sleeps first."""
    armed, began = state["armed"].get(node.id), perf_counter()
    tries, spent = int((armed or {}).get("tries", 0)), float((armed or {}).get("money", 0.0))
    meter = Meter()
    try:
        async with asyncio.timeout(length(node.timeout).total_seconds() if node.timeout else None):
            if armed and armed["kind"] != "retry" and "grants" not in armed:
                done: Done | Armed = await _woken(node, armed, state["fired"][node.id], steps)
            else:
                granted = _granted(node, armed, state["fired"].get(node.id))
                done = await _begun(node, state, steps, armed, granted=granted, meter=meter)
                if isinstance(done, Done) and done.ask is not None:
                    done = _asks(node, steps, armed, ask=done.ask, granted=granted)
    except TimeoutError:
        error: Permanent | Transient = Transient(f"step {node.id} took longer than {node.timeout}")
        error.money = meter.money
    except (Permanent, Transient) as raised:
        error = raised
    else:
        if isinstance(done, Armed):
            return done
        ms = (perf_counter() - began) * 1000 + _slept(armed, steps.now())
        entry = _entry(node, steps, ms, tries, done, spent=spent)
        return Settled(entry=entry, output=done.output, effects=done.effects)
    spent += error.money
    if isinstance(error, Transient) and tries + 1 < node.retry.attempts:
        return _again(node, armed, steps, tries=tries + 1, error=error, spent=spent)
    ms = (perf_counter() - began) * 1000
    why = str(error)[:LONGEST]
    entry = TraceEntry(
        node=node.id,
        kind=node.kind,
        at=stamp(steps.now()),
        ms=ms,
        success=False,
        attempts=tries + 1,
        money=spent,
        error=why,
        passing=isinstance(error, Transient),
    )
    return Settled(entry=entry, output={"failed": True, "error": why}, error=why)


def _entry(node: Node, steps: Steps, ms: float, tries: int, done: Done, *, spent: float) -> TraceEntry:
    return TraceEntry(
        node=node.id,
        kind=node.kind,
        at=stamp(steps.now()),
        ms=ms,
        attempts=tries + 1,
        money=spent + done.money,
        detail=done.detail,
    )


def _again(
    node: Node, armed: Map | None, steps: Steps, *, tries: int, error: Transient, spent: float
) -> Armed:
    """The step sleeps until it is tried again; what its tries cost so far is kept with it."""
    pause = min(node.retry.backoff_seconds * 2 ** (tries - 1), MOST_PAUSE)
    due = steps.now() + timedelta(seconds=max(pause, error.retry_after or 0))
    wait = _wait(node, armed, steps, OpenWait(node=node.id, kind="retry", nth=0, due=stamp(due)))
    kept = {"grants": armed["grants"]} if armed and "grants" in armed else {}
    return Armed(wait={**wait, **kept, "tries": tries, "money": spent, "why": str(error)})


def _slept(armed: Map | None, now: datetime) -> float:
    """Milliseconds since a step went to sleep that is over now."""
    return (now - instant(armed["at"])).total_seconds() * 1000 if armed and armed["kind"] != "retry" else 0.0


def _wait(node: Node, armed: Map | None, steps: Steps, wait: OpenWait) -> Map:
    nth = int(armed["nth"]) + 1 if armed else 1
    wait = msgspec.structs.replace(
        wait, node=node.id, nth=nth, at=stamp(steps.now()), question=wait.question[:LONGEST]
    )
    return dict(msgspec.to_builtins(wait))


def _granted(node: Node, armed: Map | None, fired: Map | None) -> frozenset[str]:
    """What people allowed a step so far. Raises Permanent where they did not allow what it asked for last."""
    if armed is None or "grants" not in armed:
        return frozenset()
    if armed["kind"] == "approval":
        told = (fired or {}).get("value") or {}
        if not told.get("approved"):
            by = told.get("by") or "nobody in time"
            raise Permanent(f"step {node.id}: {armed['question']} It was decided by {by}: no")
    return frozenset(armed["grants"])


def _asks(node: Node, steps: Steps, armed: Map | None, *, ask: Ask, granted: frozenset[str]) -> Armed:
    """The step sleeps until a person has decided whether it may do what needs their leave each time."""
    due = stamp(steps.now() + length(MOST_UNDECIDED))
    wait = OpenWait(
        node=node.id,
        kind="approval",
        nth=0,
        due=due,
        question=ask.question,
        role="supervisor",
        rule=f"{ask.rule}; silence refuses",
    )
    tried: Map = {name: armed[name] for name in ("tries", "money") if armed and name in armed}
    return Armed(wait={**_wait(node, armed, steps, wait), **tried, "grants": sorted(granted | ask.grants)})


async def _begun(  # noqa: PLR0911 - one return per kind of step reads best
    node: Node, state: RunState, steps: Steps, armed: Map | None, *, granted: frozenset[str], meter: Meter
) -> Done | Armed:
    names, key = {**steps.words, **known(state)}, key_of(state, node.id)
    match node.kind:
        case "set":
            return Done(output={name: value(each, names) for name, each in (node.set or {}).items()})
        case "finish":
            return Done(output=filled(node.finish, names))
        case "send":
            return _said(node, steps, names)
        case "handover":
            return _handed_over(node, names)
        case "wait":
            return Armed(wait=_wait(node, armed, steps, _waited_for(node, steps, names)))
        case "approval":
            return Armed(wait=_wait(node, armed, steps, _asked(node, steps, names)))
        case "run":
            return await _run(node, state, steps, armed, key=key, given=filled(node.arguments, names))
        case "call":
            return await steps.act(node, Given(key=key, purpose=render(str(node.call), names)))
        case _:
            given = Given(
                key=key,
                arguments=filled(node.arguments, names),
                config=filled(node.config, names),
                known=known(state),
                attempt=_tried(node, state, armed),
                granted=granted,
                meter=meter,
            )
            return await steps.act(node, given)


def _tried(node: Node, state: RunState, armed: Map | None) -> int:
    """How often a step was tried in vain: since it was begun, and before it was taken back."""
    before = [
        entry for entry in state["trace"] if entry["node"] == node.id and not entry.get("success", True)
    ]
    tries = int((armed or {}).get("tries", 0))
    return tries + sum(int(entry.get("attempts", 1)) for entry in before)


async def _run(
    node: Node, state: RunState, steps: Steps, armed: Map | None, *, key: str, given: Map
) -> Armed:
    """Another workflow begins, and the step sleeps until that is over."""
    await steps.begins(str(node.run), given, state["context"])
    child = digest("run", key, node.id, str(armed["nth"]) if armed else "")[:26]
    wait = _wait(node, armed, steps, OpenWait(node=node.id, kind="run", nth=0, child=child))
    start = StartRun(workflow=str(node.run), input=given, run=child, parent=state["run"], node=node.id)
    return Armed(wait=wait, effects=(start,))


def _said(node: Node, steps: Steps, names: Mapping[str, Any]) -> Done:
    say = node.send
    assert say is not None  # noqa: S101  the step's kind says so
    if not steps.reaches:
        raise Permanent(
            f"step {node.id} has nobody to say it to; start the run with a conversation or a customer we know"
        )
    text = render(say.text, names).strip() if say.text else ""
    language = str(names.get("language") or "en")
    template = (
        Template(
            name=say.template,
            language=language,
            parameters=tuple(render(each, names) for each in say.parameters),
        )
        if say.template
        else None
    )
    choices = tuple(Choice(id=title, title=title) for title in say.choices)
    message = Outgoing(text=text, choices=choices, template=template)
    ends = stamp(_moment(say.until, names, steps.now())) if say.until else ""
    return Done(output={"text": text}, effects=(Send(message=message, give_up=ends),))


def _handed_over(node: Node, names: Mapping[str, Any]) -> Done:
    to = node.handover
    assert to is not None  # noqa: S101  the step's kind says so
    skills = skills_in(render(to.required_skills, names)) if to.required_skills else ()
    reason = render(to.reason, names).strip()
    effect = HandOver(
        reason=reason,
        type=to.type,
        priority=to.priority,
        reply=render(to.reply, names).strip() if to.reply else "",
        skills=skills,
    )
    return Done(output={"reason": reason, "required_skills": list(skills)}, effects=(effect,))


def _waited_for(node: Node, steps: Steps, names: Mapping[str, Any]) -> OpenWait:
    wait = node.wait
    assert wait is not None  # noqa: S101  the step's kind says so
    now = steps.now()
    ends = stamp(now + length(wait.timeout)) if wait.timeout else ""
    if wait.for_:
        return OpenWait(node=node.id, kind="time", nth=0, due=stamp(now + length(wait.for_)))
    if wait.until:
        due = _moment(wait.until, names, now, before=wait.before)
        if due > now + LONGEST_WAIT:
            most = f"a run sleeps {LONGEST_WAIT.days} days at most"
            raise Permanent(f"{wait.until!r} is {due:%Y-%m-%d}, and {most}; wait for a nearer day")
        return OpenWait(node=node.id, kind="time", nth=0, due=stamp(max(due, now)))
    if wait.webhook:
        return OpenWait(node=node.id, kind="webhook", nth=0, name=wait.webhook, due=ends)
    if wait.reply:
        return OpenWait(
            node=node.id,
            kind="reply",
            nth=0,
            due=ends,
            alone=wait.alone,
            words=wait.words,
            anywhere=bool(wait.words) if wait.anywhere is None else wait.anywhere,
        )
    return OpenWait(node=node.id, kind="signal", nth=0, name=str(wait.signal), due=ends)


def _moment(
    expression: str, names: Mapping[str, Any], now: datetime, *, before: str | None = None
) -> datetime:
    """The instant an expression finds, or that much before; a time without a zone is the desk's own."""
    found = value(expression, names)
    try:
        moment = datetime.fromisoformat(str(found))
        local = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
        return local.astimezone(UTC) - (length(before) if before else timedelta())
    except ValueError as error:
        raise Permanent(f"{expression!r} is {found!r}, no time; write one as 2026-11-30T09:00") from error
    except OverflowError as error:
        raise Permanent(f"{expression!r} is {found!r}, which no calendar holds; correct it") from error


def _asked(node: Node, steps: Steps, names: Mapping[str, Any]) -> OpenWait:
    approval = node.approval
    assert approval is not None  # noqa: S101  the step's kind says so
    return OpenWait(
        node=node.id,
        kind="approval",
        nth=0,
        due=stamp(steps.now() + length(approval.timeout)),
        question=render(approval.question, names).strip(),
        role=approval.role,
        rule=f"step {node.id} of the workflow is an approval; {_SILENCE[approval.on_timeout]}",
    )


async def _woken(node: Node, armed: Map, fired: Map, steps: Steps) -> Done:
    """What a wait came to. Raises Permanent for an approval failed by silence, and a child that failed."""
    timed_out = bool(fired.get("timed_out"))
    found: Any = fired.get("value")
    if node.approval is not None:
        if timed_out and node.approval.on_timeout == "fail":
            raise Permanent(f"nobody decided {armed['question']!r} within {node.approval.timeout}")
        by_silence = {"approved": node.approval.on_timeout == "approve", "by": ""}
        return Done(output={**(by_silence if timed_out else found or {}), "timed_out": timed_out})
    if node.run is not None:
        if found["status"] != "completed":
            raise Permanent(
                f"the run {armed['child']} of {node.run} ended {found['status']}: {found['error']}"
            )
        found = {**found, "outputs": dict(await steps.came_to(armed["child"]))}
    if armed["kind"] == "time":
        return Done(output={"at": fired["at"], "late": armed["due"] <= armed["at"]})
    output = found if isinstance(found, dict) else {"value": found} if found is not None else {}
    return Done(output={**output, "timed_out": timed_out})
