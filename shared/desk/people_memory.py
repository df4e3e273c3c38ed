"""What people told the desk when they gave a conversation back: it reads it before it answers again."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from shared.domain.colleagues import Actor
from shared.domain.instants import instant
from shared.ports import Create, Data, Document, Put, Write

MOST = 10
"""So many of them are kept; what is older has long been answered for."""


class Care(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One time that people looked after a conversation."""

    at: str  # a stamp: when they gave it back
    by: str = ""  # a colleague's id; empty for a timer
    name: str = ""
    summary: str = ""
    promises: tuple[str, ...] = ()  # what the customer was promised, kept as facts


def memory_path(conversation: str) -> str:
    """Where what people left stands within its tenant."""
    return f"conversations/{conversation}/memory/people"


def cared(document: Document | None) -> tuple[Care, ...]:
    """What people left in a document, oldest first."""
    return msgspec.convert(document.data["care"], tuple[Care, ...]) if document else ()


def left(
    conversation: str,
    before: Document | None,
    *,
    at: str,
    until: datetime,
    by: Actor,
    summary: str,
    promises: Sequence[str],
) -> list[Write]:
    """The write that keeps what somebody leaves `until`; none where they leave nothing."""
    said = Care(at=at, by=by.id, name=by.name if by.id else "", summary=summary, promises=tuple(promises))
    if not said.summary and not said.promises:
        return []
    kept = (*cared(before), said)[-MOST:]
    data: Data = {"shape": 1, "care": msgspec.to_builtins(kept)}
    path = memory_path(conversation)
    if before is None:
        return [Create(path, data, expires=until)]
    return [Put(path, data, version=before.version, expires=until)]


def words_of(care: Sequence[Care], timezone: str) -> str:
    """What people left, in words for whoever answers next, dated at the desk; empty for nothing."""
    return "\n".join(_words(one, ZoneInfo(timezone)) for one in care)


def _words(one: Care, zone: ZoneInfo) -> str:
    day = instant(one.at).astimezone(zone).date().isoformat()
    who = f"{one.name} looked after this" if one.name else "our people looked after this"
    promised = "".join(f" They promised the customer: {promise}" for promise in one.promises)
    return f"On {day} {who}. {one.summary}{promised}"
