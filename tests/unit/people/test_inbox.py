"""The inbox: which conversations it shows to whom, in which order, and how they are found."""

import asyncio
from datetime import timedelta

import pytest

from shared.desk.inbox import Filter, counts, row, rows
from shared.desk.inbox_hint import inbox_key
from shared.desk.note import note
from shared.desk.record import record_message
from shared.desk.resolve import resolve
from shared.desk.seen import seen
from shared.desk.snooze import snooze
from shared.desk.speak import speak
from shared.desk.take import take
from shared.domain.content import Content
from shared.domain.errors import Contested, Permanent
from shared.domain.events import MessageReceived, Sender
from shared.domain.identity import conversation_id
from tests.unit.people.conftest import ARUN, DESK, MEERA, NUMBER, PRIYA, TENANT


async def writes(office, name, phone, words="hello"):
    """A customer on WhatsApp; their conversation's id."""
    office.clock.pass_(1)
    number = next(office.numbers)
    await record_message(
        office.services,
        MessageReceived(
            event_id=f"event-{number}",
            channel="whatsapp",
            account=NUMBER,
            sender=Sender(id=phone.strip("+"), name=name, phone=phone),
            message_id=f"message-{number}",
            at="",
            content=Content(text=words),
        ),
    )
    return conversation_id(DESK, "whatsapp", NUMBER, phone.strip("+"))


async def shown(office, **wanted):
    page = await rows(office.services, TENANT, Filter(**wanted))
    return [one.conversation for one in page.items]


@pytest.fixture
async def three(office):
    """Asha, Ravi and Zoya wrote, in this order."""
    return [
        await writes(office, "Asha Rao", "+919812345678"),
        await writes(office, "Ravi Kumar", "+919812340000"),
        await writes(office, "Zoya Khan", "+447700900123"),
    ]


async def test_the_newest_comes_first_with_its_words_and_its_customer(office, three):
    """A row has the customer and the newest message; a new one brings its conversation to the top."""
    asha, ravi, zoya = three
    assert [zoya, ravi, asha] == await shown(office)

    await writes(office, "Asha Rao", "+919812345678", "are you there?")

    page = await rows(office.services, TENANT, Filter())
    assert [asha, zoya, ravi] == [one.conversation for one in page.items]
    first = page.items[0]
    assert (first.customer.name, first.newest.content.text, first.head.unread) == (
        "Asha Rao",
        "are you there?",
        2,
    )


async def test_mine_and_unassigned_are_told_apart(office, three):
    """What I have, and what waits for anybody; a resolved conversation is nobody's."""
    asha, ravi, _ = three
    await take(office.services, TENANT, asha, by=PRIYA)
    await take(office.services, TENANT, ravi, by=ARUN)
    await office.queued()

    assert [asha] == await shown(office, view="mine", me="priya")
    assert [office.conversation] == await shown(office, view="unassigned")
    assert "Arun" == (await row(office.services, TENANT, ravi)).assignee
    found = await counts(office.services, TENANT, "priya")
    assert (found.mine, found.unassigned, found.unread_mine, found.unread_unassigned) == (1, 1, 1, 1)
    await resolve(office.services, TENANT, asha, by=PRIYA)
    assert [] == await shown(office, view="mine", me="priya")
    assert [asha] == await shown(office, state="resolved")


async def test_a_number_on_a_tab_is_counted_no_further_than_it_has_room(office, three, monkeypatch):
    """However many there are, counting reads so many of them and no more."""
    monkeypatch.setattr("shared.desk.inbox.MOST_COUNTED", 2)
    for one in three:
        await take(office.services, TENANT, one, by=PRIYA)

    found = await counts(office.services, TENANT, "priya")

    assert (2, 2) == (found.mine, found.unread_mine)


async def test_rows_are_filtered_by_channel_and_desk(office, three):
    """Filters join; what none fits is an empty page."""
    await office.customer_writes("hi")

    assert [office.conversation] == await shown(office, channel="webchat")
    assert 3 == len(await shown(office, channel="whatsapp", desk=DESK))
    assert [] == await shown(office, desk="another")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("asha", [0]),
        ("Ra", [1, 0]),  # Rao and Ravi
        ("rao ash", [0]),
        ("rao kumar", []),
        ("+91 98123 45678", [0]),
        ("0123", [2]),
        ("nobody", []),
    ],
)
async def test_a_customer_is_found_by_the_beginning_of_a_name_or_the_end_of_a_number(
    office, three, words, found
):
    """All the words must be theirs, in any order; digits are found however they are spaced."""
    assert [three[one] for one in found] == await shown(office, words=words)


async def test_pages_follow_each_other_without_gap_or_repeat(office, three):
    """The cursor of one page gives the next."""
    first = await rows(office.services, TENANT, Filter(), limit=2)
    second = await rows(office.services, TENANT, Filter(), cursor=first.cursor, limit=2)

    assert three[::-1] == [one.conversation for one in (*first.items, *second.items)]


async def test_a_snoozed_conversation_is_away_until_its_time_or_the_customers_word(office, three):
    """It is in its own view meanwhile."""
    asha, ravi, zoya = three
    for one in (asha, ravi):
        until = office.clock.now() + timedelta(hours=1)
        await snooze(office.services, TENANT, one, until=until, by=PRIYA)

    assert [zoya] == await shown(office)
    assert {asha, ravi} == set(await shown(office, view="snoozed"))
    await writes(office, "Asha Rao", "+919812345678", "hello?")
    assert [asha, zoya] == await shown(office)
    office.clock.pass_(3601)
    assert [asha, zoya, ravi] == await shown(office)
    assert [] == await shown(office, view="snoozed")


async def test_a_time_that_is_past_is_no_time_to_put_off_to(office, three):
    """Nor one in years; who does not have a conversation does not put it off."""
    now = office.clock.now()
    for until in (now, now + timedelta(days=400)):
        with pytest.raises(Permanent, match="time to come"):
            await snooze(office.services, TENANT, three[0], until=until, by=PRIYA)
    await take(office.services, TENANT, three[0], by=PRIYA)
    with pytest.raises(Contested, match="Priya"):
        await snooze(office.services, TENANT, three[0], until=now + timedelta(hours=1), by=ARUN)
    head = await snooze(office.services, TENANT, three[0], until=now + timedelta(hours=1), by=MEERA)
    assert head.snoozed_until
    assert "" == (await snooze(office.services, TENANT, three[0], until=None, by=PRIYA)).snoozed_until


async def test_what_was_looked_at_is_not_unread(office):
    """Looking, or answering, clears it; what came after the look stays."""
    await office.customer_writes("one")
    await office.customer_writes("two")
    assert 1 == (await seen(*office.place, upto=1, by=PRIYA)).unread
    assert 0 == (await seen(*office.place, upto=2, by=PRIYA)).unread
    await office.customer_writes("three")
    await speak(*office.place, text="Yes?", client_id="1", by=PRIYA)
    head = await office.head()

    assert (head.unread, head.seen) == (0, head.last)
    assert head == await seen(*office.place, upto=99, by=PRIYA)


async def test_a_note_is_written_once_and_moves_no_row(office):
    """Under one client's id once; it is no message, and nobody is told."""
    await office.customer_writes("hello")
    before = await office.head()

    first = await note(*office.place, text=" VIP ", by=PRIYA, client_id="1")
    again = await note(*office.place, text="VIP", by=PRIYA, client_id="1")

    assert first == again
    assert (first.text, first.name, first.by) == ("VIP", "Priya", "priya")
    head = await office.head()
    assert (head.last, head.last_at, head.state) == (before.last, before.last_at, before.state)
    for refused in ("  ", "x" * 10_001):
        with pytest.raises(Permanent, match="note"):
            await note(*office.place, text=refused, by=PRIYA)


async def test_the_inbox_is_woken_by_changes_it_shows(office):
    """A burst of them wakes it at the beginning and once at the end."""
    watching = office.services.ports.live.watch(inbox_key(TENANT))
    waiting = asyncio.ensure_future(anext(watching))
    await asyncio.sleep(0)
    for words in ("one", "two", "three"):
        await office.customer_writes(words)

    assert await waiting is None
    assert await anext(watching) is None
    await watching.aclose()
