"""What people send: once, in their name, cut to the channel, and never beside the desk's own answer."""

import asyncio

import msgspec
import pytest

from shared.desk.deliver import send_reply
from shared.desk.edit import Edit, edit_message
from shared.desk.send_again import send_again
from shared.desk.speak import speak
from shared.desk.take import take
from shared.domain.content import Template
from shared.domain.errors import Contested, NotThere, Permanent
from shared.domain.events import ReplyReady
from tests.unit.people.conftest import ARUN, MEERA, PRIYA


async def test_a_persons_words_are_sent_and_freeze_the_desk(office):
    """Nobody had the conversation: it is the writer's now, the epoch has risen, and a send waits."""
    await office.customer_writes("When are you open?")
    before = await office.head()

    said = await speak(*office.place, text="From nine.", client_id="a", by=PRIYA)

    head = await office.head()
    assert (head.state, head.assignee, head.epoch) == ("human_active", "priya", before.epoch + 1)
    assert (said.author, said.by, said.status, said.content.text) == (
        "human",
        "priya",
        "queued",
        "From nine.",
    )
    assert (head.answered, head.unread, head.first_waiting) == (head.pending, 0, "")
    (ready,) = await office.waiting("send_reply")
    assert ready["seqs"] == [said.seq]


async def test_an_answer_of_the_desk_that_waits_to_be_sent_is_suppressed_by_a_persons_words(office):
    """The sender finds the epoch risen; the person's own message goes."""
    await office.customer_writes("When are you open?")
    await office.desk_answers()
    answer = (await office.messages())[-1]
    said = await speak(*office.place, text="From nine.", client_id="a", by=PRIYA)

    seqs = (answer.seq, said.seq)
    event = ReplyReady(event_id="e", tenant=office.tenant, conversation=office.conversation, seqs=seqs)
    await send_reply(office.services, event)

    assert ["suppressed", "sent"] == [one.status for one in (await office.messages())[-2:]]


async def test_what_nobody_knows_to_have_arrived_is_sent_again_by_a_person_once(office):
    """It goes as a message of theirs; what arrived, or is still on its way, is not sent again."""
    await office.customer_writes("When are you open?")
    await office.desk_answers()
    answer = (await office.messages())[-1]
    with pytest.raises(Permanent, match="only one that may not have arrived"):
        await send_again(*office.place, answer.seq, by=PRIYA)
    await edit_message(
        office.services.ports,
        office.services.tenant(office.tenant),
        office.conversation,
        answer.seq,
        lambda _, message: Edit(message=msgspec.structs.replace(message, status="unconfirmed")),
    )

    first = await send_again(*office.place, answer.seq, by=PRIYA)
    second = await send_again(*office.place, answer.seq, by=PRIYA)

    assert (first.seq, first.author, first.by) == (second.seq, "human", "priya")
    assert answer.content.text == first.content.text
    assert answer.seq + 1 == (await office.head()).last
    with pytest.raises(NotThere, match="message 99"):
        await send_again(*office.place, 99, by=PRIYA)


async def test_the_same_words_sent_twice_go_once(office):
    """A client repeats what it had no answer to, also at the same moment."""
    await office.customer_writes("Hello")
    send = {"text": "Hello!", "client_id": "a", "by": PRIYA}

    said = await asyncio.gather(speak(*office.place, **send), speak(*office.place, **send))
    again = await speak(*office.place, **send)

    assert {again.seq} == {one.seq for one in said}
    assert ["customer", "human"] == [one.author for one in await office.messages()]


async def test_a_colleagues_conversation_is_theirs(office):
    """Others are told who has it; a supervisor may write there without taking it away."""
    await office.queued()
    await take(*office.place, by=PRIYA)

    with pytest.raises(Contested, match="Priya"):
        await speak(*office.place, text="Me too", client_id="a", by=ARUN)
    await speak(*office.place, text="May I?", client_id="b", by=MEERA)

    assert ("priya", "meera") == ((await office.head()).assignee, (await office.messages())[-1].by)


async def test_the_first_answer_is_written_down(office):
    """The handover keeps when a person first answered, and no later answer changes it."""
    await office.queued()
    await speak(*office.place, text="Hello", client_id="a", by=PRIYA)
    (kept,) = await office.handovers()
    office.clock.pass_(60)
    await speak(*office.place, text="Still there?", client_id="b", by=PRIYA)

    assert kept.state == "active"
    assert kept.first_answer_at
    assert [kept.first_answer_at] == [one.first_answer_at for one in await office.handovers()]


async def test_nothing_is_not_sent(office):
    """Words, a file or a template are needed."""
    await office.customer_writes("Hello")

    with pytest.raises(Permanent, match="nothing to send"):
        await speak(*office.place, text="  ", client_id="a", by=PRIYA)


async def test_a_closed_window_takes_templates_alone(office):
    """A day after the customer's last word free text is refused with what to do, and a template goes."""
    office.channel = "whatsapp"
    await office.customer_writes("Hello")
    office.clock.pass_(25 * 3600)

    with pytest.raises(Permanent, match="choose a template"):
        await speak(*office.place, text="Are you there?", client_id="a", by=PRIYA)
    greeting = Template(name="hello", language="en", parameters=("Asha",))
    said = await speak(*office.place, template=greeting, client_id="b", by=PRIYA)

    assert (said.outgoing.template, said.content.text) == (greeting, "Hello Asha, may we write to you?")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (Template(name="unheard", language="en"), "names no template unheard in en"),
        (Template(name="hello", language="en"), "has 1 places to fill in"),
    ],
)
async def test_a_template_is_one_of_the_desks_file_and_whole(office, template, words):
    """What the vendor would refuse is refused before, in words."""
    office.channel = "whatsapp"
    await office.customer_writes("Hello")

    with pytest.raises(Permanent, match=words):
        await speak(*office.place, template=template, client_id="a", by=PRIYA)
