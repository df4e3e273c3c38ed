"""The checkpointer on the embedded store, against LangGraph's published conformance suite."""

from pathlib import Path

from langgraph.checkpoint.conformance import checkpointer_test, validate

from shared.backends.embedded.clock import EmbeddedClock
from shared.backends.embedded.database import Database
from shared.backends.embedded.store import EmbeddedStore
from shared.runs.checkpoints import StoreSaver
from shared.security.tenancy import TenantStore


async def test_the_published_conformance_suite_passes(tmp_path: Path) -> None:
    """Every base ability of a LangGraph checkpointer holds on our Store."""
    clock = EmbeddedClock()
    database = Database(tmp_path / "frontdesk.sqlite")

    @checkpointer_test(name="StoreSaver")
    async def registered():
        yield StoreSaver(TenantStore.of(EmbeddedStore(database, clock), "acme"), clock)

    report = await validate(registered)
    await database.close()

    failures = [
        (ability, failure)
        for ability, result in report.results.items()
        for failure in (result.failures or [])
    ]
    assert [] == failures
    assert report.passed_all_base()
