"""How a page is drawn: one Jinja environment, escaping by itself, complaining about what it is not given."""

import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.console.reasons import because

HERE = Path(__file__).parent
LANGUAGES = {
    "ar": "Arabic", "bn": "Bengali", "de": "German", "en": "English", "es": "Spanish", "fr": "French",
    "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "it": "Italian", "ja": "Japanese", "kn": "Kannada",
    "ml": "Malayalam", "mr": "Marathi", "nl": "Dutch", "pa": "Punjabi", "pt": "Portuguese", "ta": "Tamil",
    "te": "Telugu", "ur": "Urdu", "zh": "Chinese",
}  # fmt: skip
CHANNELS = {
    "webchat": "web chat", "whatsapp": "WhatsApp", "instagram": "Instagram", "sms": "SMS", "email": "e-mail",
    "phone": "phone", "room": "voice room", "api": "API",
}  # fmt: skip
ROLES = {"owner": "Owner", "supervisor": "Supervisor", "human_agent": "Agent"}


def environment() -> Environment:
    """The templates, with the words people use for what documents name."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["language"] = _language
    made.filters["channel"] = lambda name: CHANNELS.get(name, name)
    made.filters["trade"] = _trade
    made.filters["role"] = lambda name: ROLES.get(name, name)
    made.filters["because"] = because
    made.filters["told"] = _told
    made.filters["initials"] = _initials
    made.filters["tone"] = lambda name: sum(map(ord, name)) % 7
    return made


def _language(tag: str) -> str:
    return LANGUAGES.get(tag.partition("-")[0], tag)


def _trade(text: str) -> str:
    spelled = {"b2b": "B2B", "b2c": "B2C", "saas": "SaaS", "it": "IT"}
    return " ".join(spelled.get(word, word) for word in text.split("_"))


def _told(detail: object) -> str:
    """A step's detail as people read it."""
    return json.dumps(detail, ensure_ascii=False, indent=2, default=str)


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[:1].isalnum() and not word.endswith(".")]
    ends = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in ends).upper() or "?"
