"""One conversation as a person reads it: messages, states, notes and what the desk did, in commit order."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from shared.domain.conversation import Message
from shared.domain.notes import Note
from shared.domain.outreach import Outreach, outreach_path
from shared.domain.receipts import Receipt
from shared.domain.transitions import Transition
from shared.ports import Document, Query, Where
from shared.security.tenancy import TenantStore

Kind = Literal["receipt", "message", "note", "transition"]
_RANK: dict[Kind, int] = {"receipt": 0, "message": 1, "note": 2, "transition": 3}
"""Of one commit, what the desk did comes before what it said, and what became of it last."""

_SAME = 20  # entries that one commit may bring, with room
_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened; the field of its kind is filled."""

    kind: Kind
    rev: int  # the head's rev that brought it: its place
    at: str
    message: Message | None = None
    receipt: Receipt | None = None
    note: Note | None = None
    transition: Transition | None = None
    outreach: Outreach | None = None  # beside a message that says it, or said it and failed

    @property
    def place(self) -> tuple[int, int, int]:
        """Where it stands among the others."""
        return self.rev, _RANK[self.kind], self.message.seq if self.message else 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Some of it, oldest first; `before` asks for what came before, None where nothing did."""

    entries: tuple[Entry, ...]
    before: int | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """A collection of the conversation, and how its documents become entries."""

    collection: str
    field: str  # by which it is ordered: the rev that brought, or changed, a document
    entry: Callable[[Document], Entry]


def _message(document: Document) -> Entry:
    one = msgspec.convert(document.data, Message, strict=False)
    return Entry(kind="message", rev=one.born, at=one.at, message=one)


def _receipt(document: Document) -> Entry:
    one = msgspec.convert(document.data, Receipt)
    return Entry(kind="receipt", rev=one.rev, at=one.ended_at, receipt=one)


def _note(document: Document) -> Entry:
    one = msgspec.convert(document.data, Note)
    return Entry(kind="note", rev=one.rev, at=one.at, note=one)


def _transition(document: Document) -> Entry:
    one = msgspec.convert(document.data, Transition)
    return Entry(kind="transition", rev=one.rev, at=one.at, transition=one)


_OTHERS = (
    _Source("turns", "rev", _receipt),
    _Source("notes", "rev", _note),
    _Source("transitions", "rev", _transition),
)
BORN = (_Source("messages", "born", _message), *_OTHERS)
CHANGED = (_Source("messages", "rev", _message), *_OTHERS)


async def timeline(
    store: TenantStore, conversation: str, *, before: int | None = None, limit: int = 50
) -> Timeline:
    """The newest entries, or those of revisions before `before`: `limit` of them, and all of one commit."""
    pages = await asyncio.gather(*(_latest(store, conversation, one, before, limit) for one in BORN))
    found = sorted((entry for page in pages for entry in page), key=lambda entry: entry.place)
    kept = found[-limit:]
    if len(kept) == len(found):
        return Timeline(await _with_outreach(store, kept))
    first = kept[0].rev
    return Timeline(await _with_outreach(store, [one for one in found if one.rev >= first]), first)


async def changed(store: TenantStore, conversation: str, after: int) -> tuple[Entry, ...]:
    """What came or changed since the head's revision `after`, in its place's order.

    A message whose delivery went on is among them, under the place it always had.
    """
    pages = await asyncio.gather(*(_since(store, conversation, one, after) for one in CHANGED))
    return tuple(sorted((entry for page in pages for entry in page), key=lambda entry: entry.place))


async def _latest(
    store: TenantStore, conversation: str, source: _Source, before: int | None, limit: int
) -> Sequence[Entry]:
    where = () if before is None else (Where(source.field, "<", before),)
    query = Query(where, (f"-{source.field}",), limit + _SAME)
    page = await store.query(f"conversations/{conversation}/{source.collection}", query)
    return _entries(source, page.documents)


async def _since(store: TenantStore, conversation: str, source: _Source, after: int) -> list[Entry]:
    found: list[Entry] = []
    cursor: str | None = None
    while True:
        query = Query((Where(source.field, ">", after),), (source.field,), _PAGE, cursor)
        page = await store.query(f"conversations/{conversation}/{source.collection}", query)
        found += _entries(source, page.documents)
        cursor = page.cursor
        if cursor is None:
            return found


async def _with_outreach(store: TenantStore, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries, with the outreach that a message says, which tells of other ways it was tried by."""
    names = {one.message.outreach for one in entries if one.message and one.message.outreach}
    found = await store.get_many([outreach_path(name) for name in names]) if names else []
    said = {one.name: msgspec.convert(one.data, Outreach) for one in found if one}
    return tuple(
        replace(one, outreach=said.get(one.message.outreach)) if one.message and said else one
        for one in entries
    )


def _entries(source: _Source, documents: Iterable[Document]) -> list[Entry]:
    return [source.entry(document) for document in documents]
