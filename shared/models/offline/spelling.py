"""One way of writing each word, so that what customers type can be compared with the word lists."""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

_APOSTROPHES = re.compile("['’`´]")
_WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u097f]+")
_NUKTA, _CANDRABINDU, _ANUSVARA = "\u093c", "\u0901", "\u0902"
_LETTERS = {  # how the names of Latin letters are written in Devanagari: सीबीसी is CBC
    "एच": "h", "एक्स": "x", "एफ": "f", "एम": "m", "एन": "n", "एल": "l", "एस": "s", "आर": "r", "डब्ल्यू": "w",
    "ए": "a", "बी": "b", "सी": "c", "डी": "d", "ई": "e", "जी": "g", "आई": "i", "जे": "j", "के": "k", "ओ": "o",
    "पी": "p", "क्यू": "q", "टी": "t", "यू": "u", "वी": "v", "वाई": "y", "जेड": "z",
}  # fmt: skip
_SPELT_OUT = re.compile("|".join(sorted(map(re.escape, _LETTERS), key=len, reverse=True)))


def plain(text: str) -> str:
    """Lower case, no apostrophes or punctuation, Devanagari without the marks people leave out."""
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text)).casefold()
    folded = unicodedata.normalize("NFC", folded).replace(_NUKTA, "").replace(_CANDRABINDU, _ANUSVARA)
    return " ".join(_WORD.findall(_APOSTROPHES.sub("", folded)))


def corrected(word: str, known: Collection[str]) -> str:
    """The known word this is a typo of, or the word itself. Short words and numbers stay."""
    if len(word) < 5 or word in known or any(letter.isdigit() for letter in word):
        return word
    cutoff = 1 if len(word) < 8 else 2
    found = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=cutoff)
    return found[0] if found and len(found[0]) >= 5 and found[0][0] == word[0] else word


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word without the ending of a plural or a verb, good enough to compare with."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def spelt_letters(word: str) -> str | None:
    """`cbc` for सीबीसी: an abbreviation told letter by letter in Devanagari, else None."""
    found = _SPELT_OUT.findall(word)
    return "".join(_LETTERS[part] for part in found) if len(found) > 1 and "".join(found) == word else None
