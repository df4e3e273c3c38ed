"""Runs are told things, decided, paused, cancelled, and taken back."""

import msgspec
import pytest

from shared.desk.runs.again import fork, retry
from shared.desk.runs.asks import asks
from shared.desk.runs.control import cancel, pause, resume
from shared.desk.runs.hooks import hook_token
from shared.desk.runs.signal import decide_approval, hear_hook, signal
from shared.domain.colleagues import Actor
from shared.domain.errors import Contested, NotThere, Permanent, Transient
from shared.domain.runs import as_document
from shared.runs.step_writes import StepWrites
from shared.security.access import Denied

WAITS = [
    {"id": "paid", "wait": {"signal": "paid", "timeout": "1d"}},
    {"id": "then", "set": {"amount": "paid.amount", "late": "paid.timed_out"}},
]
AGENT = Actor(id="a1", name="Asha", role="human_agent")


async def test_a_signal_ends_the_wait_for_its_name_once(flow):
    """What it carries is the wait's output; told twice under one id, it is one."""
    await flow.publish(flow=WAITS)
    run = await flow.go()
    await signal(flow.services, "acme", run.id, "other")
    await signal(flow.services, "acme", run.id, "paid", {"amount": 5}, once="s1")
    await signal(flow.services, "acme", run.id, "paid", {"amount": 6}, once="s1")
    over = await flow.advance(run.id)

    assert {"amount": 5, "late": False} == over.outputs["then"]
    with pytest.raises(Permanent, match="completed"):
        await signal(flow.services, "acme", run.id, "paid")


async def test_a_signal_ends_one_wait(flow):
    """The next step that waits for the same name waits for another one."""
    await flow.publish(flow=[{"id": one, "wait": {"signal": "paid", "timeout": "1d"}} for one in ("a", "b")])
    run = await flow.go()
    await signal(flow.services, "acme", run.id, "paid")
    once = await flow.advance(run.id)
    await signal(flow.services, "acme", run.id, "paid")

    assert ["b"] == [one.node for one in once.waits]
    assert "completed" == (await flow.advance(run.id)).status


async def test_a_signal_that_comes_before_its_wait_is_kept(flow):
    """A run hears a signal it comes to wait for only later."""
    await flow.publish(flow=[{"id": "first", "wait": {"for": "1h"}}, *WAITS])
    run = await flow.go()
    await signal(flow.services, "acme", run.id, "paid", {"amount": 5})
    still = await flow.advance(run.id)
    over = await flow.wait_out(run.id)

    assert ("waiting", "completed") == (still.status, over.status)
    assert {"amount": 5, "late": False} == over.outputs["then"]


async def test_signals_that_nothing_waits_for_are_kept_within_bounds(flow):
    """Who tells one too many is told so, by a hook to come again; the run's own timers find room always."""
    await flow.publish(flow=[{"id": "late", "wait": {"webhook": "paid", "timeout": "1d"}}])
    run = await flow.go(input={"all": ["x" * 100] * 3300, "url": "hooks.paid"})
    for _ in range(4):
        await signal(flow.services, "acme", run.id, "other", "x" * 32_000)
    with pytest.raises(Permanent, match="cancel it"):
        await signal(flow.services, "acme", run.id, "other", "x" * 32_000)
    with pytest.raises(Transient, match="later"):
        await hear_hook(flow.services, f"acme.{run.id}.paid.{hook_token(run, 'paid')}", "x" * 32_000)
    document = as_document(await flow.run(run.id))

    assert len(msgspec.json.encode(document)) < 500_000
    assert "completed" == (await flow.wait_out(run.id)).status


async def test_a_wait_that_nothing_ends_goes_on_by_itself(flow):
    """After its timeout the step says so, and the run goes on."""
    await flow.publish(flow=WAITS)
    run = await flow.go()

    assert {"amount": None, "late": True} == (await flow.wait_out(run.id)).outputs["then"]


async def test_that_a_run_asks_is_one_fact_without_its_words(flow):
    """It names run, step and who may decide, the same each time; the question may hold a customer's words."""
    approval = {"question": "Refund {{ input.n }}?", "role": "supervisor", "timeout": "2d"}
    await flow.publish(flow=[{"id": "may", "approval": approval}])
    run = await flow.go(input={"n": 9})
    told, again = (asks("acme", run, run.waits[0], flow.front.clock.now()) for _ in range(2))

    asked = {name: told.data[name] for name in ("run", "step", "role", "due")}
    assert {"run": run.id, "step": "may", "role": "supervisor", "due": run.waits[0].due} == asked
    assert told.event_id == again.event_id
    assert "Refund 9" not in str(told)


async def test_an_approval_is_decided_by_who_may(flow):
    """The first decision counts; who is not of the role is refused."""
    await flow.publish(
        flow=[
            {
                "id": "may",
                "approval": {
                    "question": "Refund {{ input.n }}?",
                    "role": "supervisor",
                    "on_timeout": "reject",
                },
            },
            {"id": "then", "set": {"n": "`1`"}, "condition": "may.approved"},
        ]
    )
    run = await flow.go(input={"n": 9})
    boss = Actor(id="b", name="Bela", role="supervisor")

    assert (True, "Refund 9?") == (run.asking, run.waits[0].question)
    with pytest.raises(Denied):
        await decide_approval(flow.services, "acme", run.id, "may", approved=True, by=AGENT)
    await decide_approval(flow.services, "acme", run.id, "may", approved=True, note="ok", by=boss)
    with pytest.raises(Contested):
        await decide_approval(flow.services, "acme", run.id, "may", approved=False, by=boss)
    over = await flow.advance(run.id)

    assert {"approved": True, "by": "Bela", "note": "ok", "timed_out": False} == over.outputs["may"]
    assert {"n": 1} == over.outputs["then"]

    other = await flow.wait_out((await flow.go(input={"n": 9})).id)
    assert (False, True) == (other.outputs["may"]["approved"], "then" not in other.outputs)


async def test_a_hook_opens_to_its_own_address_alone(flow):
    """A step gives the address away; whoever has it ends the wait, any other address is told nothing."""
    await flow.publish(
        flow=[
            {"id": "ask", "set": {"url": "hooks.lab"}},
            {"id": "lab", "wait": {"webhook": "lab", "timeout": "1d"}},
        ]
    )
    run = await flow.go()
    url = (await flow.outputs(run.id))["ask"]["url"]
    address = url.removeprefix(f"{flow.services.public_url}/api/v1/hooks/")
    token = address.rpartition(".")[2]
    for wrong in (
        "x",
        f"acme.{run.id}.lab.",
        f"acme.{run.id}.lab.guess",
        f"acme.no.lab.{token}",
        f"{address}x",
    ):
        with pytest.raises(NotThere):
            await hear_hook(flow.services, wrong, {})
    with pytest.raises(Permanent, match="no name of a signal"):
        await signal(flow.services, "acme", run.id, "hook:lab", {})
    await hear_hook(flow.services, address, {"result": "ready"})
    over = await flow.advance(run.id)

    assert {"result": "ready", "timed_out": False} == over.outputs["lab"]


async def test_a_hook_that_a_vendor_repeats_counts_once(flow):
    """Told again under one id, or in the same words, it does not end the next wait of that name."""
    waits = [
        {"id": one, "wait": {"webhook": "paid", "timeout": "1d"}} for one in ("first", "second", "third")
    ]
    await flow.publish(flow=waits)
    run = await flow.go()
    address = f"acme.{run.id}.paid.{hook_token(run, 'paid')}"
    for _ in "ab":
        await hear_hook(flow.services, address, {"event": 1})
        once = await flow.advance(run.id)
    for amount in (5, 6):
        await hear_hook(flow.services, address, {"amount": amount}, once="msg_2")
        twice = await flow.advance(run.id)
    await hear_hook(flow.services, address, {"event": 2})
    over = await flow.advance(run.id)

    assert ["second"] == [one.node for one in once.waits]
    assert ["third"] == [one.node for one in twice.waits]
    assert (5, 2) == (over.outputs["second"]["amount"], over.outputs["third"]["event"])


async def test_a_paused_run_begins_nothing_until_it_is_resumed(flow):
    """What ends its wait meanwhile is kept."""
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "1h"}}, {"id": "then", "set": {"n": "`1`"}}])
    run = await flow.go()
    await pause(flow.services, "acme", run.id)
    assert "paused" == (await flow.advance(run.id)).status
    assert "paused" == (await flow.wait_out(run.id)).status
    await resume(flow.services, "acme", run.id)

    assert "completed" == (await flow.advance(run.id)).status


async def test_a_run_that_is_paused_before_its_first_step_begins_where_it_was_to(flow):
    """Taken back to a step and paused at once, it goes on from that step, not from the start."""
    await flow.publish(
        flow=[{"id": "a", "set": {"n": "`1`"}}, {"id": "b", "set": {"n": "length(input.absent)"}}]
    )
    run = await flow.go()
    await retry(flow.services, "acme", run.id)
    await pause(flow.services, "acme", run.id)
    paused = await flow.advance(run.id)
    await resume(flow.services, "acme", run.id)
    over = await flow.advance(run.id)

    assert ("paused", "failed") == (paused.status, over.status)
    assert ["a", "b", "b"] == [entry.node for entry in over.trace]


async def test_a_cancelled_run_undoes_what_it_did_or_leaves_it(flow):
    """Cancelling goes the compensations backwards; stopping does not; sub-runs go along."""
    await flow.front.publish(tools={"create_ticket": {}})
    undo = {"tool": "create_ticket", "arguments": {"subject": "undo", "description": "undo"}}
    await flow.publish(
        flow=[{"id": "a", "set": {"n": "`1`"}, "compensate": undo}, {"id": "sub", "run": "child"}],
        child=[{"id": "sleep", "wait": {"for": "1h"}}],
    )
    run, other = await flow.go(), await flow.go()
    child = await flow.advance(run.waits[0].child)
    await cancel(flow.services, "acme", run.id)
    await cancel(flow.services, "acme", other.id, undo=False)
    gone, left = await flow.advance(run.id), await flow.advance(other.id)
    await flow.hear(child.id)

    assert ("cancelled", ["a", "a"]) == (gone.status, [entry.node for entry in gone.trace])
    assert ("cancelled", ["a"]) == (left.status, [entry.node for entry in left.trace])
    assert "cancelled" == (await flow.advance(child.id)).status
    assert 1 == len(await flow.front.documents("tickets"))
    with pytest.raises(Permanent, match="cancelled already"):
        await cancel(flow.services, "acme", run.id)


async def test_a_failed_run_is_tried_again_from_where_it_failed(flow):
    """The steps before stay as they are, but for those that were undone."""
    await flow.front.publish(tools={"create_ticket": {}})
    subject = {"subject": "{{ input.subject }}", "description": "d"}
    made = {"tool": "create_ticket", "arguments": {"subject": "made", "description": "d"}}
    await flow.publish(
        flow=[
            {"id": "a", "set": {"n": "`1`"}},
            {"id": "b", **made, "compensate": {"tool": "create_ticket", "arguments": made["arguments"]}},
            {"id": "c", "tool": "create_ticket", "arguments": subject},
            {"id": "d", "set": {"n": "`2`"}},
        ]
    )
    run = await flow.go(input={})
    assert ("failed", 2) == (run.status, len(await flow.front.documents("tickets")))

    await retry(flow.services, "acme", run.id)
    still = await flow.advance(run.id)
    assert ("failed", ["a", "b", "c", "b", "c"]) == (
        still.status,
        [entry.node for entry in still.trace if entry.kind != "compensate"],
    )


async def test_a_fork_begins_where_another_run_had_come_to(flow):
    """It has what was done before that step, does the rest anew, and the first run stays as it is."""
    await flow.publish(
        flow=[
            {"id": "a", "set": {"n": "input.n"}},
            {"id": "b", "wait": {"for": "1h"}},
            {"id": "c", "set": {"n": "a.n"}},
        ]
    )
    run = await flow.wait_out((await flow.go(input={"n": 3})).id)
    new = await fork(flow.services, "acme", run.id, "b")
    going = await flow.advance(new.id)
    over = await flow.wait_out(new.id)

    assert ("completed", "waiting", "completed") == (run.status, going.status, over.status)
    assert {"n": 3} == over.outputs["c"]
    with pytest.raises(NotThere, match="no step"):
        await fork(flow.services, "acme", run.id, "x")


async def test_a_run_that_was_taken_back_to_a_step_is_forked_there(flow):
    """Tried again in vain, its thread begins at that step; the fork has what was done before it."""
    await flow.publish(
        flow=[{"id": "a", "set": {"n": "input.n"}}, {"id": "b", "send": {"text": "Nobody hears it"}}]
    )
    run = await flow.go(input={"n": 3})
    await retry(flow.services, "acme", run.id)
    await flow.advance(run.id)
    new = await fork(flow.services, "acme", run.id, "b")
    over = await flow.advance(new.id)

    assert ("failed", {"n": 3}) == (over.status, over.outputs["a"])
    assert ["a", "b", "b", "b"] == [entry.node for entry in over.trace]


async def test_a_run_that_broke_while_it_was_to_pause_goes_on_when_it_is_resumed(flow, monkeypatch):
    """Set aside is set aside, whatever else was asked of it; resuming it is what a person wants."""
    await flow.publish(flow=[{"id": "a", "set": {"n": "`1`"}}])
    run = await flow.start()

    async def dies(self, thread, checkpoint):
        if (await flow.run(run)).failures == 5:
            await pause(flow.services, "acme", run)
        raise RuntimeError("it breaks")

    with monkeypatch.context() as broken:
        broken.setattr(StepWrites, "checkpoint", dies)
        for _ in range(9):
            await flow.advance(run)
            flow.front.clock.move(hours=1)
    assert "parked" == (await flow.run(run)).status

    await resume(flow.services, "acme", run)
    assert "completed" == (await flow.advance(run)).status
