"""Finds a model that answers: a chain of candidates asked in turn, with every reason on record."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing

import msgspec

from shared.domain.errors import FrontdeskError, NotConnected, Transient
from shared.models.breaker import Breaker
from shared.models.catalogue import Catalogue, Model
from shared.models.chat_model import Answer, ChatModel, Delta, Request, Usage
from shared.models.failures import ModelRefused, Unusable
from shared.ports import Clock

OFFLINE = "offline"
_REFUSED_REST = 60.0  # seconds until a refused key is tried again


class Tried(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One candidate of one asking: what it gave, or in `error` why it gave nothing."""

    model: str  # as the catalogue names it
    served: str = ""  # the vendor's name of what answered
    ms: float = 0.0
    usage: Usage = Usage()
    money: float = 0.0  # USD
    error: str | None = None


class Router:
    """Makes routes over the providers that are connected; `adapters` are by provider.

    The offline model is never one of several: it stands alone where nothing else is connected, or
    where a route asks for it and nothing else.
    """

    def __init__(
        self, adapters: Mapping[str, ChatModel], catalogue: Catalogue, breaker: Breaker, clock: Clock
    ) -> None:
        self.adapters = adapters
        self.catalogue = catalogue
        self.breaker = breaker
        self.clock = clock

    def route(self, *wanted: str) -> "Route":
        """A route over profiles and model names in the order given, the balanced profile failing these.

        Raises Permanent for an unknown name, NotConnected where no provider is there at all.
        """
        connected = self.adapters.keys() - {OFFLINE}
        if OFFLINE in self.adapters and (not connected or wanted == (OFFLINE,)):
            return Route(self, (self.catalogue.find(OFFLINE),))
        for names in (wanted, ("balanced",)):
            if chain := [model for model in self._candidates(names) if model.provider in connected]:
                return Route(self, tuple(chain))
        raise NotConnected("no language model is connected; set GEMINI_API_KEY or another provider's key")

    def _candidates(self, names: tuple[str, ...]) -> list[Model]:
        now = self.clock.now()
        models = [model for name in names for model in self.catalogue.candidates(name, now)]
        return list({model.name: model for model in models}.values())


class Route:
    """A ChatModel over a chain; `tried` tells afterwards who was asked and what came of it.

    `Request.model` is the route's to fill. A candidate that is not the last has half of the time that
    is left to begin answering. An answer that was heard in part is never begun anew elsewhere.
    """

    provider = "route"

    def __init__(self, router: Router, chain: tuple[Model, ...]) -> None:
        self._router = router
        self.chain = chain
        self.tried: list[Tried] = []

    @property
    def money(self) -> float:
        """USD of all answers so far."""
        return sum(tried.money for tried in self.tried)

    async def stream(self, request: Request) -> AsyncGenerator[Delta | Answer, None]:
        """See ChatModel. Raises Transient, or ModelRefused where every key was refused."""
        async with aclosing(self._ask(request, streamed=True)) as pieces:
            async for piece in pieces:
                yield piece

    async def answer(self, request: Request) -> Answer:
        """See ChatModel and `stream`."""
        async with aclosing(self._ask(request, streamed=False)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    return piece
        raise Transient("no model answered; try later")

    async def check(self) -> None:
        """See ChatModel. One provider that would answer is enough."""
        failures: list[FrontdeskError] = []
        for provider in dict.fromkeys(model.provider for model in self.chain):
            try:
                return await self._router.adapters[provider].check()
            except FrontdeskError as error:
                failures.append(error)
        raise failures[-1]

    async def _ask(self, request: Request, *, streamed: bool) -> AsyncGenerator[Delta | Answer, None]:
        deadline = asyncio.get_running_loop().time() + request.timeout
        failures: list[FrontdeskError] = []
        for model in self.chain:
            if reason := self._passed_over(model, request):
                self.tried.append(Tried(model=model.name, error=reason))
                continue
            attempt = _Attempt(self._router, model, deadline, last=model is self.chain[-1])
            try:
                async with aclosing(attempt.pieces(request, streamed=streamed)) as pieces:
                    async for piece in pieces:
                        yield piece
            except (Transient, ModelRefused) as error:
                if attempt.told:
                    raise
                failures.append(error)
            else:
                return
            finally:
                self.tried.append(attempt.tried)
        raise _summary(failures, self.tried)

    def _passed_over(self, model: Model, request: Request) -> str | None:
        if reason := model.lacks(request):
            return reason
        return None if self._router.breaker.admits(model.name) else "it rests after failures"


class _Attempt:
    """One candidate asked once."""

    def __init__(self, router: Router, model: Model, deadline: float, *, last: bool) -> None:
        self._router = router
        self._model = model
        self._deadline = deadline
        self._last = last
        self.told = False
        self.tried = Tried(model=model.name, error="nobody waited for the answer")

    async def pieces(self, request: Request, *, streamed: bool) -> AsyncGenerator[Delta | Answer, None]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        left = max(0.0, self._deadline - began)
        patience = left if self._last else left / 2
        adapter = self._router.adapters[self._model.provider]
        asked = msgspec.structs.replace(
            request, model=self._model.vendor_name, timeout=left if streamed else patience
        )
        source = adapter.stream(asked) if streamed else _once(adapter, asked)
        try:
            async for piece in _begun_within(source, began + patience):
                self._record(piece, (loop.time() - began) * 1000)
                yield piece
                self.told = True
        except (Transient, ModelRefused) as error:
            self.tried = Tried(model=self._model.name, ms=(loop.time() - began) * 1000, error=str(error))
            rest = error.retry_after if isinstance(error, Transient) else _REFUSED_REST
            self._router.breaker.failed(self._model.name, rest=rest)
            raise

    def _record(self, piece: Delta | Answer, ms: float) -> None:
        if not isinstance(piece, Answer):
            return
        name, usage, now = self._model.name, piece.usage, self._router.clock.now()
        money = self._router.catalogue.cost(name, usage, now, served=piece.model)
        self.tried = Tried(model=name, served=piece.model, ms=ms, usage=usage, money=money)
        self._router.breaker.succeeded(name)


async def _once(adapter: ChatModel, request: Request) -> AsyncGenerator[Delta | Answer, None]:
    yield await adapter.answer(request)


async def _begun_within(
    source: AsyncIterator[Delta | Answer], deadline: float
) -> AsyncGenerator[Delta | Answer, None]:
    """The pieces of `source`. Raises Transient where the first has not come by the loop's time `deadline`."""
    try:
        async with asyncio.timeout_at(deadline):
            piece = await anext(source, None)
        while piece is not None:
            yield piece
            piece = await anext(source, None)
    except TimeoutError:
        raise Transient("the model did not begin to answer in its share of the time") from None
    finally:
        await _closed(source)


async def _closed(source: AsyncIterator[Delta | Answer]) -> None:
    if isinstance(source, AsyncGenerator):
        await source.aclose()


def _summary(failures: list[FrontdeskError], tried: list[Tried]) -> FrontdeskError:
    reasons = "; ".join(f"{one.model}: {one.error}" for one in tried if one.error is not None)
    if failures and all(isinstance(failure, ModelRefused) for failure in failures):
        return ModelRefused(f"every model refused: {reasons}")
    if failures and all(isinstance(failure, Unusable) for failure in failures):
        return Unusable(f"no model's answer was usable: {reasons}")
    waits = [failure.retry_after for failure in failures if isinstance(failure, Transient)]
    known = [wait for wait in waits if wait is not None]
    return Transient(f"no model could answer: {reasons}", retry_after=min(known, default=None))
