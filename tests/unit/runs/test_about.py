"""A run about a thing is replaced, ended or told by what happens to that thing later."""

import asyncio
from datetime import timedelta

from shared.desk.runs.triggers import begin_by_event
from shared.domain.events import Happened
from shared.domain.instants import stamp
from tests.unit.runs.flow import Flow

PROCESS = {
    "on": {"event": ["booking.made", "booking.moved"], "ends": ["booking.cancelled"], "about": "booking"},
    "nodes": [
        {"id": "come", "wait": {"signal": "came_in", "timeout": "9d"}},
        {"id": "told", "set": {"start": "input.event.start", "desk": "come.place"}},
    ],
}


async def happens(flow: Flow, what: str, *, twice: bool = False, later: float = 60, **data: object) -> None:
    """A fact of the booking B1, some seconds after the last one."""
    flow.front.clock.move(seconds=later)
    at = stamp(flow.front.clock.now())
    whole = {"desk": "front", "customer": "asha", "booking": "B1", **data}
    event = Happened(event_id=f"{what} {at}", tenant="acme", what=what, at=at, data=whole)
    for _ in range(1 + twice):
        await begin_by_event(flow.services, event)


async def standing(flow: Flow) -> list[tuple[str, str]]:
    """How its runs stand, oldest first: status and the start each knows, after they were advanced."""
    found = sorted(await flow.front.documents("runs"), key=lambda one: one["created_at"])
    runs = [await flow.advance(one["id"]) for one in found]
    return [(run.status, run.input["event"]["start"]) for run in runs]


async def test_what_was_moved_has_one_run_for_its_new_time(flow):
    """The fact that begins a run anew takes the place of the one under way, and told twice it is one."""
    await flow.publish(visit=PROCESS)
    await happens(flow, "booking.made", start="Monday", twice=True)
    await happens(flow, "booking.made", start="Tuesday", booking="B2")
    await happens(flow, "booking.moved", start="Friday", twice=True)

    assert [("cancelled", "Monday"), ("waiting", "Tuesday"), ("waiting", "Friday")] == await standing(flow)


async def test_a_fact_that_comes_late_begins_nothing(flow):
    """Facts have no order on their way: an older one does not take the place of a newer."""
    await flow.publish(visit=PROCESS)
    await happens(flow, "booking.moved", start="Friday")
    await happens(flow, "booking.made", start="Monday", later=-30)

    assert [("waiting", "Friday")] == await standing(flow)


async def test_facts_of_a_thing_told_at_once_leave_one_run(flow):
    """Whichever of them comes first, the run of the newest is under way and no other."""
    await flow.publish(visit=PROCESS)
    facts = []
    for nth, start in enumerate(("Monday", "Tuesday", "Friday")):
        at = stamp(flow.front.clock.now() + timedelta(seconds=nth))
        data = {"desk": "front", "customer": "asha", "booking": "B1", "start": start}
        what = "booking.moved" if nth else "booking.made"
        facts.append(Happened(event_id=start, tenant="acme", what=what, at=at, data=data))
    await asyncio.gather(*(begin_by_event(flow.services, fact) for fact in facts))

    under_way = [start for status, start in await standing(flow) if status == "waiting"]
    assert ["Friday"] == under_way


async def test_what_was_cancelled_has_no_run_any_more(flow):
    """The fact that ends it cancels the run of that thing, and no other's."""
    await flow.publish(visit=PROCESS)
    await happens(flow, "booking.made", start="Monday")
    await happens(flow, "booking.made", start="Tuesday", booking="B2")
    await happens(flow, "booking.cancelled", start="Monday", twice=True)

    assert [("cancelled", "Monday"), ("waiting", "Tuesday")] == await standing(flow)


async def test_what_the_business_reports_of_it_is_a_signal(flow):
    """An event the business's own system tells of the thing ends the wait of that name, with what it says."""
    await flow.publish(visit=PROCESS)
    await happens(flow, "booking.made", start="Monday")
    await happens(flow, "customer.event", event="came_in", place="desk 2", twice=True)
    (run,) = await flow.front.documents("runs")
    over = await flow.advance(run["id"])

    assert ("completed", {"start": "Monday", "desk": "desk 2"}) == (over.status, over.outputs["told"])


async def test_what_the_business_reports_begins_a_workflow_by_its_own_name(flow):
    """`customer.order_placed` is the event order_placed, reported of a customer."""
    await flow.publish(order={"on": {"event": ["customer.order_placed"]}, "nodes": PROCESS["nodes"]})
    await happens(flow, "customer.event", event="order_placed", start="now")
    await happens(flow, "customer.event", event="order_paid", start="now")

    assert [("waiting", "now")] == await standing(flow)
