"""Makes a tool act once a turn, however often the turn is resumed: its result is kept under its own name."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from shared.domain.identity import digest
from shared.ports import Data, Put
from shared.security.tenancy import TenantStore


def effect_id(turn: str, tool: str, arguments: str, nth: int) -> str:
    """The name of the nth call of a tool in a turn with these arguments, in their one spelling."""
    return digest("effect", turn, tool, arguments, str(nth))


async def once(
    store: TenantStore,
    expires: datetime,
    effect: str,
    about: Data,
    act: Callable[[], Awaitable[Data]],
) -> Data:
    """The result of `act`, from the ledger if it acted before; kept until `expires`, as messages are.

    The entry is made before acting. Where a crash fell between acting and noting the result, `act` runs
    again under the same id, by which tools name what they create, so nothing is made twice.
    """
    path = f"effects/{effect}"
    started: Data = {"shape": 1, "state": "started", **about}
    if not await store.create(path, started, expires=expires):
        found = await store.get(path)
        if found and found.data["state"] == "done":
            result = found.data["result"]
            assert isinstance(result, dict)  # noqa: S101  written below and nowhere else
            return result
    result = await act()
    await store.commit([Put(path, {**started, "state": "done", "result": result}, expires=expires)])
    return result
