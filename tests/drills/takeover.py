"""A person of the business writes while the model is still thinking: the desk's answer is never sent."""

import asyncio
import random
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tests.drills.installation import WEBHOOK, at_rest, installation, typed_by_a_person, wrote
from tests.drills.tally import Tally
from tests.journeys.house import House, until
from tests.standins.model_server import Step, blank
from tests.standins.openai_api import OpenAIServer

AT_ONCE = 10


class SlowModel(OpenAIServer):
    """An endpoint that takes its time for every answer in words."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        if self.schema(body) is None:
            self.asked.append(str(body["messages"]))
            await asyncio.sleep(1.5)
        return await super()._complete(request)

    def step(self, body: dict[str, Any]) -> Step:
        schema = self.schema(body)
        return Step(data=blank(schema)) if schema else Step(text="We are open from seven.")


async def drill(*, full: bool) -> Tally:
    """Twenty takeovers, or in full a hundred, at chance moments of the thinking."""
    tally = Tally("takeover")
    count, chance = (100 if full else 20), random.Random(7)
    with SlowModel() as model:
        keys = {"OPENAI_API_KEY": model.key, "OPENAI_BASE_URL": model.base_url}
        async with installation(**keys) as house:
            for first in range(0, count, AT_ONCE):
                numbers = range(first, min(first + AT_ONCE, count))
                await asyncio.gather(*(_interrupted(house, model, number, chance) for number in numbers))
            books = await at_rest(house)
            leaked = {one["body"]["to"] for one in house.graph.accepted}
    heads = {head["contact"]: head for head in books.heads}
    for number in range(count):
        customer = _customer(number)
        tally.check(customer not in leaked, f"{customer} got the desk's answer after a person's")
        tally.check(heads[customer]["state"] == "human_active", f"the state is {heads[customer]['state']}")
    return tally


def _customer(number: int) -> str:
    return f"9195{number:08d}"


async def _interrupted(house: House, model: SlowModel, number: int, chance: random.Random) -> None:
    customer = _customer(number)
    words = f"When are you open? This is {customer}."
    await house.post_signed(WEBHOOK, wrote(customer, f"wamid.{customer}", words))
    await until(lambda: any(customer in asked for asked in model.asked))
    await asyncio.sleep(chance.uniform(0, 1.2))
    await house.post_signed(WEBHOOK, typed_by_a_person(customer, f"wamid.{customer}.person", "I am on it."))
