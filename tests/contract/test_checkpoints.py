"""The checkpointer of graph runs on each backend's store, by LangGraph's own published conformance suite."""

import asyncio

from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.conformance import checkpointer_test, validate

from shared.domain.identity import digest
from shared.ports import Put, Query
from shared.runs.checkpoints import NEW_THREAD, StoreSaver
from shared.security.tenancy import TenantStore


async def test_the_published_conformance_suite_passes(ports):
    """Every base ability of a LangGraph checkpointer holds on the Store."""

    @checkpointer_test(name="StoreSaver")
    async def registered():
        yield StoreSaver(TenantStore.of(ports.store, "acme"), ports.clock)

    report = await validate(registered)

    failures = [
        (ability, failure)
        for ability, result in report.results.items()
        for failure in (result.failures or [])
    ]
    assert failures == []
    assert report.passed_all_base()


def _saver(ports):
    return StoreSaver(TenantStore.of(ports.store, "acme"), ports.clock)


async def test_the_input_of_a_run_goes_with_its_first_step(ports):
    """One commit holds both, so that a run that died before it has left nothing half."""
    saver, place = _saver(ports), {"configurable": {"thread_id": "run", "checkpoint_ns": ""}}
    given, first = empty_checkpoint(), empty_checkpoint()

    after = await saver.aput(place, given, {"source": "input", "step": -1}, {})
    await saver.aput(after, first, {"source": "loop", "step": 0}, {})

    kept = [found.checkpoint["id"] async for found in _saver(ports).alist(place)]
    assert sorted(kept) == sorted([given["id"], first["id"]])


async def test_the_input_of_a_run_whose_first_step_takes_long_is_kept_meanwhile(ports):
    """Another process finds it a moment later, whatever becomes of the run."""
    place = {"configurable": {"thread_id": "run", "checkpoint_ns": ""}}
    given = empty_checkpoint()

    await _saver(ports).aput(place, given, {"source": "input", "step": -1}, {})

    for _ in range(100):
        found = await _saver(ports).aget_tuple(place)
        if found:
            break
        await asyncio.sleep(0.02)
    assert found.checkpoint["id"] == given["id"]


async def test_who_wrote_the_input_of_a_run_reads_it_at_once(ports):
    """What is kept back is written before anything of its thread is read."""
    saver, place = _saver(ports), {"configurable": {"thread_id": "run", "checkpoint_ns": ""}}
    given = empty_checkpoint()

    await saver.aput(place, given, {"source": "input", "step": -1}, {})

    found = await saver.aget_tuple(place)
    assert found.checkpoint["id"] == given["id"]
    assert [found.checkpoint["id"]] == [one.checkpoint["id"] async for one in _saver(ports).alist(place)]


async def test_a_thread_that_is_said_to_be_new_is_not_looked_for(ports):
    """A turn begun anew under a name that was used takes nothing up from before."""
    saver, place = _saver(ports), {"configurable": {"thread_id": "run", "checkpoint_ns": ""}}
    await saver.aput(place, empty_checkpoint(), {"source": "loop", "step": 0}, {})

    anew = {"configurable": {**place["configurable"], NEW_THREAD: True}}
    assert await saver.aget_tuple(anew) is None
    assert await saver.aget_tuple(place) is not None


async def test_what_a_task_wrote_is_read_also_as_it_was_kept_before(ports):
    """A run that sleeps since before the last deployment goes on as any other."""
    store, place = (
        TenantStore.of(ports.store, "acme"),
        {"configurable": {"thread_id": "run", "checkpoint_ns": ""}},
    )
    saver = StoreSaver(store, ports.clock)
    after = await saver.aput(place, empty_checkpoint(), {"source": "loop", "step": 0}, {})
    wrote = [("one", {"a": 1}), ("other", "b")]
    await saver.aput_writes(after, wrote, "task")
    assert [("task", *write) for write in wrote] == (await saver.aget_tuple(place)).pending_writes

    (kept,) = (await store.query(f"threads/{digest('thread', 'run')}/writes", Query())).documents
    former = [
        {"idx": at, "channel": channel, "kind": kind, "value": raw}
        for at, (channel, value) in enumerate(wrote)
        for kind, raw in [saver.serde.dumps_typed(value)]
    ]
    await store.commit([Put(kept.path, {**kept.data, "writes": former})])

    assert [("task", *write) for write in wrote] == (await saver.aget_tuple(place)).pending_writes
