"""The checkpointer of graph runs on each backend's store, by LangGraph's own published conformance suite."""

from langgraph.checkpoint.conformance import checkpointer_test, validate

from shared.runs.checkpoints import StoreSaver
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
