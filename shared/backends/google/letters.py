"""Dead letters as documents: they can be listed without being lost, and outlive Pub/Sub's retention."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from shared.domain.identity import digest
from shared.ports import Clock, Data, Delete, Letter, Query, Store

COLLECTION = "platform/agency/dead_letters"
KEPT = timedelta(days=90)  # as long as messages are


class DeadLetters:
    """The dead letters of a project, those of timers among them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def keep(self, key: str, letter: Letter, attributes: Mapping[str, str]) -> None:
        """Write one down. `key` is its message's id, or its timer's name: kept twice, it is one letter."""
        record: Data = {
            "topic": letter.topic,
            "handler": letter.handler,
            "body": letter.body,
            "attributes": dict(attributes),
            "error": letter.error,
            "died_at": letter.died_at,
        }
        path = f"{COLLECTION}/{digest(letter.handler, key)}"
        await self._store.create(path, record, expires=self._clock.now() + KEPT)

    async def newest(self, limit: int) -> list[Letter]:
        """As many as asked, newest first."""
        page = await self._store.query(COLLECTION, Query(order=("-died_at",), limit=limit))
        return [_letter(document.name, document.data) for document in page.documents]

    async def find(self, letter: str) -> tuple[Letter, dict[str, str]] | None:
        """A letter and its message's attributes, or None where there is none of that id."""
        document = await self._store.get(f"{COLLECTION}/{letter}")
        if document is None:
            return None
        return _letter(letter, document.data), cast("dict[str, str]", document.data["attributes"])

    async def forget(self, letter: str) -> None:
        """Remove one."""
        await self._store.commit([Delete(f"{COLLECTION}/{letter}")])


def _letter(name: str, data: Data) -> Letter:
    record = cast("dict[str, Any]", data)
    return Letter(
        id=name,
        topic=record["topic"],
        handler=record["handler"],
        body=record["body"],
        error=record["error"],
        died_at=record["died_at"],
    )
