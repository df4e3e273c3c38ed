"""Once a person has spoken, a turn under way acts no more, and what it wrote is followed by nothing."""

import pytest

from shared.channels.shape import Rejected
from shared.desk import lease
from shared.desk.act import act
from shared.desk.commit import head_path
from shared.desk.outcome import settle
from shared.desk.question import ask
from shared.desk.reports import record_delivery
from shared.desk.take import take
from shared.domain.colleagues import Actor
from shared.domain.content import Template
from shared.domain.errors import Transient
from shared.domain.events import DeliveryReported, Failure
from shared.domain.identity import outbox_key
from shared.domain.instants import stamp
from shared.models.chat_model import ToolCall
from tests.unit.desk.front import Front

PRIYA = Actor(id="priya", name="Priya")
CLOSED = Failure(code="131047", title="Re-engagement message", action="template")
HELLO = Template(name="hello_again", language="en")


async def test_a_person_who_takes_it_between_model_and_tool_stops_the_tool(front: Front) -> None:
    """The model asked for it before; nothing is done, and the ledger names nothing."""
    await front.say("Which slots are free?")
    front.clock.move(seconds=10)
    read = await front.store.get(head_path(front.conversation))
    assert read is not None
    held = await lease.take(front.services, front.store, front.conversation, 1, announces=False, read=read)
    assert held is not None
    question = await ask(
        front.services,
        front.store,
        front.conversation,
        head=held.head,
        published=await front.running(),
        upto=1,
    )
    call = ToolCall(id="c1", name="check_slots", arguments={})
    await take(front.services, "acme", front.conversation, by=PRIYA)

    with pytest.raises(Transient, match="acts no more"):
        await act(front.services, front.store, question, call, 0, may=lambda head: lease.holds(head, held))

    assert [] == await front.documents("effects")


async def test_a_window_refusal_after_a_person_spoke_sends_no_template(front: Front) -> None:
    """The desk's words are suppressed, not parked; nothing of the desk's follows the person's."""
    front.on("whatsapp", "1001")
    reply = await front.ask("When are you open?")
    await take(front.services, "acme", front.conversation, by=PRIYA)

    await settle(
        front.services, front.store, front.conversation, (reply.seq,), Rejected(CLOSED), template=HELLO
    )

    assert ["received", "suppressed"] == [one.status for one in await front.messages()]
    assert () == (await front.head()).parked


async def test_a_late_report_of_the_window_after_a_person_spoke_sends_no_template(front: Front) -> None:
    """What the vendor took and did not deliver has failed, and is said so; no other waits in its place."""
    front.on("whatsapp", "1001")
    reply = await front.ask("When are you open?")
    await take(front.services, "acme", front.conversation, by=PRIYA)

    await record_delivery(
        front.services,
        DeliveryReported(
            event_id="late",
            channel="whatsapp",
            account="1001",
            message_id="wamid.1",
            status="failed",
            at=stamp(front.clock.now()),
            key=outbox_key("acme", front.conversation, reply.seq),
            failure=CLOSED,
        ),
    )

    assert ["received", "failed"] == [one.status for one in await front.messages()]
