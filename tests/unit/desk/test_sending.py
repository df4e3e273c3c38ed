"""What becomes of a reply, in whatever order the vendor's answer, its echo and its reports come."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from shared.channels.meta_errors import failure
from shared.desk.deliver import send_reply
from shared.desk.ready import reply_ready
from shared.desk.reports import record_delivery, record_echo
from shared.domain.content import Content
from shared.domain.conversation import Message
from shared.domain.events import DeliveryReported, EchoReceived
from shared.domain.identity import outbox_key
from shared.domain.instants import stamp
from tests.journeys.house import until
from tests.standins.faults import Fault
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving
from tests.unit.desk.front import Front


@pytest.fixture
async def graph(front: Front) -> AsyncIterator[GraphApi]:
    """Meta's API, to which the desk sends."""
    api = GraphApi(token="t", app_secret="s")
    async with serving(api.app) as url:
        front.services = replace(front.services, addresses={"meta": url, "instagram": url})
        yield api


async def send(front: Front, *seqs: int) -> None:
    await send_reply(front.services, reply_ready(front.store, front.conversation, seqs))


def echo(front: Front, message: Message, provider_id: str, **more: str) -> EchoReceived:
    """The vendor's echo of a message of ours."""
    return EchoReceived(
        event_id=f"echo-{provider_id}",
        channel="instagram",
        account=front.account,
        customer=front.customer,
        message_id=provider_id,
        at=stamp(front.clock.now()),
        content=Content(text=message.content.text),
        **more,
    )


@pytest.mark.parametrize("known", [{"app_id": "app-1"}, {}], ids=["our app's", "of no app"])
async def test_an_echo_that_overtakes_its_own_outcome_is_that_send(
    front: Front, graph: GraphApi, known: dict[str, str]
) -> None:
    """While the vendor still owes its answer the echo comes: one message, sent, and nobody has taken over."""
    front.on("instagram", "2002")
    reply = await front.ask("When are you open?")
    graph.faults.set(Fault(kind="hang", path="/messages", seconds=0.5))
    sending = asyncio.create_task(send(front, reply.seq))
    await until(lambda: bool(graph.accepted))
    provider_id = graph.accepted[0]["id"]

    await record_echo(front.services, echo(front, reply, provider_id, **known))
    early = await front.message(reply.seq)
    await sending

    late = await front.message(reply.seq)
    assert early is not None
    assert late is not None
    assert [("sent", provider_id)] * 2 == [(one.status, one.provider_id) for one in (early, late)]
    assert (2, "finished", 0) == ((head := await front.head()).last, head.state, head.epoch)


def report(front: Front, seq: int, status: str, *, code: int | None = None) -> DeliveryReported:
    """WhatsApp's report on a message of ours."""
    return DeliveryReported(
        event_id=f"status-{seq}-{status}",
        channel="whatsapp",
        account=front.account,
        message_id=f"wamid.{seq}",
        status=status,
        at=stamp(front.clock.now()),
        key=outbox_key("acme", front.conversation, seq),
        failure=failure({"code": code, "title": "Re-engagement message"}) if code else None,
    )


async def test_a_closed_window_that_shows_in_a_report_parks_the_words_and_sends_the_template(
    front: Front, graph: GraphApi
) -> None:
    """131047 after the vendor took it: its key never goes again, so the words wait under another."""
    front.on("whatsapp", "1001")
    reply = await front.ask("When are you open?")
    await send(front, reply.seq)

    for _ in range(2):  # reports come twice
        await record_delivery(front.services, report(front, reply.seq, "failed", code=131047))

    _, failed, waiting, template = await front.messages()
    assert ["failed", "parked", "queued"] == [failed.status, waiting.status, template.status]
    assert (3,) == (await front.head()).parked
    assert reply.content.text == waiting.content.text
    await send(front, template.seq)
    assert "template" == graph.accepted[-1]["body"]["type"]

    await front.say("hello again")
    await send(front, waiting.seq)

    assert reply.content.text == graph.accepted[-1]["body"]["text"]["body"]
    assert () == (await front.head()).parked
    keys = [one["body"]["biz_opaque_callback_data"] for one in graph.accepted]
    assert len(keys) == len(set(keys))


async def test_a_template_that_is_refused_for_the_window_ends_there(front: Front, graph: GraphApi) -> None:
    """A template asks back; refused itself, it is not followed by another."""
    front.on("whatsapp", "1001")
    reply = await front.ask("When are you open?")
    await send(front, reply.seq)
    await record_delivery(front.services, report(front, reply.seq, "failed", code=131047))
    await send(front, 4)

    await record_delivery(front.services, report(front, 4, "failed", code=131047))

    assert ["received", "failed", "parked", "failed"] == [one.status for one in await front.messages()]
