"""Keeps one run of a workflow at a time for each conversation, customer or thing: whose place it is."""

from datetime import datetime, timedelta

from shared.config.workflows import Workflow
from shared.domain.identity import digest
from shared.domain.runs import OVER, Run, read_run, run_path
from shared.ports import Create, Put, Write
from shared.security.tenancy import TenantStore

KEPT = timedelta(days=800)
"""How long it is known who has a place: twice the longest that a run waits."""


def place_path(place: str) -> str:
    """Where it stands who has a place."""
    return f"run_places/{digest('place', place)}"


def place_of(workflow: Workflow | None, run: Run) -> str:
    """The place in which a run is the only one under way; empty where there may be others."""
    per = workflow.on.once_per if workflow else None
    one = {"conversation": run.conversation, "customer": run.customer}.get(per or "", "")
    return f"{run.desk}~{run.workflow} {per} {one}" if one else ""


def taken(run: Run, place: str, now: datetime) -> Put:
    """What gives a run a place whoever had it, in the commit that creates it."""
    return Put(place_path(place), {"shape": 1, "run": run.id, "fact_at": run.fact_at}, expires=now + KEPT)


async def taking(store: TenantStore, run: Run, place: str, now: datetime) -> list[Write] | None:
    """What gives a run its place and that of the thing it is about, if nobody is faster; None where another
    is under way in its place, or a newer fact of the thing had a run.
    """
    writes: list[Write] = []
    for own in filter(None, (place, run.about)):
        found, put = await store.get(place_path(own)), taken(run, own, now)
        if found is None:
            writes.append(Create(put.path, put.data, expires=put.expires))
            continue
        if own == place and await _under_way(store, str(found.data["run"])):
            return None
        if own == run.about and str(found.data["fact_at"]) > run.fact_at:
            return None
        writes.append(Put(put.path, put.data, version=found.version, expires=put.expires))
    return writes


async def _under_way(store: TenantStore, run: str) -> bool:
    document = await store.get(run_path(run))
    return document is not None and read_run(document.data).status not in OVER
