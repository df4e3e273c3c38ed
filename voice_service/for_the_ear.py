"""Makes written words fit to be heard: no Markdown or links, lists as sentences, money and times in words."""

import re
from collections.abc import Sequence

from shared.domain.content import Choice

MOST = 900
"""Characters of one answer that are said: about a minute."""

_FENCE = re.compile(r"^\s*```.*$", re.MULTILINE)
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_ADDRESS = re.compile(r"\s*[\(<]?\b(?:https?://|www\.)\S+?[\)>]?(?=[.,;:!?]?(?:\s|$))", re.IGNORECASE)
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+", re.MULTILINE)
_QUOTE = re.compile(r"^\s*>\s?", re.MULTILINE)
_MARK = re.compile(r"(\*\*|__|~~|`)")
_STRESS = re.compile(r"(?<![\w*])[*_](\S(?:[^*_\n]*\S)?)[*_](?![\w*])")
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+(.*?)\s*$", re.MULTILINE)
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\ufe0f\u20e3\U0001f1e6-\U0001f1ff]+"
)
_ENDS = ".!?।…:;,"
_SENTENCE_END = re.compile(r"[.!?।…](?=\s|$)")

_MONEY = re.compile(
    r"(?P<sign>₹|Rs\.?|INR|\$|US\$|USD|€|EUR|£|GBP)\s?(?P<whole>\d+(?:,\d+)*)(?:\.(?P<part>\d{1,2}))?(?!\d)(?:/-)?"
)
_MONEY_BEHIND = re.compile(
    r"(?<![\w.,])(?P<whole>\d+(?:,\d+)*)(?:\.(?P<part>\d{1,2}))?\s?(?P<sign>INR|USD|EUR|GBP|€|₹)"
)
_CURRENCY = {
    "₹": "INR", "Rs": "INR", "Rs.": "INR", "INR": "INR",
    "$": "USD", "US$": "USD", "USD": "USD",
    "€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP",
}  # fmt: skip
_COINS = {
    "en": {
        "INR": ("rupee", "rupees", "paise"),
        "USD": ("dollar", "dollars", "cents"),
        "EUR": ("euro", "euros", "cents"),
        "GBP": ("pound", "pounds", "pence"),
    },
    "hi": {
        "INR": ("रुपया", "रुपये", "पैसे"),
        "USD": ("डॉलर", "डॉलर", "सेंट"),
        "EUR": ("यूरो", "यूरो", "सेंट"),
        "GBP": ("पाउंड", "पाउंड", "पेंस"),
    },
}
_CLOCK = re.compile(r"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])(\s*[AaPp](?:\.[Mm]\.|[Mm]\b))?")
_SPAN = re.compile(r"(?<=[\dm])\s*[–—]\s*(?=\d)|(?<=:\d\d)\s*-\s*(?=\d)|(?<=[ap]m)\s*-\s*(?=\d)")

_OR = {"en": "or", "hi": "या"}
_AND = {"en": "and", "hi": "और"}
_TO = {"en": " to ", "hi": " से "}


def for_the_ear(text: str, language: str) -> str:
    """The words as they are said in `language`; empty where nothing of them can be."""
    tongue = language[:2]
    text = _PICTURE.sub("", _FENCE.sub("", text))
    text = _ADDRESS.sub("", _LINK.sub(r"\1", text))
    text = _QUOTE.sub("", _HEADING.sub("", text))
    text = _BULLET.sub(_as_sentence, text)
    text = _STRESS.sub(r"\1", _MARK.sub("", text))
    text = _EMOJI.sub("", text)
    text = _SPAN.sub(_TO.get(tongue, _TO["en"]), text)
    text = _CLOCK.sub(lambda found: _time(found, tongue), text)
    if tongue in _COINS:
        text = _MONEY.sub(lambda found: _money(found, tongue), text)
        text = _MONEY_BEHIND.sub(lambda found: _money(found, tongue), text)
    return re.sub(r"\s+([.,!?;:])", r"\1", re.sub(r"\s+", " ", text)).strip()


def tells_a_price(text: str) -> bool:
    """Whether the words, written or as they are said, name an amount of money."""
    return bool(_MONEY.search(text) or _MONEY_BEHIND.search(text) or _SPOKEN_MONEY.search(text))


_SPOKEN_MONEY = re.compile(
    r"\d\s(?:"
    + "|".join(word for coins in _COINS.values() for names in coins.values() for word in names[:2])
    + r")"
)


def choices_aloud(choices: Sequence[Choice], language: str) -> str:
    """What may be chosen, in one sentence; of many the first four."""
    titles = [for_the_ear(choice.title, language) for choice in choices[:4]]
    if len(titles) < 2:
        return ""
    word = (_OR if len(choices) <= 4 else _AND).get(language[:2], _OR["en"])
    return f"{', '.join(titles[:-1])} {word} {titles[-1]}?"


class Measured:
    """One answer's words, said until it has gone on too long; then it ends with a whole sentence."""

    def __init__(self, most: int = MOST) -> None:
        self._left = most
        self.cut = False

    def take(self, words: str) -> str:
        """As much of the next words as is still said."""
        if self.cut:
            return ""
        if len(words) <= self._left:
            self._left -= len(words)
            return words
        self.cut = True
        ends = [found.end() for found in _SENTENCE_END.finditer(words[: self._left])]
        return words[: ends[-1]] if ends else ""


def _as_sentence(found: re.Match[str]) -> str:
    line = found[1]
    return line if not line or line[-1] in _ENDS else f"{line}."


def _money(found: re.Match[str], tongue: str) -> str:
    one, many, small = _COINS[tongue][_CURRENCY[found["sign"]]]
    whole = found["whole"].replace(",", "")
    said = f"{whole} {one if whole == '1' else many}"
    part = (found["part"] or "").ljust(2, "0")
    return f"{said} {int(part)} {small}" if part.strip("0") else said


def _time(found: re.Match[str], tongue: str) -> str:
    """English says 2:30 pm and 9 am; other tongues read the digits as they stand."""
    hour, minute, half = int(found[1]), found[2], (found[3] or "").replace(".", "").strip().lower()
    if tongue != "en":
        return found[0]
    half = half or ("am" if hour < 12 else "pm")
    hour = hour % 12 or 12
    return f"{hour} {half}" if minute == "00" else f"{hour}:{minute} {half}"
