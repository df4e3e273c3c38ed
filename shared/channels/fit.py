"""Brings what the desk says into what a channel can show, and says before the call what it would refuse."""

import msgspec

from shared.channels.shape import Limits
from shared.domain.content import Choice, Outgoing
from shared.domain.events import Failure

_BOUNDARIES = ("\n\n", "\n", ". ", "। ", "? ", "! ", "。", " ")  # where to part a long text, best first


def fitted(message: Outgoing, limits: Limits) -> list[Outgoing]:
    """`message` as the messages a channel of these limits can show, in order; choices go with the last.

    Choices that cannot be tapped become numbered lines, long titles are cut, long texts are parted where
    a reader would pause, and attachments go before the words, each by itself.
    """
    if message.template:
        return [message]
    words, choices = message.text, message.choices
    if len(choices) > max(limits.buttons, limits.list_rows):
        lines = [f"{place}. {_line(choice)}" for place, choice in enumerate(choices, start=1)]
        words, choices = "\n".join([words, *lines]).strip(), ()
    choices = _shortened(choices, limits)
    most = min(limits.text, limits.with_choices) if choices else limits.text
    said = [Outgoing(text=piece) for piece in pieces(words, most, limits.text_bytes)]
    if said and choices:
        said[-1] = msgspec.structs.replace(said[-1], choices=choices, choices_label=message.choices_label)
    return [Outgoing(attachments=(one,)) for one in message.attachments] + said


def pieces(text: str, most: int, most_bytes: int | None = None) -> list[str]:
    """`text` in parts of at most `most` characters and `most_bytes` bytes of UTF-8."""
    parts, rest = [], text.strip()
    while rest:
        part = rest[:most]
        if most_bytes:
            part = part.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")
        if len(part) < len(rest):
            part = part[: _pause(part)]
        parts.append(part.rstrip())
        rest = rest[len(part) :].lstrip()
    return [part for part in parts if part]


def _pause(part: str) -> int:
    """Where to end a part: behind its last good boundary, unless that leaves it mostly empty."""
    for boundary in _BOUNDARIES:
        at = part.rfind(boundary)
        if at > len(part) // 3:
            return at + len(boundary)
    return len(part)


def _line(choice: Choice) -> str:
    return f"{choice.title}: {choice.description}" if choice.description else choice.title


def _shortened(choices: tuple[Choice, ...], limits: Limits) -> tuple[Choice, ...]:
    """Titles and descriptions cut to what is shown: that of rows where there are lists."""
    widest = limits.row_title if limits.list_rows else limits.button_title
    return tuple(
        Choice(
            id=choice.id,
            title=_cut(choice.title, widest),
            description=_cut(choice.description, limits.row_description) if limits.list_rows else "",
        )
        for choice in choices
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def misfit(message: Outgoing, limits: Limits, *, attachments: int = 1) -> Failure | None:
    """Why `message` cannot go in one piece on a channel of these limits; None where it can.

    `attachments` is how many one message of the channel carries.
    """
    found = _too_much(message, limits, attachments) or _nothing(message)
    return Failure(code="misfit", title=found, action="fix_config") if found else None


def _nothing(message: Outgoing) -> str:
    spoken = message.text.strip() or message.attachments or message.template
    return "" if spoken else "the message is empty; give it text, an attachment or a template"


def _too_much(message: Outgoing, limits: Limits, attachments: int) -> str:
    most = limits.with_choices if message.choices else limits.text
    if not message.template and len(message.text) > most:
        return f"the text has {len(message.text)} characters, the channel takes {most}; cut it before storing"
    if limits.text_bytes and len(message.text.encode("utf-8", "surrogatepass")) > limits.text_bytes:
        return f"the text is over {limits.text_bytes} bytes; cut it before storing"
    if len(message.attachments) > attachments:
        return f"{len(message.attachments)} attachments, one message takes {attachments}; send them apart"
    if message.choices and message.attachments:
        return "choices beside an attachment; send them apart"
    return _choices(message, limits)


def _choices(message: Outgoing, limits: Limits) -> str:
    most = max(limits.buttons, limits.list_rows)
    if len(message.choices) > most:
        return f"{len(message.choices)} choices and the channel shows {most}; write the others as text"
    title = max((len(choice.title) for choice in message.choices), default=0)
    widest = limits.button_title if shown_as_buttons(message, limits) else limits.row_title
    if title > widest:
        return f"a choice's title has {title} characters and the channel shows {widest}; shorten it"
    if any(not choice.title.strip() for choice in message.choices):
        return "a choice has no title; name it"
    description = max((len(choice.description) for choice in message.choices), default=0)
    if description > limits.row_description:
        return f"a choice's description has {description} characters, a row shows {limits.row_description}"
    return ""


def shown_as_buttons(message: Outgoing, limits: Limits) -> bool:
    """Whether the choices go as buttons; more, longer or described ones are rows of a list."""
    if not limits.list_rows:
        return True
    return len(message.choices) <= limits.buttons and all(
        len(choice.title) <= limits.button_title and not choice.description for choice in message.choices
    )
