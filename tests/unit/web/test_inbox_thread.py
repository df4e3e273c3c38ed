"""What the inbox's page puts into words, and what its address says."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import QueryParams

from shared.api.problems import Refused
from shared.console.clock_field import from_field, in_field
from shared.console.inbox import Inbox
from shared.console.reasons import because
from shared.console.saying import places
from shared.console.taking import later
from shared.console.thread import became, did, shown, writers
from shared.console.wanted import STEP, Wanted, wanted
from shared.desk.commit import Change, commit, hint
from shared.desk.timeline import Entry
from shared.domain.conversation import Message
from shared.domain.receipts import Receipt, Step
from shared.domain.transitions import Transition

ZONE = ZoneInfo("Asia/Kolkata")


def message(seq, at, author="customer", **more):
    one = Message(seq=seq, author=author, status="received", at=at, born=seq, **more)
    return Entry(kind="message", rev=seq, at=at, message=one)


def moved(before, after, **more):
    return Transition(rev=1, at="2026-11-20T10:00:00.000000Z", before=before, after=after, **more)


def test_days_begin_where_the_desks_own_day_does():
    """Half past midnight in Mumbai is a new day, though it is not one in UTC."""
    lines = shown(
        [message(1, "2026-11-20T18:00:00.000000Z"), message(2, "2026-11-20T19:00:00.000000Z")], {}, ZONE
    )

    assert [(line.look, line.key) for line in lines] == [
        ("day", "day-2026-11-20"),
        ("customer", "message-1"),
        ("day", "day-2026-11-21"),
        ("customer", "message-2"),
    ]


def test_messages_of_one_author_close_together_carry_the_name_once():
    """A colleague's name stands over the first; five minutes later it stands again."""
    entries = [
        message(1, "2026-11-20T10:00:00.000000Z", "human", by="asha"),
        message(2, "2026-11-20T10:01:00.000000Z", "human", by="asha"),
        message(3, "2026-11-20T10:02:00.000000Z", "human", by="ben"),
        message(4, "2026-11-20T10:09:00.000000Z", "human"),
    ]
    lines = shown(entries, {"asha": "Asha", "ben": "Ben"}, ZONE)[1:]

    assert writers(entries) == ["asha", "ben"]
    assert [(line.name, line.begins) for line in lines] == [
        ("Asha", True),
        ("Asha", False),
        ("Ben", True),
        ("On the business's phone", True),
    ]


@pytest.mark.parametrize(
    ("transition", "words"),
    [
        (moved("finished", "human_active", by="a", name="Asha", why="taken"), "Asha took this"),
        (
            moved("human_active", "human_active", by="m", name="Mira", why="assigned to Ben"),
            "Mira gave this to Ben",
        ),
        (
            moved("finished", "human_active", why="typed on the business's own phone"),
            "Somebody answered on the business's own phone",
        ),
        (moved("handover", "pending_human", why="offered to Asha"), "Offered to Asha"),
        (moved("handover", "pending_human", why="queued"), ""),
        (
            moved("human_active", "pending_human", by="a", name="Asha", why="x"),
            "Asha put this back into the queue",
        ),
        (moved("human_active", "back_to_ai", by="a", name="Asha"), "Asha handed back to the desk"),
        (moved("human_active", "resolved", by="a", name="Asha", why="resolved"), "Asha resolved this"),
        (moved("resolved", "new"), "The customer wrote again"),
        (
            moved("finished", "handover", why="wants_human"),
            "The desk handed over: the customer asked for a person",
        ),
    ],
)
def test_a_change_of_state_says_who_did_what(transition, words):
    """Every change that concerns people reads as a sentence; one that says nothing new is left out."""
    assert became(transition) == words


def test_a_turn_is_told_by_its_tools_and_its_end():
    """What was looked up, each once, and whether it ended with a person."""
    tools = tuple(Step(kind="tool", name=name, ms=1) for name in ("search_knowledge", "search_knowledge"))
    receipt = Receipt(
        turn="t:1",
        conversation="t",
        covers=(1, 1),
        config_version=1,
        outcome="handed_over",
        started_at="",
        ended_at="",
        ms=1,
        steps=tools,
    )

    assert did(receipt) == "search knowledge; asked for a person"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("", "A person was asked for"),
        ("wants_human", "The customer asked for a person"),
        ("sentiment < `0.3` && negative_in_a_row >= `2`", "The customer is unhappy"),
        ("complexity > `0.8`", "The request is hard"),
        ("contains(topics, 'court')", "What the conversation touched, in single words"),
        ("the customer wants a refund", "The customer wants a refund"),
    ],
)
def test_a_condition_is_told_in_words(reason, words):
    """People read why they are needed, not the file's condition."""
    assert because(reason) == words


def test_an_address_is_read_with_care_and_written_short():
    """What nobody knows counts as none; what is as usual is left out."""
    read = wanted(
        QueryParams("view=odd&state=resolved&channel=fax&rows=99999999&entries=x&words=+asha+"), "mine"
    )

    assert read == Wanted(view="mine", state="resolved", words="asha", rows=1000, entries=STEP)
    assert read.query(rows=STEP, state=None) == "?view=mine&words=asha"
    assert (read.filtered, read.filter("a").me) == (1, "a")


def test_what_is_put_off_comes_back_by_the_desks_own_clock():
    """Tomorrow and Monday begin at nine where the desk is."""
    friday = datetime(2026, 11, 20, 20, 0, tzinfo=UTC).astimezone(ZONE)  # there it is Saturday by now

    assert (later("hours", friday) - later("hour", friday)).total_seconds() == 7200
    assert later("tomorrow", friday).isoformat() == "2026-11-22T09:00:00+05:30"
    assert later("week", friday).isoformat() == "2026-11-23T09:00:00+05:30"
    with pytest.raises(Refused, match="until when"):
        later("never", friday)


def test_a_date_in_a_form_is_by_the_businesss_clock():
    """The field shows an instant there and gives the same back, however finely a browser writes it."""
    at = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)

    assert in_field(at, ZONE) == "2026-11-21T02:00"
    assert from_field("2026-11-21T02:00", ZONE) == at == from_field("2026-11-21T02:00:00.000", ZONE)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "day and a time"),
        ("tomorrow", "day and a time"),
        ("2026-11-31T09:00", "day and a time"),
        ("2026-03-29T02:30", "clocks go forward"),  # in Berlin 3:00 follows 1:59
    ],
)
def test_a_date_that_is_none_is_told_so(written, told):
    """What cannot be read, and an hour that a day does not have."""
    with pytest.raises(Refused, match=told):
        from_field(written, ZoneInfo("Europe/Berlin"))


def test_the_places_of_a_template_are_asked_for_once_each():
    """In their order, however often they stand."""
    assert places("Hello {{2}}, {{ 1 }} and {{1}} of {{10}}") == ["1", "2", "10"]


async def test_a_stream_is_woken_by_conversations_of_its_own_business_alone(house):
    """A conversation of another business that has the same id changes and speaks, and nothing is heard."""
    ours, theirs = house.conversation(tenant="olive"), house.conversation(tenant="sunrise")
    visit = SimpleNamespace(
        tenant="olive",
        request=SimpleNamespace(query_params=QueryParams(f"open={ours.id}")),
        may=lambda least: least == "human_agent",
        follow=lambda keys, draw, note: (keys, draw, note),
    )
    keys, _, _ = await Inbox(house).events(visit)
    head, key = await theirs.head(), next(key for key in keys if ours.id in key)
    async with aclosing(house.ports.live.watch(key)) as watch, asyncio.timeout(5):
        heard = asyncio.ensure_future(anext(watch))
        await asyncio.sleep(0)
        await commit(house.ports, theirs.store, theirs.id, lambda _, __: Change(head=head))
        await hint(house.ports, theirs.store, theirs.id, {"event": "partial", "text": "theirs"})
        await hint(house.ports, ours.store, ours.id, {"event": "partial", "text": "ours"})

        assert ours.id == theirs.id
        assert await heard == {"event": "partial", "text": "ours"}
