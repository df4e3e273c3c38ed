"""What a customer is told when nobody of the team can come: the desk's words, or ours in their language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.config.people_clock import people_hours
from shared.config.schema import DeskConfig
from shared.config.templates import render
from shared.domain.calendar import label
from shared.domain.errors import Permanent

Way = Literal["ticket", "callback", "appointment", "alternative"]
"""What is done in a person's place, whatever a desk's file calls it."""

WAYS: dict[str, Way] = {
    "create_ticket": "ticket",
    "create_urgent_ticket": "ticket",
    "schedule_callback": "callback",
    "urgent_human_callback": "callback",
    "schedule_appointment": "appointment",
    "offer_alternative": "alternative",
}
"""The actions of desks' files that can be carried out, and what each is."""

_WORDS: dict[str, dict[Way, str]] = {
    "en": {
        "ticket": "I have written down what you need under number {ticket}, and somebody will get back to "
        "you{due}. I am still here for everything else.",
        "callback": "When may we call you back, and on which number?",
        "appointment": "Shall I find you an appointment?",
        "alternative": "May I help you with something else meanwhile?",
    },
    "hi": {
        "ticket": "मैंने आपकी बात संख्या {ticket} पर लिख ली है, कोई आपसे संपर्क करेगा{due}। बाकी बातों के लिए मैं यहीं हूँ।",
        "callback": "हम आपको कब और किस नंबर पर फ़ोन करें?",
        "appointment": "क्या मैं आपके लिए अपॉइंटमेंट देखूँ?",
        "alternative": "तब तक क्या मैं किसी और बात में मदद करूँ?",
    },
}
_ABSENT = {
    "en": "Nobody of our team is free right now. ",
    "hi": "हमारी टीम से अभी कोई उपलब्ध नहीं है। ",
}
"""Before them, where a person was looked for."""
_BY = {"en": " by {time}", "hi": " ({time} तक)"}
_MISSED = {
    "en": "Sorry, we could not call you at the time we had agreed on. What you need stands under number "
    "{ticket}, and somebody will get back to you{due}.",
    "hi": "क्षमा करें, हम तय समय पर आपको फ़ोन नहीं कर पाए। आपकी बात संख्या {ticket} पर लिखी है, कोई आपसे "
    "संपर्क करेगा{due}।",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who is told, and where."""

    language: str
    channel: str
    customer: Mapping[str, str]  # what is known of them, by field


def unavailable_words(
    config: DeskConfig,
    action: str,
    listener: Listener,
    now: datetime,
    *,
    ticket: str = "",
    due: datetime | None = None,
) -> str:
    """The words for an action of `WAYS`, with the number of a ticket and when somebody answers it.

    The desk's own are one text in its first language; a customer of another one reads ours in theirs.
    """
    own = _own(config, action, listener, now)
    if own:
        return own
    tongue = _tongue(listener.language)
    absent = "" if config.behavior.escalation.mode == "create_ticket" else _ABSENT[tongue]
    return absent + _WORDS[tongue][WAYS[action]].format(ticket=ticket, due=_by(config, due, tongue))


def missed_words(config: DeskConfig, listener: Listener, *, ticket: str, due: datetime | None) -> str:
    """The words where nobody could make a promised call."""
    tongue = _tongue(listener.language)
    return _MISSED[tongue].format(ticket=ticket, due=_by(config, due, tongue))


def _own(config: DeskConfig, action: str, listener: Listener, now: datetime) -> str:
    """What the desk's file says for the action, to customers of its first language."""
    entries = config.behavior.escalation.human_unavailable
    written = next((one.auto_reply for one in entries if one.action == action and one.auto_reply), None)
    first = config.desk.languages[0].partition("-")[0]
    if not written or listener.language.partition("-")[0] != first:
        return ""
    names = {
        "agent": config.agent,
        "desk": config.desk,
        "tenant": config.tenant,
        "customer": listener.customer,
        "language": listener.language,
        "channel": listener.channel,
        "now": now.astimezone(people_hours(config).zone).isoformat(timespec="minutes"),
    }
    try:
        return render(written, names)
    except Permanent:  # no reason to leave a customer without a word
        return ""


def _by(config: DeskConfig, due: datetime | None, tongue: str) -> str:
    if due is None:
        return ""
    return _BY[tongue].format(time=label(due.astimezone(people_hours(config).zone), tongue))


def _tongue(language: str) -> str:
    return "hi" if language.partition("-")[0] == "hi" else "en"
