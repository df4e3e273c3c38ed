"""What of the inbox somebody wants to see, as the address of the page says it."""

from dataclasses import dataclass, fields, replace
from typing import Any, cast, get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from shared.desk.inbox import Filter, View
from shared.domain.content import ChannelName
from shared.domain.states import State

VIEWS: dict[View, str] = {"mine": "Mine", "unassigned": "Waiting", "all": "All", "snoozed": "Snoozed"}
STATES: dict[State, str] = {
    "finished": "With the desk",
    "handover": "Asking for somebody",
    "pending_human": "Waiting for somebody",
    "human_active": "With a person",
    "back_to_ai": "Back with the desk",
    "resolved": "Resolved",
}
"""The states a filter offers, in the words of people."""

STEP = 50
"""Rows, and entries of a conversation, that come at a time."""
_MOST = 1_000
_LONGEST = 80  # characters of a search


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """View, filters, and how much of the list and of a conversation is shown."""

    view: View = "all"
    state: State | None = None
    channel: ChannelName | None = None
    desk: str = ""
    words: str = ""
    rows: int = STEP
    entries: int = STEP

    def filter(self, me: str) -> Filter:
        """The filter for a colleague."""
        return Filter(
            view=self.view,
            me=me,
            state=self.state,
            channel=self.channel,
            desk=self.desk,
            words=self.words,
        )

    @property
    def filtered(self) -> int:
        """How many filters are set, beside the view and the search."""
        return sum(1 for one in (self.state, self.channel, self.desk) if one)

    def query(self, **changed: object) -> str:
        """The query of an address that wants this, with some of it changed; begins with "?"."""
        other = replace(self, **cast("dict[str, Any]", changed))
        said = {one.name: getattr(other, one.name) for one in fields(other)}
        short = {
            name: value
            for name, value in said.items()
            if value and not (name in ("rows", "entries") and value == STEP)
        }
        return f"?{urlencode(short)}"


def wanted(query: QueryParams, default: View) -> Wanted:
    """What an address wants; a value nobody knows counts as none."""
    view, state, channel = (query.get(name, "") for name in ("view", "state", "channel"))
    return Wanted(
        view=cast("View", view) if view in VIEWS else default,
        state=cast("State", state) if state in STATES else None,
        channel=cast("ChannelName", channel) if channel in get_args(ChannelName) else None,
        desk=query.get("desk", "")[:_LONGEST],
        words=query.get("words", "").strip()[:_LONGEST],
        rows=_number(query.get("rows", "")),
        entries=_number(query.get("entries", "")),
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        return STEP
    return min(max(int(text[:6]), STEP), _MOST)
