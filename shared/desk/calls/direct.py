"""Answers a caller by a model alone, without the desk's graph and tools: short, quick, and within budget.

It stands in where the desk's thinking is switched off, too slow or broken. What the words show is judged
beside it, so that a caller who asks for a person still gets one.
"""

import asyncio
from contextlib import AsyncExitStack
from time import perf_counter

import msgspec

from shared.agents.sentences import Sentences
from shared.config.versions import Published
from shared.desk.answer import words_of
from shared.desk.calls.answering import Answering, answering
from shared.desk.calls.begin import channel_of_call
from shared.desk.calls.turn import Say
from shared.desk.judged import judged
from shared.desk.question import Question
from shared.desk.services import Services
from shared.desk.showing import hosts_of
from shared.desk.signs import called_in, facts_now
from shared.desk.spending import within_budget
from shared.desk.thought import Thought
from shared.desk.triggers import first_that_holds
from shared.domain.calls import Call
from shared.domain.errors import Transient
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.models.chat_model import Answer, Delta, Request
from shared.models.guard import check
from shared.models.router import Route
from shared.security.tenancy import TenantStore

RULES = """\
You speak on the telephone, and your tools are out of reach just now. Answer in one or two short sentences, \
with what stands on this page alone. Promise nothing, book nothing, and name no price, time or fact that is \
not on it: say that you cannot look it up right now, and offer that a colleague helps."""

MOST_TOKENS = 160
PATIENCE = 8.0
"""Seconds the model has."""
JUDGED_WITHIN = 2.0
"""Seconds after the answer until reading the signals is given up."""


class DirectTurn:
    """A turn answered by the fast profile's model alone."""

    acted = False  # it has no tools

    def __init__(self, services: Services, store: TenantStore, call: Call, published: Published) -> None:
        self._services = services
        self._store = store
        self._call = call
        self._published = published
        self.spoke = False

    async def run(self, say: Say) -> Thought | None:
        """As SpokenTurn's: the answer, said and committed; None where there is nothing to answer.

        Raises Transient or Permanent where no model answers or the budget ended.
        """
        async with (
            answering(self._services, self._store, self._call, self._published) as right,
            AsyncExitStack() as after,
        ):
            if right is None:
                return None
            thought = await self._think(right, say, after)
            return thought if await right.commit(thought) else None

    async def summarise(self) -> None:
        """Nothing: a model alone keeps no summary."""

    async def _think(self, right: Answering, say: Say, after: AsyncExitStack) -> Thought:
        question, services = await right.question(), self._services
        route, fast = services.models.route("fast"), services.models.route("fast")
        began = services.ports.clock.now()
        request = msgspec.structs.replace(
            question.request,
            system=f"{question.request.system}\n\n{RULES}",
            tools=(),
            max_tokens=MOST_TOKENS,
            timeout=PATIENCE,
        )
        allowed = await after.enter_async_context(
            within_budget(
                services,
                self._store,
                config=question.config,
                conversation=question.conversation,
                request=request,
                routes=(route, fast),
            )
        )
        await asyncio.shield(allowed)
        reading = asyncio.create_task(judged(question, fast))
        try:
            text, step = await self._ask(question, request, route, say)
            signals, read = await _in_time(reading)
        finally:
            reading.cancel()
        trigger = first_that_holds(
            question.config, facts_now(question, signals, (step,), services.ports.clock.now())
        )
        thought = Thought(
            turn=question.turn,
            covers=question.covers,
            version=question.published.version,
            began=began,
            customer=question.request.briefing.customer,
            text=text,
            language=question.language,
            steps=(*([read] if read else []), step),
            signals=signals,
            model=step.name,
            handover=called_in(trigger, question) if trigger else None,
            shown=self.spoke,
        )
        await self._say_beside(thought, say)
        return thought

    async def _ask(self, question: Question, request: Request, route: Route, say: Say) -> tuple[str, Step]:
        """The answer, said as it comes, and what it took."""
        began, sentences, hosts = perf_counter(), Sentences(), hosts_of(self._services, question.config)
        said, answer = "", None
        async for piece in route.stream(request):
            if isinstance(piece, Answer):
                answer = piece
            elif isinstance(piece, Delta) and piece.text and sentences.add(piece.text):
                said = await self._say(said, check(sentences.so_far, direction="out", hosts=hosts).text, say)
        if answer is None:
            raise Transient("the model's stream ended without its answer")
        text = check(answer.text, direction="out", hosts=hosts).text
        await self._say(said, text, say)
        if not text.strip():
            raise Transient("the model had nothing to say")
        step = Step(
            kind="model",
            name=answer.model or request.model,
            ms=(perf_counter() - began) * 1000,
            input=answer.usage.input,
            output=answer.usage.output,
            money=route.money,
            detail={"direct": True},
        )
        return text, step

    async def _say(self, said: str, text: str, say: Say) -> str:
        """Say what `text` has beyond what was said; what has been said then."""
        if text.startswith(said) and (more := text[len(said) :].strip()):
            self.spoke = True
            await say(more)
            return text
        return said

    async def _say_beside(self, thought: Thought, say: Say) -> None:
        """Say what belongs to the thought beside its own text: whom to call, and that a person comes."""
        now, channel = self._services.ports.clock.now(), channel_of_call(self._call.direction)
        for one in words_of(thought, config=self._published.config, channel=channel, now=now):
            for rest in one.text.split(thought.text) if thought.text else [one.text]:
                if rest.strip():
                    await say(rest.strip())


async def _in_time(reading: "asyncio.Task[tuple[Signals, Step]]") -> tuple[Signals, Step | None]:
    """What was read of the words, if it came in time."""
    try:
        async with asyncio.timeout(JUDGED_WITHIN):
            return await asyncio.shield(reading)
    except TimeoutError:
        return Signals(), None
