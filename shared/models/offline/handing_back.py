"""What people leave the desk when they hand back, by rules: what was said, and what was promised."""

import re

_LINES = 6
_WORDS = 24  # of each message
_SPOKEN = re.compile(r"^(Customer|Colleague): (.*)$", re.MULTILINE)
_SENTENCE = re.compile(r"[^.!?।\n]+[.!?।]?")
_PROMISE = re.compile(
    r"\b(?:(?:i|we)(?:'ll| will| shall| am going to| are going to)|(?:i|we) promise"
    r"|you(?:'ll| will) (?:get|have|receive)"
    r"|will be (?:sent|paid|called|refunded|there|ready|delivered|with you))\b"
    r"|(?:denge|karenge|karunga|karungi|dunga|dungi|bhejenge|देंगे|करेंगे|करूंगा|करूंगी|दूंगा|दूंगी|भेजेंगे)",
    re.IGNORECASE,
)
_MOST = 5


def left_by_people(talk: str) -> dict[str, object]:
    """`summary` and `promises` of a talk written as lines that begin with who speaks."""
    spoken = [(who, text.strip()) for who, text in _SPOKEN.findall(talk) if text.strip()]
    said = [f"{who}: {_shortened(text)}" for who, text in spoken[-_LINES:]]
    sentences = [
        sentence.strip()
        for who, text in spoken
        if who == "Colleague"
        for sentence in _SENTENCE.findall(text)
        if _PROMISE.search(sentence)
    ]
    return {"summary": " | ".join(said), "promises": list(dict.fromkeys(sentences))[-_MOST:]}


def _shortened(text: str) -> str:
    words = text.split()
    return " ".join(words[:_WORDS]) + ("…" if len(words) > _WORDS else "")
