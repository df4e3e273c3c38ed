"""One thing to do about a message, decided before anything is said."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Move:
    """To say a sentence, tell a fact, look something up, note what was told, go on with the open tool, or ask
    for it again.
    """

    kind: Literal["say", "fact", "search", "note", "flow", "reask"]
    key: str = ""  # of the sentence to say, or the fact's name
    text: str = ""  # the fact, or the words to look up
    other: str = ""  # the same in other words, to look up where the first find little; the number to note
    offer_person: bool = False  # and offer a person after it
