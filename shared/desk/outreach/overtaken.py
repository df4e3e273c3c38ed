"""Whether what happened meanwhile has made an outreach needless."""

from shared.desk.outreach.person import Person, newest_word
from shared.domain.outreach import Outreach
from shared.domain.runs import read_run, run_path
from shared.security.tenancy import TenantStore
from shared.tools.agenda import booking, bookings_of


async def overtaken(store: TenantStore, outreach: Outreach, person: Person) -> str:
    """What overtook it, in words; empty where nothing did."""
    if "wrote" in outreach.overtaken_by and newest_word(person) > outreach.since:
        return "the customer wrote"
    if "booked" in outreach.overtaken_by and person.customer:
        theirs = await bookings_of(store, person.customer.id)
        if any(one.state == "booked" and one.created_at > outreach.since for one, _ in theirs):
            return "the customer booked"
    if outreach.stands:
        ref, _, end = outreach.stands.partition(" ")
        found = await booking(store, ref)
        if found is None or found.state != "booked" or found.end != end:
            return "the booking was moved or cancelled"
    if outreach.run:
        document = await store.get(run_path(outreach.run))
        run = read_run(document.data) if document else None
        if run and (run.status == "cancelled" or run.asked in ("cancel", "stop")):
            return f"the run of {run.workflow} was cancelled"
    return ""
