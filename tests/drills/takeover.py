"""A person writes while the model is thinking: no reply of the desk is marked as going out after that."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shared.desk import deliver
from shared.desk.edit import Edit
from shared.domain.conversation import Head, Message
from shared.domain.identity import conversation_id
from shared.domain.instants import instant
from shared.ports import Document, Ports
from shared.security.tenancy import TenantStore
from tests.drills.books import Books
from tests.drills.installation import WEBHOOK, at_rest, installation, typed_by_a_person, wrote
from tests.drills.tally import Tally
from tests.journeys.house import LAB, House, until
from tests.standins.model_server import Step, blank
from tests.standins.openai_api import OpenAIServer

AT_ONCE = 20
THINKING = 0.6  # seconds of the model
HELD_UP = 0.3  # seconds at most of a sender before its claim
LATEST = 1.2  # seconds after the model was asked: some people are too late by then
WORDS = "I am on it."
ANSWER = "We are open from seven."


class SlowModel(OpenAIServer):
    """An endpoint that takes its time for every answer in words."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        if self.schema(body) is None:
            self.asked.append(str(body["messages"]))
            await asyncio.sleep(THINKING)
        return await super()._complete(request)

    def step(self, body: dict[str, Any]) -> Step:
        schema = self.schema(body)
        return Step(data=blank(schema)) if schema else Step(text=ANSWER)


@dataclass
class Races:
    """What is seen of the races beside the books: each `sending`'s revision, and when echoes were told."""

    sending: dict[tuple[str, int], int] = field(default_factory=dict)  # (conversation, sequence) -> rev
    told: dict[str, datetime] = field(default_factory=dict)  # customer -> when the echo was told to us


@contextmanager
def watched(races: Races, chance: random.Random) -> Iterator[None]:
    """While open, senders are held up a little before they claim a message, so that people come between, and
    every message that is marked `sending` is noted with the revision that did.
    """
    real = deliver.edit_message

    async def noting(
        ports: Ports,
        store: TenantStore,
        conversation: str,
        seq: int,
        edit: Callable[[Head, Message], Edit | None],
        *,
        read: Sequence[Document | None] = (),
    ) -> Message | None:
        await asyncio.sleep(chance.uniform(0, HELD_UP))
        message = await real(ports, store, conversation, seq, edit, read=read)
        if message is not None and message.status == "sending":
            races.sending[conversation, seq] = message.rev
        return message

    deliver.edit_message = noting
    try:
        yield
    finally:
        deliver.edit_message = real


async def drill(*, full: bool) -> Tally:
    """Forty takeovers, or in full a thousand, at chance moments of thinking and sending; from the console
    and from the business's own phone in turn.
    """
    tally, races = Tally("takeover"), Races()
    count, chance = (1000 if full else 40), random.Random(7)
    with SlowModel() as model, watched(races, chance):
        keys = {"OPENAI_API_KEY": model.key, "OPENAI_BASE_URL": model.base_url}
        async with installation(**keys) as house:
            for first in range(0, count, AT_ONCE):
                numbers = range(first, min(first + AT_ONCE, count))
                await asyncio.gather(*(_race(house, model, races, number, chance) for number in numbers))
            books = await at_rest(house)
            accepted = [one["body"]["to"] for one in house.graph.accepted if ANSWER in str(one["body"])]
    _judge(tally, books, races, accepted)
    return tally


def _judge(tally: Tally, books: Books, races: Races, accepted: list[str]) -> None:
    generating = suppressed = in_flight = 0
    for (_, conversation), head in books.conversations.items():
        messages = books.of("conversations", conversation, "messages", "*")
        (person,) = [one for one in messages if one["author"] == "human"]
        answers = [one for one in messages if one["author"] == "desk"]
        marked = [races.sending.get((conversation, one["seq"])) for one in answers]
        late = sum(rev is not None and rev > person["born"] for rev in marked)
        before = sum(rev is not None and rev < person["born"] for rev in marked)
        faults = {
            "a reply was marked sending after the person's message": late,
            "more replies were sent than were on their way": accepted.count(head["contact"]) > before,
            f"the state is {head['state']}": head["state"] != "human_active",
            f"the person's message is {person['status']}": person["status"] != "sent",
        }
        found = "; ".join(fault for fault, there in faults.items() if there)
        tally.check(not found, f"{head['contact']}: {found}")
        generating += not answers
        suppressed += sum(one["status"] == "suppressed" for one in answers)
        in_flight += bool(before)
    tally.notes.append(f"{generating} while generating, {suppressed} before sending, {in_flight} in flight")
    tally.notes.append(_freezing(books, races))


def _freezing(books: Books, races: Races) -> str:
    """How long an echo took from its webhook to the commit that freezes the desk."""
    waits = [
        (instant(one["at"]) - races.told[head["contact"]]).total_seconds() * 1000
        for (_, conversation), head in books.conversations.items()
        for one in books.of("conversations", conversation, "messages", "*")
        if one["author"] == "human" and head["contact"] in races.told
    ]
    cuts = quantiles(waits, n=20)
    return f"echo to freeze p50 {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms"


def _customer(number: int) -> str:
    return f"9195{number:08d}"


async def _race(house: House, model: SlowModel, races: Races, number: int, chance: random.Random) -> None:
    customer = _customer(number)
    speaks: Callable[[], Awaitable[Any]]
    if number % 2:
        echo = typed_by_a_person(customer, f"wamid.{customer}.person", WORDS)

        def speaks() -> Awaitable[Any]:
            races.told[customer] = datetime.now(UTC)
            return house.post_signed(WEBHOOK, echo)
    else:
        speaks = await _console(house, customer)
    words = f"When are you open? This is {customer}."
    await house.post_signed(WEBHOOK, wrote(customer, f"wamid.{customer}", words))
    await until(lambda: any(customer in asked for asked in model.asked))
    about_to_send = (THINKING, THINKING + HELD_UP)
    await asyncio.sleep(chance.uniform(*chance.choice(((0, LATEST), about_to_send))))
    answer = await speaks()
    assert 200 == answer.status_code, answer.text


async def _console(house: House, customer: str) -> Callable[[], Awaitable[Any]]:
    """What somebody at the console does to send their words."""
    services = await house.process.services()
    tenant, desk = await services.versions.route("whatsapp", LAB) or ("", "")
    conversation = conversation_id(desk, "whatsapp", LAB, customer)
    address = f"{house.url}/api/v1/conversations/{conversation}/messages?tenant={tenant}"
    said = {"text": WORDS, "client_id": customer}
    return lambda: house.http.post(address, json=said)
