"""Budgets over the embedded store: money set aside before an answer and settled after it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.backends.embedded.database import Database
from shared.backends.embedded.store import EmbeddedStore
from shared.domain.errors import Transient
from shared.models.budget import BudgetEnded, CountedBudget, Limits, Reservation
from shared.security.tenancy import TenantStore
from tests.unit.models.set_clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def store(tmp_path, clock) -> AsyncIterator[TenantStore]:
    database = Database(tmp_path / "frontdesk.db", durable=False)
    yield TenantStore.of(EmbeddedStore(database, clock), "acme")
    await database.close()


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        (Limits(hour=0.10), "hour"),
        (Limits(day=0.10), "day"),
        (Limits(month=0.10), "month"),
        (Limits(conversation=0.10), "conversation"),
    ],
)
async def test_a_spent_limit_is_named(store, clock, limits, named):
    """What fits is set aside to the last cent; what would pass a limit is refused, naming the limit."""
    budget = CountedBudget(store, limits, clock)
    await budget.reserve("c1", 0.06)
    assert (await budget.reserve("c1", 0.04)).share == 1.0
    with pytest.raises(BudgetEnded, match=f"budgets.{named}") as caught:
        await budget.reserve("c1", 0.000_001)
    assert caught.value.limit == named


async def test_settling_gives_back_what_was_not_used(store, clock):
    """The estimate is replaced by the true cost, so what was set aside too much may be spent."""
    budget = CountedBudget(store, Limits(conversation=0.10), clock)
    held = await budget.reserve("c1", 0.10)
    with pytest.raises(BudgetEnded):
        await budget.reserve("c1", 0.05)
    await budget.settle(held, 0.02)
    assert (await budget.reserve("c1", 0.03)).share == pytest.approx(0.5)


async def test_an_answer_that_cost_more_is_counted_whole(store, clock):
    """A cost above its estimate passes the limit once, and the next answer is refused."""
    budget = CountedBudget(store, Limits(conversation=0.10), clock)
    await budget.settle(await budget.reserve("c1", 0.05), 0.30)
    with pytest.raises(BudgetEnded, match=r"\$0\.30 of the conversation's \$0\.10"):
        await budget.reserve("c1", 0.01)


async def test_windows_begin_anew_and_conversations_are_apart(store, clock):
    """The hour's limit ends with the hour; one conversation's spending is not another's."""
    budget = CountedBudget(store, Limits(hour=0.10, conversation=0.10), clock)
    await budget.reserve("c1", 0.10)
    with pytest.raises(BudgetEnded) as caught:
        await budget.reserve("c2", 0.10)
    assert caught.value.limit == "hour"
    clock.pass_(60)
    await budget.reserve("c2", 0.10)


async def test_what_costs_nothing_touches_no_counter(store, clock):
    """A free answer is allowed even where nothing may be spent, and writes nothing."""
    budget = CountedBudget(store, Limits(hour=0, day=0, month=0, conversation=0), clock)
    held = await budget.reserve("c1", 0.0)
    await budget.settle(held, 0.0)
    assert held == Reservation()
    assert await store.count("spending") == 0
    with pytest.raises(BudgetEnded):
        await budget.reserve("c1", 0.001)


async def test_racing_answers_are_each_counted_once(store, clock):
    """Of forty answers that race for a budget of twenty-five, exactly twenty-five get their money."""
    budget = CountedBudget(store, Limits(conversation=0.25), clock)

    async def reserve() -> bool:
        while True:
            try:
                await budget.reserve("c1", 0.01)
            except BudgetEnded:
                return False
            except Transient:  # contended: the caller's to try again
                continue
            else:
                return True

    assert sum(await asyncio.gather(*(reserve() for _ in range(40)))) == 25
