"""What a supervisor sees of the queues."""

import msgspec

from shared.desk.queues import ANYBODY, figures
from shared.desk.speak import speak
from shared.desk.take import take

SLOW = {"escalation": {"handoff": [{"timeout": 3600, "departments": ["billing"]}]}}


async def test_a_queue_shows_who_waits_how_long_and_who_is_there_for_it(shift):
    """Per skill: how many, the longest wait, what is at risk, colleagues with the skill and their room."""
    await shift.publish(behavior=SLOW, sla={"human_answer_minutes": {"medium": 10}})
    await shift.comes("priya", skills=("Billing",), capacity=1)
    await shift.comes("arun", skills=("sales",))
    await shift.asks()
    shift.visitor = "another"
    await shift.asks()

    await shift.passes(300)

    seen = await figures(shift.store, shift.clock)
    (line,) = seen.lines
    assert ("billing", 2, 1, 0) == (line.skill, line.waiting, line.there, line.room)
    assert 300 <= line.longest < 600
    assert ["offered", "waiting"] == sorted(one.handover.state for one in seen.waiting)
    assert 1 <= line.at_risk <= 2
    assert [("arun", True, 0.0), ("priya", True, 1.0)] == [
        (post.colleague.id, post.there, post.load) for post in seen.posts
    ]


async def test_what_somebody_has_is_no_queue_and_late_ones_come_first(shift):
    """An answered conversation waits no more; a broken promise stands on top."""
    await shift.publish(sla={"human_answer_minutes": {"medium": 2}})
    arun = await shift.comes("arun")
    await shift.asks()
    await take(*shift.place, by=arun)
    await shift.passes(150)
    late = shift.conversation
    shift.visitor = "another"
    await shift.asks()
    await take(*shift.place, by=arun)
    await speak(*shift.place, text="Hello", client_id="1", by=arun)

    seen = await figures(shift.store, shift.clock)

    assert ((), ()) == (seen.lines, seen.waiting)
    first, second = seen.active
    assert (late, True, True) == (first.handover.conversation, first.late, first.at_risk)
    assert (False, 0.0) == (second.late, second.waited)


async def test_what_anybody_may_take_is_a_queue_of_its_own(shift):
    """Without departments there is one line, and everybody who is there counts for it."""
    await shift.publish(behavior={"escalation": {"handoff": [{"timeout": 3600}]}})
    await shift.comes("arun")
    gone = msgspec.structs.replace(await shift.colleague("arun"), id="gone", name="Gone", presence="offline")
    await shift.put("colleagues/gone", gone)
    await shift.asks()

    seen = await figures(shift.store, shift.clock)

    (line,) = seen.lines
    assert (ANYBODY, 1, 1, 4) == (line.skill, line.waiting, line.there, line.room)
    assert ["arun", "gone"] == [post.colleague.id for post in seen.posts]
