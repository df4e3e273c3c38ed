"""What runs did is undone once, and what is tried again is the same act or another, as it has to be."""

from shared.desk.runs.again import retry
from shared.desk.runs.control import cancel, resume
from shared.desk.runs.signal import signal
from tests.unit.runs.till import asked, at_till

CHARGES = [
    at_till("a", "charge a", compensate=asked("refund a")),
    at_till("b", "charge b", compensate=asked("refund b")),
    {"id": "nap", "wait": {"for": "1d"}},
]
"""Two charges that can be paid back, and a sleep in which the run is stopped."""


async def test_what_was_undone_once_is_not_undone_again(flow, till):
    """Tried again from an earlier step, and cancelled before it is done anew, it leaves nothing to undo."""
    till.refuses = {"ship"}
    await flow.publish(
        flow=[
            {"id": "check", "set": {"n": "`1`"}},
            {"id": "ready", "wait": {"signal": "ready", "timeout": "1d"}},
            at_till("charge", "charge", compensate=asked("refund")),
            at_till("ship", "ship"),
        ]
    )
    run = await flow.go()
    await signal(flow.services, "acme", run.id, "ready")
    assert ("failed", 1, 1) == ((await flow.advance(run.id)).status, till.did("charge"), till.did("refund"))

    await retry(flow.services, "acme", run.id, "check")
    assert "waiting" == (await flow.advance(run.id)).status
    await cancel(flow.services, "acme", run.id)
    over = await flow.advance(run.id)

    assert ("cancelled", 1, 1) == (over.status, till.did("charge"), till.did("refund"))
    assert 1 == sum(entry.kind == "compensate" for entry in over.trace)


async def test_what_is_done_anew_is_undone_anew_each_step_once(flow, till):
    """A step whose undoing was refused stands, so it is neither done nor undone a second time."""
    till.refuses = {"ship", "refund a"}
    await flow.publish(
        flow=[
            at_till("a", "charge a", compensate=asked("refund a")),
            at_till("b", "charge b", compensate=asked("refund b")),
            at_till("ship", "ship"),
        ]
    )
    run = await flow.go()
    till.refuses = {"ship"}
    await retry(flow.services, "acme", run.id, "ship")
    over = await flow.advance(run.id)

    assert "failed" == over.status
    assert [1, 1] == [len(till.names("charge a")), len(till.names("refund a"))]
    assert [2, 2] == [len(till.names("charge b")), len(till.names("refund b"))]


async def test_a_compensation_out_of_reach_sets_its_run_aside_and_is_asked_again_when_resumed(flow, till):
    """What was undone before stays undone; each try has the same name, so it is paid back once."""
    till.silent = {"refund a": 1000}
    await flow.publish(flow=CHARGES)
    run = await flow.go()
    await cancel(flow.services, "acme", run.id)
    for _ in range(9):
        flow.front.clock.move(minutes=10)
        run = await flow.advance(run.id)
    assert ("parked", True) == (run.status, "step a" in run.error and "did not answer" in run.error)

    till.silent = {}
    await resume(flow.services, "acme", run.id)
    over = await flow.advance(run.id)
    assert ("cancelled", 1, 1) == (over.status, till.did("refund b"), len(till.names("refund a")))
    assert ["b", "a"] == [entry.node for entry in over.trace if entry.kind == "compensate"]


async def test_a_run_whose_undoing_does_not_end_can_be_stopped(flow, till):
    """Stopping takes the place of cancelling, also for a run that was set aside; what is undone is told."""
    till.silent = {"refund a": 1000}
    await flow.publish(flow=CHARGES)
    runs = [await flow.go(), await flow.go()]
    for run, tries in zip(runs, (1, 9), strict=True):
        await cancel(flow.services, "acme", run.id)
        for _ in range(tries):
            flow.front.clock.move(minutes=10)
            await flow.advance(run.id)
    assert ["running", "parked"] == [(await flow.run(run.id)).status for run in runs]

    for run in runs:
        await cancel(flow.services, "acme", run.id, undo=False)
        over = await flow.advance(run.id)
        assert ("cancelled", ["b"]) == (
            over.status,
            [entry.node for entry in over.trace if entry.kind == "compensate"],
        )


async def test_what_may_have_acted_is_tried_again_under_its_own_name(flow, till):
    """Nobody knows whether a step without an answer acted: tried again, by whomever, it is the same act."""
    till.silent = {"charge": 4}
    await flow.publish(flow=[at_till("a", "charge")])
    run = await flow.go()
    while run.status == "waiting":
        run = await flow.wait_out(run.id)
    assert ("failed", 3) == (run.status, till.did("charge"))

    await retry(flow.services, "acme", run.id)
    await flow.advance(run.id)
    over = await flow.wait_out(run.id)
    assert ("completed", 5, 1) == (over.status, till.did("charge"), len(till.names("charge")))


async def test_what_was_refused_is_asked_for_anew_when_tried_again(flow, till):
    """A refusal is an answer: the step asks under another name, or it would hear the same again."""
    till.refuses = {"charge"}
    await flow.publish(flow=[at_till("a", "charge")])
    run = await flow.go()
    till.refuses = set()
    await retry(flow.services, "acme", run.id)

    assert ("completed", 2) == ((await flow.advance(run.id)).status, len(till.names("charge")))
