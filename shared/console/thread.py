"""A conversation's timeline as it is shown: entries with their names and words, days between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal

from shared.console.reasons import because
from shared.desk.timeline import Entry
from shared.domain.conversation import Message
from shared.domain.instants import instant
from shared.domain.receipts import Receipt
from shared.domain.transitions import Transition

_TOGETHER = 300  # seconds between messages of one author that stand as one group

Look = Literal["day", "customer", "desk", "human", "note", "turn", "state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One line of the thread."""

    look: Look
    key: str  # the element's id, the same whenever it is drawn
    at: str
    name: str = ""  # who wrote or did it
    words: str = ""  # of a change of state, or of what the desk did
    begins: bool = True  # the first of its author's group, which carries the name
    entry: Entry | None = None


def shown(entries: Sequence[Entry], names: Mapping[str, str], zone: tzinfo) -> list[Shown]:
    """The entries as lines, and a line for each day in the desk's time zone; `names` of colleagues by id."""
    lines: list[Shown] = []
    day = ""
    for entry in entries:
        today = instant(entry.at).astimezone(zone).date().isoformat() if entry.at else day
        if today != day:
            day = today
            lines.append(Shown(look="day", key=f"day-{day}", at=entry.at))
        line = _line(entry, names, lines[-1] if lines else None)
        if line is not None:
            lines.append(line)
    return lines


def writers(entries: Iterable[Entry]) -> list[str]:
    """The ids of the colleagues who wrote in a conversation."""
    return list(dict.fromkeys(one.message.by for one in entries if one.message and one.message.by))


def _line(entry: Entry, names: Mapping[str, str], before: Shown | None) -> Shown | None:
    if entry.message is not None:
        return _message(entry, entry.message, names, before)
    if entry.note is not None:
        name = entry.note.name or "A colleague"
        return Shown(look="note", key=f"note-{entry.rev}", at=entry.at, name=name, entry=entry)
    if entry.receipt is not None:
        words = did(entry.receipt)
        return Shown(look="turn", key=f"turn-{entry.rev}", at=entry.at, words=words, entry=entry)
    if entry.transition is not None:
        words = became(entry.transition)
        return Shown(look="state", key=f"state-{entry.rev}", at=entry.at, words=words) if words else None
    return None


def _message(entry: Entry, message: Message, names: Mapping[str, str], before: Shown | None) -> Shown:
    name = {"customer": "", "desk": "Desk", "human": names.get(message.by, "A colleague")}[message.author]
    if message.author == "human" and not message.by:
        name = "On the business's phone"
    same = before is not None and (before.look, before.name) == (message.author, name)
    close = same and (instant(entry.at) - instant(before.at)).total_seconds() < _TOGETHER if before else False
    return Shown(
        look=message.author,
        key=f"message-{message.seq}",
        at=entry.at,
        name=name,
        begins=not close,
        entry=entry,
    )


def did(receipt: Receipt) -> str:
    """What a turn did, in a few words."""
    tools = list(dict.fromkeys(step.name.replace("_", " ") for step in receipt.steps if step.kind == "tool"))
    ends = {"handed_over": "asked for a person", "apologised": "could not answer", "answered": ""}
    said = [", ".join(tools), ends[receipt.outcome]]
    words = "; ".join(filter(None, said)) or "answered from what it knows"
    return f"{receipt.answered_by}: {words}" if receipt.answered_by else words


def became(transition: Transition) -> str:
    """A change of state in the words of whoever reads it; empty for one that says nothing new."""
    who, why = transition.name or "Somebody", transition.why
    because_of = f": {because(why).lower()}" if why else ""
    if transition.after == "human_active":
        return _taken(transition, who)
    if transition.after == "pending_human":
        return _queued(transition, who)
    told = {
        "handover": f"The desk handed over{because_of}",
        "back_to_ai": f"{who} handed back to the desk"
        if transition.by
        else f"Back with the desk{because_of}",
        "resolved": f"{who} resolved this" if transition.by else "Resolved",
        "new": "The customer wrote again",
    }
    return told.get(transition.after, "")


def _queued(transition: Transition, who: str) -> str:
    if transition.by:
        return f"{who} put this back into the queue"
    if transition.before == "handover":
        said = "" if transition.why in ("", "queued") else transition.why
        return said[:1].upper() + said[1:]
    return f"Back in the queue: {transition.why}" if transition.why else "Back in the queue"


def _taken(transition: Transition, who: str) -> str:
    why = transition.why
    if not transition.by:
        return "Somebody answered on the business's own phone"
    if why.startswith("assigned to"):
        return f"{who} {why.replace('assigned to', 'gave this to', 1)}"
    words = {
        "taken": "took this",
        "reopened": "reopened this",
        "wrote to the customer": "took this by writing",
    }
    return f"{who} {words.get(why, f'took this: {why}')}"
