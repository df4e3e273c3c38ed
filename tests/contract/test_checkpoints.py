"""LangGraph's own contract for checkpointers holds for ours, on whatever backend the store is."""

from uuid import uuid4

import pytest
from langgraph.checkpoint.conformance import checkpointer_test, validate

from shared.runs.checkpoints import StoreSaver
from shared.security.tenancy import TenantStore

NEEDED = {"put", "put_writes", "get_tuple", "list", "delete_thread"}


@pytest.mark.parametrize("capability", sorted(NEEDED))
async def test_checkpoints_keep_langgraphs_contract(ports, capability):
    """Each ability that a durable run needs passes LangGraph's conformance suite, in a tenant of its own."""

    @checkpointer_test(name=f"store-{uuid4().hex}")
    async def savers():
        yield StoreSaver(TenantStore.of(ports.store, f"tenant-{uuid4().hex[:8]}"), ports.clock)

    report = await validate(savers, capabilities={capability})

    result = report.results[capability]
    assert result.detected
    assert [] == result.failures
    assert result.tests_passed > 0
