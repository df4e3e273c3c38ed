"""Makes a tool act once a turn, however often the turn is resumed: its result is kept under its own name."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from shared.domain.identity import digest
from shared.ports import Data, Put
from shared.security.tenancy import TenantStore
from shared.tools.call import OUT_OF_REACH, pack, unpack
from shared.tools.shape import ToolResult


def effect_id(turn: str, tool: str, arguments: str, nth: int) -> str:
    """The name of the nth call of a tool in a turn with these arguments, in their one spelling."""
    return digest("effect", turn, tool, arguments, str(nth))


async def once(
    store: TenantStore,
    expires: datetime,
    effect: str,
    about: Data,
    act: Callable[[], Awaitable[ToolResult]],
    *,
    hearing: str = "",
) -> ToolResult:
    """The result of `act`, from the ledger if it acted before; kept until `expires`, as messages are.

    The entry is made before acting. Where a crash fell between acting and noting the result, or the tool
    was out of reach so that nobody knows whether it acted, `act` runs again under the same id, by which
    tools name what they create, so nothing is made twice. Whoever heard that it was out of reach hears it
    again under the same `hearing`, also where a later call came to something.
    """
    path = f"effects/{effect}"
    entry: dict[str, Any] = {"shape": 1, "state": "started", **about}
    if not await store.create(path, entry, expires=expires):
        found = await store.get(path)
        entry = dict(found.data) if found else entry
        kept = entry.get("late", {}).get(hearing) or entry.get("result")
        if kept is not None:
            return unpack(kept)
    result = await act()
    if not result.data.get(OUT_OF_REACH):
        entry |= {"state": "done", "result": pack(result)}
    elif hearing:
        entry["late"] = {**entry.get("late", {}), hearing: pack(result)}
    await store.commit([Put(path, entry, expires=expires)])
    return result
