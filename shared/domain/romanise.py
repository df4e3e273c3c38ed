"""Devanagari in Latin letters, roughly as people type it, so that पनीर finds "paneer"."""

import re

_LETTERS = "कखगघङचछजझञटठडढणतथदधनपफबभमयरलळवशषसह"
_TYPED = "k kh g gh n ch chh j jh n t th d dh n t th d dh n p ph b bh m y r l l v sh sh s h"
_SOUNDS = "aa i ee u oo ri e ai o au o e e o"
_CONSONANTS = dict(zip(_LETTERS, _TYPED.split(), strict=True))
_SIGNS = dict(zip("ािीुूृेैोौॉॅॆॊ", _SOUNDS.split(), strict=True))
_VOWELS = {"अ": "a", **dict(zip("आइईउऊऋएऐओऔऑऍऎऒ", _SOUNDS.split(), strict=True))}
_DIGITS = {digit: str(value) for value, digit in enumerate("०१२३४५६७८९")}
_NASALS = dict.fromkeys("ंँ", "n")
_VIRAMA, _NUKTA, _VISARGA = "्", "़", "ः"
_LEFT_OUT = {_VISARGA, "ॐ", "ऽ", "\u200c", "\u200d"}
_WITH_DOT = {"j": "z", "ph": "f"}  # ज़ फ़; the other dotted letters sound as people type them undotted
_INHERENT = "ə"  # the vowel every bare consonant has, marked until it is known to be spoken
_SPOKEN = "aeiou" + _INHERENT
_SILENT_INSIDE = re.compile(rf"(?<=[{_SPOKEN}])([^{_SPOKEN}\W]+){_INHERENT}(?=[^{_SPOKEN}\W]+[aeiou])")


def romanise(text: str) -> str:
    """The text with its Devanagari letters in Latin ones, all else as it was.

    Vowels nobody speaks are left out (कमरा is "kamraa"), which needs whole words.
    """
    if not any("\u0900" <= letter <= "\u097f" for letter in text):
        return text
    return "".join(_word(part) for part in re.split(r"(\s+)", text))


def _word(word: str) -> str:
    sounds: list[str] = []
    for letter in word:
        if letter in _CONSONANTS:
            sounds += [_CONSONANTS[letter], _INHERENT]
        elif letter == _NUKTA and len(sounds) > 1:
            sounds[-2] = _WITH_DOT.get(sounds[-2], sounds[-2])
        elif letter in _SIGNS or letter == _VIRAMA:
            if sounds and sounds[-1] == _INHERENT:
                sounds.pop()
            sounds.append(_SIGNS.get(letter, ""))
        elif letter not in _LEFT_OUT:
            sounds.append(_VOWELS.get(letter) or _NASALS.get(letter) or _DIGITS.get(letter) or letter)
    spoken = re.sub(rf"(?<=\w){_INHERENT}(?=\W|$)", "", "".join(sounds))
    return _SILENT_INSIDE.sub(r"\1", spoken).replace(_INHERENT, "a")
