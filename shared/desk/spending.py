"""Keeps a turn within the desk's budget: reserves what it may cost, and settles what it did cost after."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from shared.config.schema import DeskConfig
from shared.desk.services import Services
from shared.domain.errors import FrontdeskError
from shared.models.budget import CountedBudget, Limits, Reservation
from shared.models.chat_model import Request
from shared.models.router import Route
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)


LEAST = 0.001
"""USD, without which nothing more is begun."""


def budget_of(services: Services, store: TenantStore, config: DeskConfig) -> CountedBudget:
    """The budget of a desk's tenant, with the limits of the desk's file."""
    budgets = config.budgets
    limits = Limits(
        hour=budgets.hour, day=budgets.day, month=budgets.month, conversation=budgets.conversation
    )
    return CountedBudget(store, limits, services.ports.clock)


@asynccontextmanager
async def within_budget(
    services: Services,
    store: TenantStore,
    *,
    config: DeskConfig,
    conversation: str,
    request: Request,
    routes: Sequence[Route],
) -> AsyncIterator[asyncio.Future[Reservation]]:
    """While open, the turn may ask its routes, as soon as it has awaited what is given: the reservation,
    which raises BudgetEnded where a limit is reached already. What was spent is settled at the end.
    """
    budget, clock = budget_of(services, store, config), services.ports.clock
    catalogue = services.models.catalogue
    estimate = sum(catalogue.estimate(route.chain[0].name, request, clock.now()) for route in routes)
    reserving = asyncio.create_task(budget.reserve(conversation, estimate))
    try:
        yield reserving
    finally:
        await asyncio.wait({reserving})
        try:
            if reserving.exception() is None:  # else whoever awaited it was told
                await budget.settle(reserving.result(), sum(route.money for route in routes))
        except FrontdeskError as error:  # an answer is not thrown away for its bookkeeping
            log.warning("budget.not_settled", extra={"family": type(error).__name__})
