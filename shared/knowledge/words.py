"""Text to comparable words: one spelling for what sounds and means the same, in Latin and Devanagari."""

import re
import unicodedata
from functools import lru_cache

from shared.domain.romanise import romanise

_ENDINGS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", ""))
_KEEP_S = ("ss", "us", "is")
_SOUNDS = (
    ("ee", "i"),
    ("oo", "u"),
    ("ck", "k"),
    ("ph", "f"),
    ("sh", "s"),
    ("w", "v"),
    ("z", "j"),
    ("q", "k"),
)
_SOFT_C, _HARD_C = re.compile("c(?=[eiy])"), re.compile("c(?!h)")
_UNHEARD = re.compile("(?<!^)[aeiouyh]")
_DOUBLED = re.compile(r"(\D)\1+")


def words(text: str) -> list[str]:
    """The text's words in order, each by its `key`; letters of any script, marks and digits count."""
    plain = unicodedata.normalize("NFD", romanise(unicodedata.normalize("NFKC", text).casefold()))
    kept = "".join(" " if _divides(letter) else letter for letter in plain if not _is_accent(letter))
    return [key(word) for word in kept.split()]


@lru_cache(maxsize=65_536)
def key(word: str) -> str:
    """One spelling for a word's forms and for its ways of being typed: paneer, panir; massages, massage."""
    word = _stem(_SOFT_C.sub("s", word))
    for sound, simple in _SOUNDS:
        word = word.replace(sound, simple)
    return _DOUBLED.sub(r"\1", _HARD_C.sub("k", word))


def skeleton(word: str) -> str:
    """A key's consonants, which stay when a word is spelt by ear or in another script: fasial, fesiyal."""
    return _DOUBLED.sub(r"\1", _UNHEARD.sub("", word))


def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(_KEEP_S):
        ending, instead = next(pair for pair in _ENDINGS if word.endswith(pair[0]))
        word = word.removesuffix(ending) + instead
    for ending in ("ing", "ed"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            word = word.removesuffix(ending)
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


@lru_cache(maxsize=4_096)
def _divides(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "LMN"


@lru_cache(maxsize=4_096)
def _is_accent(letter: str) -> bool:
    return "\u0300" <= letter <= "\u036f" or letter in "'’"
