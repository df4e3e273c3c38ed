"""A conversation as a person reads it: everything that happened, in commit order, page by page."""

from shared.desk.note import note
from shared.desk.resolve import resolve
from shared.desk.speak import speak
from shared.desk.timeline import changed, timeline
from tests.unit.people.conftest import PRIYA


async def lived(office):
    """A conversation with everything in it."""
    await office.customer_writes("When are you open?")
    await office.desk_answers()
    handover = await office.queued()
    await note(*office.place, text="Regular customer", by=PRIYA)
    await speak(*office.place, text="Hello, Priya here.", client_id="1", by=PRIYA)
    await resolve(*office.place, by=PRIYA, summary="Told the hours.")
    return handover


def told(entries):
    return [
        entry.kind
        if entry.kind == "receipt"
        else entry.message.author
        if entry.message
        else entry.note.text
        if entry.note
        else entry.transition.after
        for entry in entries
    ]


async def test_everything_stands_in_the_order_it_was_committed(office):
    """What a turn did, what it said, which state came of it; notes and people's words between them."""
    await lived(office)

    whole = await timeline(office.store, office.conversation)

    assert told(whole.entries) == [
        "customer",
        "receipt",
        "desk",
        "customer",
        "receipt",
        "desk",
        "handover",
        "pending_human",
        "Regular customer",
        "human",
        "human_active",
        "resolved",
    ]
    assert whole.before is None
    assert ("Priya", "resolved") == (whole.entries[-1].transition.name, whole.entries[-1].transition.why)


async def test_pages_go_back_without_gap_or_repeat(office):
    """However small they are, a commit is never torn."""
    await lived(office)
    whole = await timeline(office.store, office.conversation)

    pages, before = [], None
    while True:
        page = await timeline(office.store, office.conversation, before=before, limit=2)
        pages.insert(0, page.entries)
        before = page.before
        if before is None:
            break

    assert whole.entries == tuple(entry for page in pages for entry in page)
    assert all(len(page) <= 3 for page in pages)


async def test_a_reader_is_told_what_came_since(office):
    """After the revision they saw: new entries, and old messages whose delivery went on."""
    await lived(office)
    seen = (await office.head()).rev
    await office.customer_writes("thanks")

    fresh = await changed(office.store, office.conversation, seen)

    assert told(fresh) == ["customer", "new"]
    assert () == await changed(office.store, office.conversation, (await office.head()).rev)
