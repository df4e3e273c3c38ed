"""What a desk could learn, by rules: the customer's question, and the colleague's words to it."""

import re

from shared.models.offline.hearing import Heard, hear

_KNOWN = re.compile(r"^What the desk should have known: (.*)$", re.MULTILINE)
_LINE = re.compile(r"^(Customer|Desk|Colleague): (.*)$", re.MULTILINE)
_FIGURE = re.compile(r"(?:[₹$€£]\s?)?\d[\d,.:]*\d|(?:[₹$€£]\s?)?\d")
_NAME = re.compile(r"(?<=[\w,] )[A-Z]\w{2,}(?: [A-Z]\w+)*")
_LONG = 5  # letters of a word that tells one answer from another
_FEW = 4  # words; less is a courtesy
_MOST = 2
NOT_SAID = "(not said)"


def lesson(text: str) -> dict[str, object]:
    """The answer to the question of `shared.models.lesson`, from its own words alone."""
    lines = _LINE.findall(text)
    first = next((at for at, (who, _) in enumerate(lines) if who == "Colleague"), len(lines))
    asked = [words for who, words in lines[:first] if who == "Customer" and _asks(hear(words))]
    known = _KNOWN.search(text)
    told = (
        known[1] if known and known[1] != NOT_SAID else _told([w for who, w in lines if who == "Colleague"])
    )
    if not asked or not told:
        return {"worth": False, "kind": "knowledge", "question": "", "answer": "", "ask": "", "expect": []}
    ask = asked[-1]
    return {
        "worth": True,
        "kind": "knowledge",
        "question": ask,
        "answer": told,
        "ask": ask,
        "expect": _expected(told, ask),
    }


def _asks(heard: Heard) -> bool:
    """Whether words are about something, and not only a greeting or a wish for a person."""
    return bool(heard.matter) and not (heard.does("human") and not heard.question)


def _told(said: list[str]) -> str:
    """What a colleague said, without courtesies and questions back."""
    telling = [words for words in said if len(words.split()) > _FEW and not words.rstrip().endswith("?")]
    return " ".join(telling or [words for words in said if _FIGURE.search(words)])


def _expected(told: str, ask: str) -> list[str]:
    """What the answer alone has: figures, else names, else its longest words."""
    figures = [figure for figure in _FIGURE.findall(told) if len(figure) > 1]
    asked = set(re.findall(r"\w+", ask.casefold()))
    names = [name for name in _NAME.findall(told) if name.casefold() not in asked]
    words = [word for word in re.findall(r"\w+", told) if len(word) >= _LONG and word.casefold() not in asked]
    longest = sorted(words, key=len, reverse=True)
    return list(dict.fromkeys(figures or names or longest))[:_MOST]
