"""An agent's questions to models: within its money, each a step of its receipt, and none asked twice.

Where tools may act between two questions, an answer is kept under its own name, so that an execution
begun again after a crash hears what it heard before, and goes the same way.
"""

import asyncio
import logging
import random
from time import perf_counter

import msgspec

from shared.agents.shape import Agent, Means
from shared.domain.errors import FrontdeskError, Transient
from shared.domain.identity import digest
from shared.domain.receipts import Step
from shared.models.budget import BudgetEnded, Reservation
from shared.models.chat_model import Answer, Request
from shared.models.failures import Unusable
from shared.ports import Put

log = logging.getLogger(__name__)
_PAUSE = (0.1, 0.4)  # seconds before a question is put again
_MOST_PAUSE = 5.0


class ModelOut(Transient):
    """No model answered; the store and everything else is well."""


class _Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it is kept, with its step; `unusable` where there was none that could be used."""

    step: Step
    answer: Answer | None = None
    unusable: str = ""


class Asking:
    """The questions of one execution."""

    def __init__(self, agent: Agent, means: Means, steps: list[Step]) -> None:
        self._agent = agent
        self._means = means
        self._route = means.models.route(*agent.spec.choice.wanted)
        self._steps = steps  # of the execution, in order
        self.money = 0.0  # USD, what was heard before a crash included
        self._asked = 0

    async def ask(self, request: Request, *, kept: bool = False) -> Answer:
        """The answer; `kept` has it heard again after a crash instead of asked again.

        Raises BudgetEnded before a question that may pass the agent's or the tenant's money, Unusable
        for an answer nobody can use, ModelOut or ModelRefused where no model answers.
        """
        path = self._path()
        heard = await self._before(path) if kept else None
        if heard is not None:
            self._count(heard.step.money)
        else:
            heard = await self._heard(request)
            if kept:
                await self._means.store.commit(
                    [Put(path, {"shape": 1, **msgspec.to_builtins(heard)}, expires=self._means.expires)]
                )
        self._steps.append(heard.step)
        if heard.answer is None:
            raise Unusable(heard.unusable)
        return heard.answer

    def _path(self) -> str:
        """Where the next answer is kept: a new attempt of the node asks anew."""
        means, self._asked = self._means, self._asked + 1
        name = digest("asked", means.run, means.node, self._agent.name, str(means.attempt), str(self._asked))
        return f"effects/{name}"

    async def _before(self, path: str) -> _Heard | None:
        found = await self._means.store.get(path)
        return msgspec.convert(found.data, _Heard) if found else None

    async def _heard(self, request: Request) -> _Heard:
        spent, began = self._route.money, perf_counter()
        reserved = await self._reserved(request)
        answer, unusable = None, ""
        try:
            answer = await self._answered(request)
        except Unusable as error:
            unusable = str(error)
        except Transient as error:
            raise ModelOut(str(error), retry_after=error.retry_after) from error
        finally:
            money = self._route.money - spent
            self._count(money)
            await self._settle(reserved, money)
        usage = answer.usage if answer else None
        form = (request.schema or {}).get("title")
        step = Step(
            kind="model",
            name=(answer.model if answer else "") or self._route.tried[-1].model,
            ms=(perf_counter() - began) * 1000,
            input=usage.input if usage else 0,
            output=usage.output if usage else 0,
            money=money,
            detail={"agent": self._agent.name} | ({"form": form} if form else {}),
            error=unusable or None,
        )
        return _Heard(step=step, answer=answer, unusable=unusable)

    def _count(self, money: float) -> None:
        self.money += money
        self._means.meter.money += money

    async def _settle(self, reserved: Reservation | None, money: float) -> None:
        """Tell the tenant's budget what a question cost; an answer is not thrown away for its bookkeeping."""
        if self._means.budget is None or reserved is None:
            return
        try:
            await self._means.budget.settle(reserved, money)
        except FrontdeskError as error:
            log.warning("budget.not_settled", extra={"family": type(error).__name__})

    async def _answered(self, request: Request) -> Answer:
        """The route's answer; where it is out of reach for the moment, it is asked once more."""
        try:
            return await self._route.answer(request)
        except Unusable:
            raise
        except Transient as error:
            if error.retry_after is not None and error.retry_after > _MOST_PAUSE:
                raise
            await asyncio.sleep((error.retry_after or 0.0) + random.uniform(*_PAUSE))
            return await self._route.answer(request)

    async def _reserved(self, request: Request) -> Reservation | None:
        """Money set aside for a question. Raises BudgetEnded."""
        means, spec = self._means, self._agent.spec
        name = self._route.chain[0].name
        estimate = means.models.catalogue.estimate(name, request, means.clock.now())
        if estimate and self.money + estimate > spec.allowance:
            raise BudgetEnded("execution", self.money, spec.allowance)
        if means.budget is None:
            return None
        return await means.budget.reserve(means.conversation or means.run, estimate)
