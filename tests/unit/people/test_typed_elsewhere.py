"""A colleague who types on the business's own phone takes the conversation over."""

from shared.desk.reports import record_echo
from shared.desk.take import take
from shared.domain.content import Content
from shared.domain.events import EchoReceived
from tests.unit.people.conftest import PRIYA


async def typed(office, words, number=1):
    event = EchoReceived(
        event_id=f"echo-{number}",
        channel=office.channel,
        account=office.account,
        customer="visitor",
        message_id=f"wamid.{number}",
        at="2026-11-20T10:00:00.000000Z",
        content=Content(text=words),
    )
    await record_echo(office.services, event)


async def test_an_echo_of_a_person_takes_over(office):
    """State, epoch, handover and timer change in one commit; nobody in the console has it."""
    office.channel = "whatsapp"
    handover = await office.queued()
    before = await office.head()

    await typed(office, "I am on it.")

    head = await office.head()
    assert (head.state, head.assignee, head.epoch) == ("human_active", "", before.epoch + 1)
    assert head.answered == head.pending
    (kept,) = await office.handovers()
    assert (kept.id, kept.state, kept.assignee) == (handover, "active", "")
    (timer,) = await office.waiting("end_takeover")
    assert timer["tended_at"] == head.tended_at
    assert "typed on the business's own phone" == (await office.documents("transitions"))[-1]["why"]


async def test_an_echo_told_twice_is_recorded_once(office):
    """The second telling changes nothing."""
    office.channel = "whatsapp"
    await office.customer_writes("hello")
    await typed(office, "I am on it.")
    head = await office.head()

    await typed(office, "I am on it.")

    assert head == await office.head()


async def test_who_has_it_in_the_console_keeps_it(office):
    """Somebody else's word on the phone raises the epoch and leaves the conversation where it is."""
    office.channel = "whatsapp"
    await office.queued()
    await take(*office.place, by=PRIYA)
    before = await office.head()

    await typed(office, "I am on it.")

    head = await office.head()
    assert (head.assignee, head.epoch) == ("priya", before.epoch + 1)
    assert (await office.colleague("priya")).holding == (office.conversation,)


async def test_somebody_in_the_console_takes_over_from_the_phone(office):
    """A conversation that is on somebody's own phone can be taken."""
    office.channel = "whatsapp"
    await office.customer_writes("hello")
    await typed(office, "I am on it.")

    assert "priya" == (await take(*office.place, by=PRIYA)).assignee


async def test_a_word_to_somebody_who_never_wrote_begins_nothing(office):
    """The conversation begins when the customer answers."""
    office.channel = "whatsapp"
    await typed(office, "Hello, it is us.")

    assert await office.head() is None
