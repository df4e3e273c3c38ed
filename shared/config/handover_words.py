"""What a customer is told when a person takes over: by the clock, in their language, in the desk's words."""

from collections.abc import Mapping
from datetime import datetime

from shared.config.people_clock import people_hours
from shared.config.schema import DeskConfig
from shared.config.templates import render
from shared.domain.errors import Permanent

_HERE = {
    "en": "I am passing you to a colleague, who will answer you here.",
    "hi": "आपकी बात हमारे साथी तक पहुँचाई जा रही है, वे यहीं आपको जवाब देंगे।",
}
_NOTED = {
    "en": "I am passing this on to our team.",
    "hi": "मैं आपकी बात हमारी टीम तक पहुँचा रही हूँ।",
}
_AWAY = {
    "en": "Our team is not there right now. I have passed this on, and they will answer you here.",
    "hi": "हमारी टीम अभी उपलब्ध नहीं है। आपकी बात उन तक पहुँचा दी गई है, वे यहीं जवाब देंगे।",
}
_EMERGENCY = {
    "en": "If this is an emergency, please call {number} at once.",
    "hi": "अगर यह आपात स्थिति है, तो कृपया तुरंत {number} पर फ़ोन करें।",
}
_ANY_NUMBER = {"en": "your local emergency number", "hi": "आपातकालीन नंबर"}


def emergency_words(config: DeskConfig, intent: str | None, language: str) -> str:
    """What comes before all else where the customer's intent is an emergency; empty where it is none."""
    if "emergency" not in (intent or "").lower().split("_"):
        return ""
    tongue = _tongue(language)
    return _EMERGENCY[tongue].format(number=config.desk.emergency_number or _ANY_NUMBER[tongue])


def _tongue(language: str) -> str:
    return "hi" if language.partition("-")[0] == "hi" else "en"


def handover_words(
    config: DeskConfig, now: datetime, *, language: str, channel: str, customer: Mapping[str, str]
) -> str:
    """The words for a handover at `now`: that somebody comes, or the desk's own for when nobody is there.

    The desk's own are one text in its first language; a customer of another one reads ours in theirs.
    """
    desk, escalation = config.desk, config.behavior.escalation
    hours = people_hours(config)
    tongue = _tongue(language)
    if escalation.mode == "create_ticket":
        return _NOTED[tongue]
    if hours.is_open(now):
        return _HERE[tongue]
    written = next((entry.auto_reply for entry in escalation.human_unavailable if entry.auto_reply), None)
    if language.partition("-")[0] != desk.languages[0].partition("-")[0]:
        written = None
    names = {
        "agent": config.agent,
        "desk": desk,
        "tenant": config.tenant,
        "customer": customer,
        "language": language,
        "channel": channel,
        "now": now.astimezone(hours.zone).isoformat(timespec="minutes"),
    }
    try:
        return (render(written, names) if written else "") or _AWAY[tongue]
    except Permanent:  # no reason to leave a customer without a word
        return _AWAY[tongue]
