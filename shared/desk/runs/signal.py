"""Tells a run something from outside: a signal by its name, a decision, a call of its own address."""

import contextlib
import hmac
import re
from typing import Any

import msgspec

from shared.desk.runs.alarms import due_now
from shared.desk.runs.change import RunChange, change
from shared.desk.runs.hooks import hook_token
from shared.desk.runs.run_list import UNDER_WAY, runs_of
from shared.desk.runs.view import find_run
from shared.desk.services import Services
from shared.domain.colleagues import Actor, at_least
from shared.domain.errors import Contested, NotThere, Permanent, Transient
from shared.domain.identity import digest, new_id
from shared.domain.instants import stamp
from shared.domain.runs import OVER, Firing, OpenWait, Run, ended_already, firing_id, heard_as
from shared.security.access import Denied

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
MOST_EARLY = 100
"""Signals a run keeps that nothing waits for yet."""
MOST_TOLD = 100
"""Runs of a customer, in each state, that a signal is told to at once."""
MOST_HOOKS = 10
"""Calls of one hook that are kept before a step takes them; further ones change nothing."""
MOST_KEPT = 128 * 1024
"""Bytes of all that a run keeps that way, so that its document has room for what ends its own waits."""
LARGEST = 32 * 1024
"""Bytes of what a signal carries."""


async def signal(
    services: Services, tenant: str, run: str, name: str, value: Any = None, *, once: str = ""
) -> Run:
    """The run, with the signal kept for the step that waits for it, now or later; under one `once` once.

    Raises NotThere, and Permanent for a run that is over or takes no more.
    """
    _check(value)
    _check_name(name)
    id_ = digest("signal", run, name, once) if once else new_id()

    def decide(found: Run) -> RunChange | None:
        if id_ in found.heard:
            return None
        _check_open(found)
        if sum(bool(one.name) for one in found.inbox) >= MOST_EARLY or not _has_room(found, value):
            raise Permanent(f"run {run} keeps as many signals that nothing waits for as it can; cancel it")
        at = stamp(services.ports.clock.now())
        firing = Firing(id=id_, node="", nth=0, at=at, value=value, name=name)
        return _heard(tenant, found, firing)

    return await _changed(services, tenant, run, decide)


async def signal_customer(
    services: Services, tenant: str, customer: str, name: str, value: Any = None, *, once: str = ""
) -> list[Run]:
    """Every run under way for a customer, each with the signal, as `signal` tells one; the oldest first.

    Raises Permanent for what is no signal, or for more runs than are told at once.
    """
    store = services.tenant(tenant)
    pages = [await runs_of(store, limit=MOST_TOLD, customer=customer, status=one) for one in UNDER_WAY]
    if any(page.cursor for page in pages):
        raise Permanent(f"customer {customer} has more than {MOST_TOLD} runs under way; tell them one by one")
    found = sorted((run for page in pages for run in page.runs), key=lambda run: run.created_at)
    _check(value)
    _check_name(name)
    told = []
    for run in found:
        with contextlib.suppress(Permanent):  # it is over meanwhile, or keeps as many as it may
            told.append(await signal(services, tenant, run.id, name, value, once=once))
    return told


async def decide_approval(
    services: Services, tenant: str, run: str, step: str, *, approved: bool, note: str = "", by: Actor
) -> Run:
    """The run, with a person's decision. Raises NotThere, Denied, and Contested where one was made before."""
    value = {"approved": approved, "by": by.name or by.id, "note": note}
    _check(value)

    def decide(found: Run) -> RunChange:
        _check_open(found)
        wait = next((one for one in found.waits if one.node == step and one.kind == "approval"), None)
        if wait is None or ended_already(found, wait):
            raise Contested(f"nothing is to be decided at {step!r} of run {run} any more; look at the run")
        if not at_least(by.role, wait.role):
            raise Denied(f"this is for a {wait.role} to decide; ask one")
        return _heard(tenant, found, _ending(services, found, wait, value))

    return await _changed(services, tenant, run, decide)


async def hear_hook(services: Services, address: str, value: Any, *, once: str = "") -> None:
    """Keep what an address of a run was told, for the step that waits for it, now or later.

    Told again under the same `once`, the caller's own id, it changes nothing; without one, in the same words.

    Raises NotThere for any address that opens nothing, and for a run that is over; Transient for one that
    was told so much that it can keep no more.
    """
    unknown = NotThere("there is nothing at this address")
    tenant, run, name, token = [*address.split(".", 3), "", "", "", ""][:4]
    if not (tenant and run and name and token):
        raise unknown
    _check(value)
    id_ = digest("hook", run, name, once or msgspec.json.encode(value, order="deterministic").decode())

    def decide(found: Run) -> RunChange | None:
        right = hook_token(found, name)
        if not found.token or not hmac.compare_digest(right.encode(), token.encode()):
            raise unknown
        _check_open(found)
        if id_ in found.heard:
            return None
        at = stamp(services.ports.clock.now())
        told = heard_as("webhook", name)
        if sum(one.name == told for one in found.inbox) >= MOST_HOOKS:
            return None
        if not _has_room(found, value):
            raise Transient("what it was told before is not taken yet; try it again later", retry_after=60)
        return _heard(tenant, found, Firing(id=id_, node="", nth=0, at=at, value=value, name=told))

    try:
        await change(services, services.tenant(tenant), run, decide)
    except Permanent as error:
        raise unknown from error


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Permanent(f"{name!r} is no name of a signal; write small letters, digits, - and _")


def _check(value: Any) -> None:
    if len(msgspec.json.encode(value)) > LARGEST:
        raise Permanent(f"a signal carries {LARGEST // 1024} KB at most; send a reference instead")


def _has_room(run: Run, value: Any) -> bool:
    kept = [one.value for one in run.inbox if one.name]
    return len(msgspec.json.encode([*kept, value])) <= MOST_KEPT


def _check_open(run: Run) -> None:
    if run.status in OVER:
        raise Permanent(f"run {run.id} is {run.status}; nothing can be told to it any more")


def _ending(services: Services, run: Run, wait: OpenWait, value: Any) -> Firing:
    at = stamp(services.ports.clock.now())
    return Firing(id=firing_id(run, wait), node=wait.node, nth=wait.nth, at=at, value=value)


def _heard(tenant: str, run: Run, firing: Firing) -> RunChange:
    new = msgspec.structs.replace(
        run, inbox=(*run.inbox, firing), heard=(*run.heard[1 - MOST_EARLY :], firing.id)
    )
    return RunChange(run=new, intents=[due_now(tenant, run.id, nth=run.rev + 1)])


async def _changed(services: Services, tenant: str, run: str, decide: Any) -> Run:
    store = services.tenant(tenant)
    return await change(services, store, run, decide) or await find_run(store, run)
