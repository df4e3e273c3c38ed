"""Why a person was asked for, in words: a desk's file states it as a condition."""

import re

from shared.config.facts import FACTS

_SHORT = {
    "sentiment": "the customer is unhappy",
    "negative_in_a_row": "the customer is unhappy",
    "complexity": "the request is hard",
    "confidence": "the desk is unsure",
    "low_confidence_in_a_row": "the desk is unsure",
    "tool_errors_in_a_row": "something the desk uses does not work",
    "model_errors_in_a_row": "the model does not answer",
    "wants_human": "the customer asked for a person",
    "over_authority": "the customer asks for more than the desk may give",
    "party_size": "it is a large party",
}
_CONDITION = re.compile(r"[<>=!`]|&&|\|\||^\w+\(|^[a-z]+_[a-z_]+$")
_NAME = re.compile(r"[a-z_]+")


def because(reason: str) -> str:
    """The reason as a sentence without its full stop; what is no condition is words already."""
    if not reason:
        return "A person was asked for"
    words = reason
    if _CONDITION.search(reason):
        named = [name for name in _NAME.findall(reason) if name in FACTS]
        told = dict.fromkeys(_SHORT.get(name, FACTS[name].meaning) for name in named)
        words = "; ".join(told) or reason.replace("_", " ")
    return words[:1].upper() + words[1:]
