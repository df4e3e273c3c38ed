"""Cuts an answer to what its channel can show: length, buttons, lists, or numbers to answer with."""

from shared.channels.shape import Limits
from shared.domain.content import Choice, Outgoing


def fit(text: str, choices: tuple[Choice, ...], limits: Limits, *, label: str = "") -> list[Outgoing]:
    """The messages that say `text` and offer `choices` on a channel with these limits, in order.

    Choices go with the last message, as buttons where they fit, as a list where that fits, and as
    numbered lines of text where the channel shows neither.
    """
    if not choices:
        return [Outgoing(text=part) for part in split(text, limits.text)]
    tappable = _tappable(choices, limits)
    if tappable is None:
        numbered = "\n".join(f"{number}. {choice.title}" for number, choice in enumerate(choices, 1))
        return [Outgoing(text=part) for part in split(f"{text}\n\n{numbered}".strip(), limits.text)]
    *before, last = split(text, min(limits.text, limits.with_choices)) or ["…"]
    messages = [Outgoing(text=part) for part in before]
    return [*messages, Outgoing(text=last, choices=tappable, choices_label=label)]


def _tappable(choices: tuple[Choice, ...], limits: Limits) -> tuple[Choice, ...] | None:
    if len(choices) <= limits.buttons:
        return tuple(_titled(choice, limits.button_title) for choice in choices)
    if limits.list_rows:
        return tuple(_row(choice, limits) for choice in choices[: limits.list_rows])
    return None


def _titled(choice: Choice, longest: int) -> Choice:
    return Choice(id=choice.id, title=_short(choice.title, longest), description="")


def _row(choice: Choice, limits: Limits) -> Choice:
    title = _short(choice.title, limits.row_title)
    whole = choice.description or (choice.title if title != choice.title else "")
    return Choice(id=choice.id, title=title, description=_short(whole, limits.row_description))


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def split(text: str, longest: int) -> list[str]:
    """The text in parts of at most `longest` characters, cut at paragraphs, lines, sentences or words."""
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > longest:
        cut = _cut(rest, longest)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _cut(text: str, longest: int) -> int:
    window = text[: longest + 1]
    for mark, keep in (("\n\n", 0), ("\n", 0), (". ", 1), ("। ", 1), ("? ", 1), ("! ", 1), (" ", 0)):
        at = window.rfind(mark)
        if at > longest // 3:
            return at + keep
    return longest
