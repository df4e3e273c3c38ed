"""Workflows on a desk: published as a test writes them, begun, and advanced whenever a timer is due."""

from dataclasses import dataclass
from typing import Any

from shared.desk.runs.advance import advance_run
from shared.desk.runs.start import Wanted, start_run
from shared.desk.runs.view import find_run, shown
from shared.domain.events import RunDue
from shared.domain.instants import instant
from shared.domain.runs import Run
from tests.unit.desk.front import Front
from tests.unit.runs.told import told


@dataclass
class Flow:
    """One desk's workflows."""

    front: Front

    @property
    def services(self):
        return self.front.services

    async def publish(self, **workflows: Any) -> None:
        """The desk publishes these, and no others; a list is a workflow's nodes."""
        whole = {name: {"nodes": one} if isinstance(one, list) else one for name, one in workflows.items()}
        await self.front.publish(workflows=whole)

    async def start(self, workflow: str = "flow", **wanted: Any) -> str:
        """A run, begun and not yet advanced; its id."""
        return (await start_run(self.services, "acme", "front", Wanted(workflow=workflow, **wanted))).id

    async def advance(self, run: str, **due: Any) -> Run:
        """The run after one telling that it is due."""
        await advance_run(self.services, RunDue(event_id="t", tenant="acme", run=run, **due))
        return await self.run(run)

    async def hear(self, run: str) -> None:
        """The run is told every fact there is for it, as the bus does sooner or later."""
        for fact in await told(self, RunDue):
            if fact.run == run:
                await advance_run(self.services, fact)

    async def go(self, workflow: str = "flow", **wanted: Any) -> Run:
        """A run, begun and advanced."""
        return await self.advance(await self.start(workflow, **wanted))

    async def wait_out(self, run: str) -> Run:
        """Time passes until the run's first wait that ends by itself, which ends."""
        first = min((one for one in (await self.run(run)).waits if one.due), key=lambda one: one.due)
        self.front.clock.at = max(self.front.clock.at, instant(first.due))
        return await self.advance(run, node=first.node, nth=first.nth)

    async def run(self, run: str) -> Run:
        return await find_run(self.front.store, run)

    async def shown(self, run: str) -> dict[str, Any]:
        return await shown(self.services, self.front.store, await self.run(run))

    async def outputs(self, run: str) -> dict[str, Any]:
        return (await self.shown(run))["outputs"]
