"""What one message says, taken by itself: its words, its language, what it does, and when and how many."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from shared.models.offline.spelling import corrected, plain, spelt_letters, stem
from shared.models.offline.vocabulary import Act, vocabulary

_SCRIPTS = (
    ("hi", 0x0900, 0x097F), ("bn", 0x0980, 0x09FF), ("pa", 0x0A00, 0x0A7F), ("gu", 0x0A80, 0x0AFF),
    ("ta", 0x0B80, 0x0BFF), ("te", 0x0C00, 0x0C7F), ("kn", 0x0C80, 0x0CFF), ("ml", 0x0D00, 0x0D7F),
    ("ru", 0x0400, 0x04FF), ("ar", 0x0600, 0x06FF), ("th", 0x0E00, 0x0E7F), ("el", 0x0370, 0x03FF),
    ("ja", 0x3040, 0x30FF), ("zh", 0x4E00, 0x9FFF), ("ko", 0xAC00, 0xD7AF),
)  # fmt: skip
_OPENINGS = frozenset(
    {
        "is",
        "are",
        "am",
        "do",
        "does",
        "did",
        "can",
        "could",
        "will",
        "would",
        "may",
        "have",
        "has",
        "any",
    }
)
_ASKED = frozenset({
    "what", "whats", "how", "when", "where", "which", "who", "why",
    "kya", "kitna", "kitne", "kitni", "kab", "kaha", "kahan", "kaun", "kaunsa", "kaise",
    "क्या", "कितना", "कितने", "कितनी", "कब", "कहां", "कौन", "कौनसा", "कैसे", "क्यों",
})  # fmt: skip
_NUMERAL = re.compile(r"\d+(?:am|pm|st|nd|rd|th)?$")
_PARTS = re.compile(r"(?<=[?!।\n])\s*|\n+|(?<=[a-z\u0900-\u097f])\.\s+")
_JOINED = re.compile(
    r"(?:,|;)?\s+(?:and|also|aur|और)\s+(?=(?:also |then )?(?:what|whats|how|when|where|which|who|is|are|do"
    r"|does|can|could|kya|kitn|kab|kaha|क्या|कितन|कब|कहा)\b)",
    re.IGNORECASE,
)
_COURTESIES: tuple[Act, ...] = ("greeting", "thanks", "bye", "how_are_you", "yes", "cancel")
_ASKING: tuple[Act, ...] = ("book", "availability", "price", "correction", "human", "callback")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as understood; `words` are plain and mended, `english` those that carry its matter."""

    text: str
    words: tuple[str, ...] = ()
    language: str | None = None  # en, hi, hi-Latn, another script's code, or None where words cannot tell
    acts: frozenset[Act] = frozenset()
    english: tuple[str, ...] = ()
    matter: tuple[str, ...] = ()  # of `english`, what it is about: no asking, no time, no number
    question: bool = False
    stems: frozenset[str] = field(default=frozenset())

    def does(self, *acts: Act) -> bool:
        """Whether it does any of these."""
        return not self.acts.isdisjoint(acts)


@lru_cache(maxsize=4096)
def hear(text: str) -> Heard:
    """The message, understood. The same text is always the same, so talks are re-read cheaply."""
    known = vocabulary()
    raw = plain(text[:2000]).split()
    words = tuple(corrected(word, known.spellings) for word in raw)
    spaced = f" {' '.join(words)} "
    english = _english(_without(spaced, _COURTESIES))
    return Heard(
        text=text,
        words=words,
        language=_language(text, raw),
        acts=frozenset(act for act, pattern in known.acts.items() if pattern.search(spaced)),
        english=english,
        matter=tuple(
            word for word in _english(_without(spaced, _COURTESIES + _ASKING)) if not _of_time(word)
        ),
        question="?" in text or bool(words and words[0] in _OPENINGS) or not _ASKED.isdisjoint(words),
        stems=frozenset(stem(word) for word in english),
    )


def _without(spaced: str, acts: tuple[Act, ...]) -> str:
    for act in acts:
        spaced = f" {' '.join(vocabulary().acts[act].sub(' ', spaced).split())} "
    return spaced


def _english(spaced: str) -> tuple[str, ...]:
    stopwords = vocabulary().stopwords
    return tuple(
        part for word in spaced.split() if word not in stopwords for part in _translated(word).split()
    )


def _of_time(word: str) -> bool:
    known = vocabulary()
    return (
        _NUMERAL.match(word) is not None
        or word in known.requesting
        or any(
            word in words
            for words in (
                known.days,
                known.weekdays,
                known.months,
                known.periods,
                known.numbers,
                known.ordinals,
            )
        )
        or word
        in (
            "am",
            "pm",
            "next",
            "price",
            "hours",
            "booking",
            "appointment",
            "available",
            "fast",
            "preparation",
        )
        or word in known.oclock
        or word in known.people
    )


@lru_cache(maxsize=1024)
def parts(text: str) -> tuple[str, ...]:
    """A message's questions and sentences, in order."""
    found = [part for piece in _PARTS.split(text) if piece for part in _JOINED.split(piece)]
    return tuple(part.strip() for part in found if plain(part))


def _translated(word: str) -> str:
    known = vocabulary()
    return known.glossary.get(word) or spelt_letters(word) or word


def _language(text: str, words: list[str]) -> str | None:
    letters = [letter for letter in text if letter.isalpha()]
    for code, first, last in _SCRIPTS:
        if letters and sum(first <= ord(letter) <= last for letter in letters) * 3 >= len(letters):
            return code
    markers = vocabulary().markers
    english = sum(word in markers["en"] for word in words)
    hindi = sum(word in markers["hi-Latn"] for word in words)
    if hindi > english or (hindi and hindi == english and hindi > 1):
        return "hi-Latn"
    return "en" if english else None
