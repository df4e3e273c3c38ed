"""A colleague who types on the business's own phone takes the conversation over."""

import msgspec
import pytest

from shared.desk.commit import message_path
from shared.desk.early import MOST_TIMES
from shared.desk.reports import record_echo
from shared.desk.take import take
from shared.domain.content import Content
from shared.domain.conversation import Message
from shared.domain.errors import Transient
from shared.domain.events import EchoReceived
from shared.domain.instants import stamp
from shared.ports import Put
from tests.unit.people.conftest import PRIYA


async def typed(office, words, number=1, at=None):
    event = EchoReceived(
        event_id=f"echo-{number}",
        channel=office.channel,
        account=office.account,
        customer="visitor",
        message_id=f"wamid.{number}",
        at=at or stamp(office.clock.now()),
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
    """It is told again a few times, as the customer's may be on its way; then it waits for theirs alone."""
    office.channel = "whatsapp"
    for _ in range(MOST_TIMES):
        with pytest.raises(Transient, match="not recorded yet"):
            await typed(office, "Hello, it is us.")
    await typed(office, "Hello, it is us.")

    assert await office.head() is None


async def test_a_person_who_spoke_before_the_customer_was_recorded_keeps_the_word(office):
    """The conversation begins with people: no turn answers, and the words stand once they are told again."""
    office.channel = "whatsapp"
    said = office.clock.now()
    with pytest.raises(Transient):
        await typed(office, "Here is your report.", at=stamp(said))
    office.clock.pass_(5)

    await office.customer_writes("Thanks, one question")

    begun = await office.head()
    assert ("human_active", "", 1) == (begun.state, begun.assignee, begun.epoch)
    assert [] == await office.waiting("take_turn")
    (again,) = await office.waiting("record_echo")
    assert "Here is your report." == again["content"]["text"]
    await typed(office, "Here is your report.", at=stamp(said))
    await typed(office, "Here is your report.", at=stamp(said))

    theirs, ours = await office.messages()
    assert ("customer", "human") == (theirs.author, ours.author)
    head = await office.head()
    assert (1, 0, 1, "human_active") == (head.pending, head.answered, head.unread, head.state)


@pytest.mark.parametrize("status", ["sending", "uncertain", "unconfirmed"])
async def test_a_photo_from_the_phone_confirms_nothing_of_ours(office, status):
    """It has no words to know it by, as a template has none; a person spoke, and the desk is silent."""
    office.channel = "whatsapp"
    await office.customer_writes("hello")
    at = stamp(office.clock.now())
    template = Message(seq=1, author="desk", status=status, at=at, sending_since=at)
    await office.store.commit([Put(message_path(office.conversation, 1), msgspec.to_builtins(template))])

    await typed(office, "")

    assert "human_active" == (await office.head()).state
