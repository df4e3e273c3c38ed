"""The same thing said to many: checked before, in their hours, at a rate, until too much fails."""

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from shared.desk.campaigns import advance
from shared.desk.campaigns.advance import advance_campaign
from shared.desk.campaigns.control import (
    campaigns,
    cancel,
    find_campaign,
    pause,
    resume,
    start,
    targets,
)
from shared.desk.campaigns.draft import draft
from shared.desk.campaigns.export import exported
from shared.desk.campaigns.wanted import Wanted
from shared.desk.commit import as_data
from shared.domain.campaigns import Breaker, Campaign
from shared.domain.colleagues import Actor
from shared.domain.errors import Permanent
from shared.domain.planned_calls import PlannedCall, ended
from shared.ports import Document, Put, Query
from tests.standins.faults import Fault
from tests.standins.graph_api import GraphApi
from tests.unit.outreach.conftest import CHANNELS, Speaking

BY = Actor(id="mira", name="Mira", role="supervisor")
MORNING = timedelta(hours=12)  # from ten to midnight to noon, in Kolkata


def file(rows: int, first: int = 0) -> bytes:
    """A campaign's file of so many numbers."""
    lines = [f"+9198000{number:05d},Monday" for number in range(first, first + rows)]
    return "\n".join(["phone,day", *lines]).encode()


def wanted(**more: Any) -> Wanted:
    """A reminder to those who gave their number on a form."""
    made = {
        "desk": "front",
        "name": "Check-ups",
        "template": "reminder",
        "agreed": "on our form",
        "per_minute": 200,
        "breaker": Breaker(share=0.5, seconds=120, least=20),
    }
    return Wanted(**made | more)


async def drafted(front: Speaking, content: bytes, **more: Any) -> Campaign:
    """A campaign as a draft, at noon."""
    front.clock.at += MORNING
    made, seen = await draft(front.services, "acme", wanted(**more), content, by=BY)
    assert made is not None, seen.mistakes
    return made


async def by_state(front: Speaking, campaign: Campaign) -> Counter[str]:
    """Its targets, counted one by one."""
    page = await targets(front.store, campaign.id, limit=500)
    return Counter(one.state for one in page.items)


async def passes(front: Speaking, *, minutes: float) -> None:
    """Time passes by five seconds, and what is due rings."""
    for _ in range(int(minutes * 12)):
        front.clock.move(seconds=5)
        await front.rings()


async def test_two_hundred_are_written_to_until_the_vendor_fails_and_the_rest_after_it_is_mended(
    front: Speaking, graph: GraphApi
) -> None:
    """The account breaks: the campaign pauses by itself. It is mended and goes on: each is reached, once."""
    made = await drafted(front, file(200))
    await start(front.services, "acme", made.id, by=BY)
    await passes(front, minutes=0.5)
    graph.faults.set(Fault(kind="error", code=190, path="/messages", times=10_000))
    await passes(front, minutes=2)
    stopped = await find_campaign(front.store, made.id)
    accepted = len(graph.accepted)

    assert "paused" == stopped.state
    assert "failed within 120 seconds" in stopped.reason
    assert 0 < accepted < 200
    assert stopped.counts["waiting"] > 0
    await passes(front, minutes=3)
    assert accepted == len(graph.accepted)

    graph.faults.waiting.clear()
    await resume(front.services, "acme", made.id, by=BY)
    await passes(front, minutes=40)
    over = await find_campaign(front.store, made.id)
    said = Counter(item["body"]["to"] for item in graph.accepted)

    assert ("done", {"reached": 200}) == (over.state, {k: n for k, n in over.counts.items() if n})
    assert (200, {1}) == (len(said), set(said.values()))
    assert Counter(reached=200) == await by_state(front, made)
    parameters = {
        value["text"]
        for item in graph.accepted
        for part in item["body"]["template"]["components"]
        for value in part["parameters"]
    }
    assert {"Monday"} == parameters
    assert over.cost > 0
    assert over.cost == pytest.approx(over.expected_cost)


async def test_a_step_that_dies_at_any_point_says_nothing_twice(front: Speaking, graph: GraphApi) -> None:
    """The step is done again from its beginning: its attempts have names, and the counts are right."""
    made = await drafted(front, file(30), per_minute=40)
    await start(front.services, "acme", made.id, by=BY)
    running = await find_campaign(front.store, made.id)
    front.clock.move(seconds=2)
    await advance_campaign(front.services, "acme", made.id, running.step)
    document = await front.store.get(f"campaigns/{made.id}")
    assert document is not None
    page = await front.store.query(f"campaigns/{made.id}/targets", Query(order=("n",), limit=30))

    # As if the process had died after reaching them and before its commit: all is as it was before.
    await front.store.commit([put_back(document, running), *(fresh(one) for one in page.documents)])
    await advance_campaign(front.services, "acme", made.id, running.step)
    await advance_campaign(front.services, "acme", made.id, running.step)
    await passes(front, minutes=5)

    over = await find_campaign(front.store, made.id)
    assert ("done", 30) == (over.state, over.counts["reached"])
    assert {1} == set(Counter(item["body"]["to"] for item in graph.accepted).values())
    assert 30 == len(await front.standing())


async def test_nobody_is_written_to_outside_their_own_hours(front: Speaking, graph: GraphApi) -> None:
    """A campaign of ten to noon reaches Kolkata then, and London when it is ten there."""
    content = b"phone,day\n+919800000001,Monday\n+447911123456,Monday\n"
    made = await drafted(front, content, hours="daily 10:00-13:00")  # 11:50 in Kolkata, 06:20 in London
    await start(front.services, "acme", made.id, by=BY)
    await passes(front, minutes=2)
    assert ["919800000001"] == [item["body"]["to"] for item in graph.accepted]

    await front.passes(hours=3)
    assert 1 == len(graph.accepted)
    await front.passes(hours=2)
    await passes(front, minutes=1)
    assert ["919800000001", "447911123456"] == [item["body"]["to"] for item in graph.accepted]


async def test_the_rate_holds(front: Speaking, graph: GraphApi) -> None:
    """Twelve a minute are twelve a minute, in small portions."""
    made = await drafted(front, file(60), per_minute=12)
    await start(front.services, "acme", made.id, by=BY)
    seen = []
    for _ in range(4):
        await passes(front, minutes=1)
        seen.append(len(graph.accepted))

    assert all(after - before <= 13 for before, after in zip([0, *seen], seen, strict=False)), seen
    assert seen[-1] >= 40


async def test_people_pause_it_go_on_and_end_it(front: Speaking, graph: GraphApi) -> None:
    """Paused it says nothing; it goes on where it was; ended, those who were not reached never are."""
    made = await drafted(front, file(60), per_minute=12)
    await start(front.services, "acme", made.id, by=BY)
    await passes(front, minutes=1)
    await pause(front.services, "acme", made.id, by=BY)
    before = len(graph.accepted)
    await passes(front, minutes=3)
    paused = await find_campaign(front.store, made.id)
    assert (before, "paused", "paused by Mira", 0) == (
        len(graph.accepted),
        paused.state,
        paused.reason,
        paused.counts["trying"],
    )

    await resume(front.services, "acme", made.id, by=BY)
    await passes(front, minutes=1)
    assert len(graph.accepted) > before
    ended = await cancel(front.services, "acme", made.id, by=BY)
    after = len(graph.accepted)
    await passes(front, minutes=3)
    assert (after, "cancelled") == (len(graph.accepted), ended.state)
    with pytest.raises(Permanent, match="only a paused one"):
        await resume(front.services, "acme", made.id, by=BY)
    over = await find_campaign(front.store, made.id)
    assert 60 == sum(over.counts.values())
    assert (0, after) == (over.counts["trying"], over.counts["reached"])


async def test_results_are_exported_and_no_cell_is_a_formula(front: Speaking, graph: GraphApi) -> None:
    """Each row comes back with its outcome; what begins as a formula is text."""
    content = b"phone,day\n+919800000001,=1+1\n+919800000001,Monday\n"
    made = await drafted(front, content)
    await start(front.services, "acme", made.id, by=BY)
    await passes(front, minutes=2)
    text = "".join([part async for part in exported(front.store, made.id)])
    rows = list(csv.DictReader(io.StringIO(text)))

    assert [("+919800000001", "'=1+1", "reached", "1"), ("+919800000001", "Monday", "skipped", "0")] == [
        (row["phone"], row["day"], row["outcome"], row["attempts"]) for row in rows
    ]


async def test_drafted_twice_under_one_key_it_is_one_campaign(front: Speaking) -> None:
    """A form that is sent again makes no second campaign."""
    first, _ = await draft(front.services, "acme", wanted(), file(3), once="k", by=BY)
    again, _ = await draft(front.services, "acme", wanted(), file(3), once="k", by=BY)

    assert first == again
    assert 1 == len((await campaigns(front.store)).items)


def put_back(document: Document, campaign: Campaign) -> Put:
    """The write that makes a campaign what it was."""
    return Put(document.path, as_data(campaign), version=document.version)


def fresh(document: Document) -> Put:
    """The write that makes a target one nothing was said to."""
    data = {**document.data, "state": "waiting", "attempt": 0, "outreach": "", "reason": ""}
    return Put(document.path, data, version=document.version)


async def test_a_campaign_of_calls_plans_a_call_for_each_and_takes_over_what_became_of_them(
    front: Speaking,
) -> None:
    """Who was reached by telephone is reached, who was not has failed, with what the call told."""
    livekit = object()
    front.services = replace(front.services, livekit=lambda: livekit)  # nothing is dialled here
    hours = {"enabled": True, "hours": {"daily": "00:00-24:00"}}
    channels = {**CHANNELS, "phone": {"numbers": ["+912200000103"]}}
    await front.publish(voice={"enabled": True, "mode": "realtime", "outbound": hours}, channels=channels)
    made = await drafted(
        front, file(2), means="calls", template="", text="Good day, {{ event.day }} is your check-up."
    )
    await start(front.services, "acme", made.id, by=BY)
    await passes(front, minutes=1)
    planned = [msgspec.convert(one, PlannedCall) for one in await front.documents("planned_calls")]
    assert {"+919800000000", "+919800000001"} == {one.number for one in planned}
    assert {"Good day, Monday is your check-up."} == {one.opening for one in planned}

    now = front.clock.now()
    done, lost = sorted(planned, key=lambda one: one.number)
    over = [ended(done, "done", now, reason="They come."), ended(lost, "failed", now, reason="busy")]
    await front.store.commit([Put(f"planned_calls/{one.id}", as_data(one)) for one in over])
    await passes(front, minutes=5)
    told = (await targets(front.store, made.id)).items
    assert [("reached", "They come."), ("failed", "busy")] == [(one.state, one.reason) for one in told]
    assert "done" == (await find_campaign(front.store, made.id)).state


@pytest.mark.parametrize("stop", [cancel, pause])
async def test_a_campaign_stopped_while_a_step_says_tells_whom_that_step_reached(
    front: Speaking, graph: GraphApi, monkeypatch: pytest.MonkeyPatch, stop: Any
) -> None:
    """Whoever was written to before it stopped counts as reached, with its cost; the rest was never tried."""
    made = await drafted(front, file(40))
    await start(front.services, "acme", made.id, by=BY)
    whole, said = advance.reach, 0

    async def stopped(*given: Any) -> Any:
        nonlocal said
        said += 1
        made_of_it = await whole(*given)
        if said == 20:
            await stop(front.services, "acme", made.id, by=BY)
        return made_of_it

    monkeypatch.setattr(advance, "reach", stopped)
    await passes(front, minutes=5)
    over = await find_campaign(front.store, made.id)
    rest = {"cancelled": 20} if stop is cancel else {"waiting": 20}

    assert 20 == len(graph.accepted)
    assert {"reached": 20} | rest == {state: n for state, n in over.counts.items() if n}
    assert over.cost > 0


async def test_a_mended_file_under_the_token_of_a_draft_that_was_cut_short_is_a_draft_of_its_own(
    front: Speaking, graph: GraphApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the targets and the campaign: nobody of the first file is written to."""
    front.clock.at += MORNING
    whole = type(front.store).create

    async def dies(store: Any, path: str, *given: Any, **more: Any) -> Any:
        if path.startswith("campaigns/"):
            raise ConnectionError("the power went")
        return await whole(store, path, *given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(type(front.store), "create", dies)
        with pytest.raises(ConnectionError):
            await draft(front.services, "acme", wanted(), file(30), once="form", by=BY)
    made, _ = await draft(front.services, "acme", wanted(), file(10), once="form", by=BY)
    again, _ = await draft(front.services, "acme", wanted(), file(10), once="form", by=BY)
    assert made is not None
    await start(front.services, "acme", made.id, by=BY)
    await passes(front, minutes=3)

    assert made == again
    assert 10 == len(graph.accepted)
    assert {"reached": 10} == {
        state: n for state, n in (await find_campaign(front.store, made.id)).counts.items() if n
    }
