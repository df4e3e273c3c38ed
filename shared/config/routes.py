"""Whose an account is: the public lookup from a number, page or widget to its one desk."""

from shared.config.schema import DeskConfig
from shared.domain.errors import Permanent
from shared.domain.identity import digest
from shared.ports import Create, Delete, Write
from shared.security.tenancy import PlatformStore

MOST_ACCOUNTS = 300
"""So many accounts a desk may have; they change in one commit with it."""


class Routes:
    """The routes of all desks, `routes/{digest of channel and account}`."""

    def __init__(self, store: PlatformStore) -> None:
        self._store = store

    async def owner(self, channel: str, account: str) -> tuple[str, str] | None:
        """Tenant and desk of an account, or None."""
        document = await self._store.get(route_path(channel, account))
        if document is None:
            return None
        return str(document.data["tenant"]), str(document.data["desk"])

    async def writes(
        self, tenant: str, desk: str, config: DeskConfig, before: DeskConfig | None
    ) -> list[Write]:
        """What makes exactly the accounts of `config` the desk's own.

        Raises Permanent naming an account that another desk has.
        """
        wanted = set(config.accounts())
        gone = set(before.accounts()) - wanted if before else set()
        if len(wanted) + len(gone) > MOST_ACCOUNTS:
            raise Permanent(
                f"the desk {desk!r} has more than {MOST_ACCOUNTS} accounts; split it into several desks"
            )
        accounts = sorted(wanted) + sorted(gone)
        found = await self._store.get_many([route_path(*account) for account in accounts])
        writes: list[Write] = []
        for (channel, account), document in zip(accounts, found, strict=True):
            path = route_path(channel, account)
            owner = (document.data.get("tenant"), document.data.get("desk")) if document else None
            if (channel, account) in gone:
                if document and owner == (tenant, desk):
                    writes.append(Delete(path, document.version))
                continue
            if owner and owner != (tenant, desk):
                whose = f"the desk {owner[1]!r}" if owner[0] == tenant else "a desk of another business"
                raise Permanent(
                    f"channels.{channel}: the account {account!r} belongs to {whose}; "
                    "remove it there first, or write another here"
                )
            if owner:
                continue
            data: dict[str, object] = {
                "shape": 1,
                "channel": channel,
                "account": account,
                "tenant": tenant,
                "desk": desk,
            }
            writes.append(Create(path, data))
        return writes


def route_path(channel: str, account: str) -> str:
    """Where the route of an account stands; the account itself may hold anything."""
    return f"routes/{digest('route', channel, account)}"
