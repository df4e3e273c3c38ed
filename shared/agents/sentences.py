"""Cuts a streaming answer into sentences, so that a reader never sees half a word."""

import re

_END = re.compile(r"[.!?।॥。！？…]+[\"'»”’)\]]*(?=\s)|\n+")
"""A sentence's end with white space behind it: a dot inside a number or an address ends nothing."""


class Sentences:
    """The sentences of one answer, as its pieces come."""

    def __init__(self) -> None:
        self._text = ""
        self._whole = 0

    @property
    def so_far(self) -> str:
        """Every whole sentence up to now."""
        return self._text[: self._whole].rstrip()

    def add(self, piece: str) -> bool:
        """Take the next piece; True where it completed a sentence."""
        self._text += piece
        ends = [match.end() for match in _END.finditer(self._text, self._whole)]
        if not ends:
            return False
        self._whole = ends[-1]
        return True
