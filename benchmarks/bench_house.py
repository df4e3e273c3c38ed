"""The product in this process, entered by its own bootstrap: only model and channel are stand-ins."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from benchmarks.instant_model import InstantModel, LookUp
from shared import bootstrap
from shared.channels import whatsapp
from shared.channels.shape import Account, Dispatch, Outcome, Sent
from shared.config.publish import publish_folder
from shared.config.settings import read_settings
from shared.desk.commit import as_data, head_path, message_path, read_head
from shared.desk.services import Services
from shared.desk.transcript import summary_path
from shared.domain.content import Content
from shared.domain.conversation import Message
from shared.domain.events import MessageReceived, Sender
from shared.domain.identity import conversation_id
from shared.domain.instants import stamp
from shared.local_server import Handle, app_of, working
from shared.models.breaker import Breaker
from shared.models.catalogue import read_catalogue
from shared.models.router import Router
from shared.ports import Put
from tests.standins.serving import serving

ACCOUNT = "100000000000900"
DESK = """
version: "1.0"
tenant: {{id: bench, name: Bench}}
desk: {{id: bench, name: Bench, languages: [en], timezone: UTC, use_case: customer_support}}
agent: {{name: Ben, objectives: [Tell customers where their orders are.]}}
tools: {tools}
channels:
  whatsapp: {{provider: meta, phone_number_id: "100000000000900", phone_number: "+912200000900"}}
  sms: {{provider: twilio, phone_number: "+15550000900"}}
behavior:
  debounce_seconds: 0
  debounce_max_seconds: 0
  history_messages: {window}
  history_tokens: 100000
"""


class BenchProcess(bootstrap.Process):
    """Bootstrap's process with three parts exchanged: the model, one more tool, and where replies end."""

    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__(read_settings(environment), environment)
        self.sent: dict[str, asyncio.Future[str]] = {}  # by the customer's id on the channel

    def router(self) -> Router:
        """One candidate, which answers at once."""
        clock = self.ports.clock
        return Router({"gemini": InstantModel()}, read_catalogue(), Breaker(clock), clock)

    def _build(self) -> Services:
        services = super()._build()
        tools = replace(services.tools, tools={**services.tools.tools, LookUp.NAME: LookUp})
        return replace(services, tools=tools, channel=self._channel)

    def _channel(self, name: str, provider: str | None) -> Any:  # noqa: ARG002  the registry's shape
        """A channel of WhatsApp's limits that hands over at once."""

        async def send(http: object, account: Account, dispatch: Dispatch) -> Outcome:  # noqa: ARG001
            waiting = self.sent.pop(dispatch.to, None)
            if waiting:
                waiting.set_result(dispatch.message.text)
            return Sent(f"wamid.{dispatch.key}")

        async def typing(http: object, account: Account, to: str, reply_to: str | None) -> None:
            """Shown nowhere."""

        return SimpleNamespace(
            NAME=name, Settings=whatsapp.Settings, limits=whatsapp.limits, send=send, typing=typing
        )


class House:
    """A running installation with one desk."""

    def __init__(self, process: BenchProcess, services: Services, channel: str) -> None:
        self.process = process
        self.services = services
        self.channel = channel
        self.account = ACCOUNT if channel == "whatsapp" else "+15550000900"
        self._number = 0
        self.worked: list[tuple[str, float, float]] = []  # handler, when it began and ended

    def watched(self, handler: str, handle: Handle) -> Handle:
        """The handler, its time kept in `worked`."""

        async def timed(request: Request) -> Response:
            began = perf_counter()
            try:
                return await handle(request)
            finally:
                self.worked.append((handler, began, perf_counter()))

        return timed

    def fact(self, customer: str, text: str) -> MessageReceived:
        """A customer's message as the receiver publishes it."""
        self._number += 1
        name = f"{customer}.{self._number}"
        return MessageReceived(
            event_id=f"bench:{name}",
            channel=self.channel,  # type: ignore[arg-type]
            account=self.account,
            sender=Sender(id=customer, name="Asha Rao", phone=f"+{customer}"),
            message_id=f"wamid.{name}",
            at=stamp(datetime.now(UTC)),
            content=Content(text=text),
        )

    async def turn(self, customer: str, text: str = "Where is my order 42?") -> str:
        """A customer's message from the bus to the words the channel was handed."""
        waiting = asyncio.get_running_loop().create_future()
        self.process.sent[customer] = waiting
        fact = self.fact(customer, text)
        await self.services.ports.bus.publish(fact.topic(), fact.encode())
        return await asyncio.wait_for(waiting, 30)

    async def quiet(self, customer: str) -> None:
        """Returns when nothing of the last turn is still to be written."""
        store, conversation = self.services.tenant("bench"), self.conversation(customer)
        while True:
            head = read_head(await store.get(head_path(conversation)))
            if head and head.state == "finished":
                newest = await store.get(message_path(conversation, head.last))
                if newest and newest.data["status"] == "sent":
                    return
            await asyncio.sleep(0.005)

    def conversation(self, customer: str) -> str:
        """A customer's conversation with the desk."""
        return conversation_id("bench", self.channel, self.account, customer)

    async def preload(self, customer: str, messages: int, window: int) -> None:
        """Give a customer a history of so many messages, as if it had been talked; what is beyond the
        window is summarised, as it would be.
        """
        await self.turn(customer)
        await self.quiet(customer)
        store, conversation = self.services.tenant("bench"), self.conversation(customer)
        document = await store.get(head_path(conversation))
        head = read_head(document)
        assert document
        assert head
        assert head.last == 2
        at = stamp(datetime.now(UTC))
        for begin in range(3, messages + 1, 200):
            talk = [_said(seq, at) for seq in range(begin, min(begin + 200, messages + 1))]
            await store.commit([Put(message_path(conversation, one.seq), as_data(one)) for one in talk])
        if messages > 2:
            later = msgspec.structs.replace(head, last=messages, pending=messages - 1, answered=messages - 1)
            await store.commit([Put(head_path(conversation), as_data(later), document.version)])
        if messages > window:
            summary = {"shape": 1, "text": "They talked of orders.", "upto": messages - window}
            await store.commit([Put(summary_path(conversation), summary)])


def _said(seq: int, at: str) -> Message:
    """One message of a made history, about as long as people write; after each answer stands its turn."""
    customer = seq % 2 == 1
    return Message(
        seq=seq,
        author="customer" if customer else "desk",
        status="received" if customer else "sent",
        at=at,
        content=Content(text=words(seq)),
        public_id=f"m{seq}",
        provider_id=f"wamid.h{seq}",
        provider_at=at,
        born=seq,
        rev=seq,
    )


def words(seq: int) -> str:
    """The words of the nth message of a history, on both sides the same."""
    return f"Message {seq}: could you tell me once more where the parcel of my order is, and when it comes?"


@contextlib.asynccontextmanager
async def opened(
    folder: Path, environment: Mapping[str, str], *, channel: str, window: int, tools: bool = True
) -> AsyncIterator[House]:
    """The product on `folder`, its loops running, serving where the backend calls handlers over HTTP."""
    configs = folder / "configs"
    (configs / "bench").mkdir(parents=True, exist_ok=True)
    desk = DESK.format(window=window, tools="{look_up: {}}" if tools else "{}")
    (configs / "bench" / "desk.yaml").write_text(desk)
    told = {
        "FRONTDESK_DATA": str(folder / "data"),
        "FRONTDESK_CONFIGS": str(configs),
        "META_ACCESS_TOKEN": "t",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "t",
        **environment,
    }
    process = BenchProcess(told)
    bootstrap.enter(process)
    handles = {one.name: import_module(f"functions.{one.name}").handle for one in process.handlers}
    services = await process.services()
    catalogue = replace(process.catalogue(), tools={LookUp.NAME: LookUp.Settings})
    (published,) = await publish_folder(configs, services.versions, catalogue)
    assert published.outcome == "published", published.problems
    house = House(process, services, channel)
    handles = {name: house.watched(name, handle) for name, handle in handles.items()}
    async with contextlib.AsyncExitStack() as stack:
        if not process.settings.embedded:
            await stack.enter_async_context(serving(app_of(process, handles), int(told["PORT"])))
        await stack.enter_async_context(working(process, handles))
        yield house
    await process.close()
    bootstrap.enter(None)
