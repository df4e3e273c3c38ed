"""A run that people paused, or that broke and was set aside, does not keep the customer's words for ever."""

import pytest

from shared.desk.runs.control import pause, resume
from shared.desk.runs.signal import signal
from shared.desk.sweep import sweep_daily
from shared.domain.instants import stamp
from shared.domain.runs import Run, run_path
from tests.unit.runs.flow import Flow

NODES = [
    {"id": "a", "set": {"said": "input.message"}},
    {"id": "nap", "wait": {"reply": True, "timeout": "300d"}},
]
SAID = {"message": "my diagnosis"}


@pytest.fixture
async def flow(flow: Flow) -> Flow:
    """The desk keeps messages for 30 days, and what they cost for 60."""
    await flow.front.publish(privacy={"retention_days": 30, "receipts_retention_days": 60})
    await flow.front.ask("hello")
    return flow


async def paused(flow: Flow) -> Run:
    await flow.publish(flow=NODES)
    run = await flow.go(input=SAID, conversation=flow.front.conversation)
    await pause(flow.services, "acme", run.id)
    return await flow.advance(run.id)


async def kept(flow: Flow) -> list[str]:
    """What the store holds of runs and their steps."""
    sql = "SELECT data FROM documents WHERE grp IN ('runs', 'checkpoints', 'writes') AND expires IS NULL"
    sql += " OR grp IN ('runs', 'checkpoints', 'writes') AND expires > ?"
    database, now = flow.services.ports.store._database, stamp(flow.front.clock.now())
    rows = await database.read(lambda connection: connection.execute(sql, (now,)).fetchall())
    return [str(data) for (data,) in rows]


async def test_a_paused_run_ends_when_nobody_resumes_it(flow):
    """After the desk's days for messages, counted from its last change, it ends and its words go at once."""
    run = await paused(flow)
    due = run.still_until
    flow.front.clock.move(days=29)
    await sweep_daily(flow.services)
    still = await flow.run(run.id)
    assert len(await kept(flow)) > 1
    assert (("paused", SAID), (await flow.shown(run.id))["kept_until"]) == ((still.status, still.input), due)

    flow.front.clock.move(days=1, seconds=1)
    await sweep_daily(flow.services)
    gone = await flow.run(run.id)

    assert ("cancelled", {}, (), ()) == (gone.status, gone.input, gone.waits, gone.inbox)
    assert "30 days" in gone.error
    (skeleton,) = await kept(flow)
    assert "diagnosis" not in skeleton
    assert () == (await flow.front.head()).awaiting
    assert None is (await flow.shown(run.id))["kept_until"]
    flow.front.clock.move(days=60)
    assert None is await flow.front.store.get(run_path(run.id))


async def test_what_it_is_told_meanwhile_counts_as_a_change(flow):
    """A run that somebody still speaks to has its time anew; one that goes on has no end of that kind."""
    run = await paused(flow)
    flow.front.clock.move(days=20)
    await signal(flow.services, "acme", run.id, "paid")
    told = await flow.run(run.id)
    flow.front.clock.move(days=20)
    await sweep_daily(flow.services)
    assert run.still_until < told.still_until
    assert "paused" == (await flow.run(run.id)).status

    await resume(flow.services, "acme", run.id)
    going = await flow.advance(run.id)
    flow.front.clock.move(days=100)
    await sweep_daily(flow.services)
    assert ("waiting", "") == (going.status, going.still_until)
    assert "waiting" == (await flow.run(run.id)).status


async def test_a_run_that_was_set_aside_ends_though_nothing_can_advance_it(flow, monkeypatch):
    """Its workflow cannot be read any more: it ends all the same, undoing nothing."""
    await flow.publish(flow=NODES)
    run = await flow.start(input=SAID)

    async def gone(*_):
        raise RuntimeError("it breaks")

    monkeypatch.setattr("shared.desk.runs.advance._reached", gone)
    for _ in range(9):
        await flow.advance(run)
        flow.front.clock.move(hours=1)
    aside = await flow.run(run)
    flow.front.clock.move(days=31)
    await sweep_daily(flow.services)
    over = await flow.run(run)

    assert ("parked", SAID) == (aside.status, aside.input)
    assert ("cancelled", {}) == (over.status, over.input)


async def test_what_waited_for_it_goes_on_and_what_it_waited_for_ends(flow):
    """Its parent is told that it is over; its own sub-run is stopped."""
    chain = {
        "flow": [{"id": "sub", "run": "middle", "critical": False}],
        "middle": [{"id": "sub", "run": "last"}],
        "last": NODES,
    }
    await flow.publish(**chain)
    run = await flow.go(input=SAID)
    middle = await flow.advance(run.waits[0].child)
    last = await flow.advance(middle.waits[0].child)
    await pause(flow.services, "acme", middle.id)
    await flow.advance(middle.id)
    flow.front.clock.move(days=31)
    await sweep_daily(flow.services)
    await flow.hear(run.id)
    await flow.hear(last.id)

    assert ["completed", "cancelled", "cancelled"] == [
        (await flow.run(one)).status for one in (run.id, middle.id, last.id)
    ]
