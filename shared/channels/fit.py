"""Says before the call what a channel would refuse, so that a wrong message costs no attempt there."""

from shared.channels.shape import Limits
from shared.domain.content import Outgoing
from shared.domain.events import Failure


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
