"""What every block of a desk's file is made of: frozen models, and the few kinds of text they share."""

import re
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from rapidfuzz import process

from shared.config.conditions import check_condition
from shared.config.templates import check_template

SECRET_REFERENCE = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}|secret://[A-Za-z0-9][A-Za-z0-9_./-]*")


class Block(BaseModel):
    """A mapping in a desk's file: frozen, and every key is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _secret(text: str) -> str:
    if not SECRET_REFERENCE.fullmatch(text):
        raise ValueError("a secret stands here in clear; write ${NAME} or secret://NAME")
    return text


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zones = sorted(zone for zone in available_timezones() if "/" in zone)
        near = process.extractOne(text, zones, score_cutoff=85)
    write = near[0] if near else "one of the IANA list, e.g. Asia/Kolkata"
    raise ValueError(f"{text!r} is no time zone; write {write}")


def _phone(text: str) -> str:
    digits = re.sub(r"[\s()./-]", "", text)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", digits):
        raise ValueError(f'{text!r} is no international number; write it quoted with country code, "+91…"')
    return digits


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?", text):
        raise ValueError(f"{text!r} is no language tag; write e.g. en, hi or en-IN")
    return text


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(f"{text!r} is no currency code; write its three letters, e.g. INR or USD")
    return text


def _origin(text: str) -> str:
    if text != "*" and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?", text):
        raise ValueError(f"{text!r} is no origin; write scheme and host alone, e.g. https://example.com")
    return text


def _colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(f'{text!r} is no colour; write six hexadecimal digits in quotes, e.g. "#1a73e8"')
    return text.lower()


def _service_sid(text: str) -> str:
    if not re.fullmatch(r"MG[0-9a-fA-F]{32}", text):
        raise ValueError(
            f"{text!r} is no messaging service of Twilio's; write its sid: MG and 32 hexadecimal digits"
        )
    return text


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""A name used in paths and documents: lower case letters, digits, - and _."""
ToolName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}(\.[a-z0-9][a-z0-9_-]{0,62})?$", max_length=64)
]
"""A tool's name; one of another system stands behind that system's: `shopify.get_order`."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\r\n]*$")]
"""One line people read."""
Words = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
"""Text people or models read."""
Secret = Annotated[str, AfterValidator(_secret)]
"""A reference to a secret, never the secret."""
Zone = Annotated[str, AfterValidator(_zone)]
Phone = Annotated[str, AfterValidator(_phone)]
ServiceSid = Annotated[str, AfterValidator(_service_sid)]
Language = Annotated[str, AfterValidator(_language)]
Currency = Annotated[str, AfterValidator(_currency)]
Origin = Annotated[str, AfterValidator(_origin)]
Colour = Annotated[str, AfterValidator(_colour)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2000)]
Score = Annotated[float, Field(ge=0, le=1)]
Template = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(check_template)]
"""Sandboxed Jinja; the names it may use are `shared.config.templates.NAMES`."""
Condition = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(check_condition)]
"""A JMESPath boolean over the facts of `shared.config.facts`."""
Free = dict[str, Any]
"""Settings whose form belongs to the tool or integration they are for."""
