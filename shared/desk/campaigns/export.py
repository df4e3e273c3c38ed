"""A campaign's results as a CSV file: the rows that were given, and what became of each."""

import csv
import io
from collections.abc import AsyncIterator

from shared.desk.campaigns.control import find_campaign, shown_state, targets
from shared.domain.campaigns import Campaign, Target
from shared.security.tenancy import TenantStore

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PAGE = 500


async def exported(store: TenantStore, campaign: str) -> AsyncIterator[str]:
    """The file in pieces, the names first. Raises NotThere."""
    known = await find_campaign(store, campaign)
    names = ("line", "phone", "customer", "language", *known.columns)
    yield _line((*names, "outcome", "attempts", "reason", "ended_at"))
    cursor: str | None = None
    while True:
        page = await targets(store, campaign, cursor=cursor, limit=_PAGE)
        yield "".join(_line(_cells(known, one)) for one in page.items)
        cursor = page.cursor
        if cursor is None:
            return


def _cells(campaign: Campaign, target: Target) -> tuple[str, ...]:
    given = (str(target.line), target.number, target.customer, target.language)
    row = tuple(_plain(target.row.get(name, "")) for name in campaign.columns)
    outcome = shown_state(campaign, target)
    return (*given, *row, outcome, str(target.attempt), _plain(target.reason), target.ended_at)


def _plain(cell: str) -> str:
    """A cell that no table calculates with, whoever wrote it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
