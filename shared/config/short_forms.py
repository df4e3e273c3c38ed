"""Older and shorter spellings of conditions, templates and languages, and what each becomes."""

import re

from shared.config.conditions import check_condition, from_python
from shared.config.facts import FACTS

_BARE: dict[str, str] = {
    "explicit_request": "wants_human",
    "customer_request": "wants_human",
    "customer_request_escalation": "wants_human",
    "request_escalation": "wants_human",
    "negative_sentiment": "sentiment < `0.3`",
    "positive_sentiment": "sentiment >= `0.7`",
    "medical_complexity_high": "complexity > `0.8`",
    "complex_technical_question": "complexity > `0.8`",
    "system_error": "tool_errors_in_a_row > `0`",
    "pricing_above_authority": "over_authority",
    "high_intent_no_booking": "qualification >= `0.7` && !booked",
    "successful_resolution": "state == 'resolved'",
    "abandoned_booking": "event == 'booking_abandoned'",
    "missed_appointment": "event == 'appointment_missed'",
    "test_results_ready": "event == 'test_results_ready'",
    "test_completion": "event == 'test_completed'",
    "family_mention": "contains(topics, 'family')",
    "mention_family": "contains(topics, 'family')",
    "first_time_customer": "customer.first_time == `true`",
    "group_booking": "party_size > `1`",
}
"""Bare names of old files."""
_FORMER_FACTS = {
    "sentiment_score": "sentiment",
    "complexity_score": "complexity",
    "confidence_score": "confidence",
    "interaction_count": "messages",
    "request_escalation": "wants_human",
    "customer_type": "customer.type",
    "feature_usage": "customer.feature_usage",
}
_COLON = re.compile(r"(?P<fact>[a-z_]+):\s*(?P<op><=|>=|<|>|==|!=)?\s*(?P<value>[\w.]+)(?P<percent>%)?")
_COMPARED = re.compile(r"(?P<fact>[a-z_.]+)\s*(?P<op><=|>=|<|>|==|!=)\s*(?P<value>-?[\d.]+)(?P<percent>%)?")
_PATTERNS = (
    (re.compile(r"negative_sentiment_(\d+)_consecutive"), "negative_in_a_row >= `{}`"),
    (re.compile(r"no_response_(\d+)h"), "silent_hours >= `{}`"),
    (re.compile(r"age_above_(\d+)"), "customer.age > `{}`"),
)
_BRACES: dict[str, str] = {
    "agent_name": "{{ agent.name }}",
    "agent_type": "{{ agent.type }}",
    "client_name": "{{ tenant.name }}",
    "personality": "{{ agent.personality }}",
    "objectives": "{{ agent.objectives | join('\\n') }}",
    "guidelines": "{{ agent.guidelines | join('\\n') }}",
    "business_context": "{{ agent.context }}",
    "language": "{{ language }}",
    "customer_name": "{{ customer.name }}",
}
_SINGLE = re.compile(r"(?<!\{)\{([a-z_]+)\}(?!\})")
_LANGUAGES = {
    "arabic": "ar",
    "bengali": "bn",
    "chinese": "zh",
    "dutch": "nl",
    "english": "en",
    "french": "fr",
    "german": "de",
    "gujarati": "gu",
    "hindi": "hi",
    "italian": "it",
    "japanese": "ja",
    "kannada": "kn",
    "malayalam": "ml",
    "marathi": "mr",
    "portuguese": "pt",
    "punjabi": "pa",
    "russian": "ru",
    "spanish": "es",
    "tamil": "ta",
    "telugu": "te",
    "urdu": "ur",
}


def condition_of(text: str) -> str:
    """The JMESPath of a short form; anything else unchanged, for the schema to judge."""
    written = text.strip()
    if written in _BARE:
        return _BARE[written]
    for pattern, form in _PATTERNS:
        match = pattern.fullmatch(written)
        if match:
            return form.format(match[1])
    compared = _COLON.fullmatch(written) or _COMPARED.fullmatch(written)
    return _comparison(compared) if compared else text


def condition_of_pair(key: str, value: object) -> str | None:
    """The JMESPath of a typed map's entry, `sentiment_score_below: 0.3` or `customer_request: true`."""
    for ending, operator in (("_below", "<"), ("_above", ">")):
        if key.endswith(ending) and isinstance(value, int | float) and not isinstance(value, bool):
            fact = key.removesuffix(ending)
            return _checked(f"{_FORMER_FACTS.get(fact, fact)} {operator} `{value}`")
    return _BARE.get(key) if value is True else None


def template_of(text: str) -> str:
    """The template with known single-brace names as Jinja; unknown ones stay, for the schema to refuse."""
    return _SINGLE.sub(lambda match: _BRACES.get(match[1], match[0]), text)


def languages_of(text: str) -> list[str] | None:
    """The tags of `Hindi and English`, or None where a word is no language known here."""
    words = [word for word in re.split(r"\s*(?:,|&|/|\band\b)\s*", text.strip()) if word]
    tags = [_LANGUAGES.get(word.lower(), word) for word in words]
    known = all(re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", tag) for tag in tags)
    return tags if tags and known else None


def _comparison(match: re.Match[str]) -> str:
    fact = _FORMER_FACTS.get(match["fact"], match["fact"])
    value, operator = match["value"], match["op"] or "=="
    if match["percent"]:
        value = f"{float(value) / 100:g}"
    if operator == "==" and value in ("true", "false"):
        flag = fact in FACTS and FACTS[fact].kind == "flag"
        return (fact if value == "true" else f"!{fact}") if flag else f"{fact} == `{value}`"
    literal = f"`{value}`" if re.fullmatch(r"-?\d+(\.\d+)?", value) else f"'{value}'"
    return _checked(f"{fact} {operator} {literal}") or from_python(match[0]) or match[0]


def _checked(condition: str) -> str | None:
    try:
        return check_condition(condition)
    except ValueError:
        return None
