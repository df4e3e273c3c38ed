"""A note on a conversation that only colleagues see."""

from typing import ClassVar

import msgspec

from shared.domain.conversation import sequence_name


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a colleague wrote down for the others; never sent, never shown to a model."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    rev: int  # the head's rev that brought it: its place in the timeline
    at: str  # a stamp
    by: str = ""  # a colleague's id
    name: str = ""
    text: str


def note_path(conversation: str, rev: int) -> str:
    """Where a note stands within its tenant."""
    return f"conversations/{conversation}/notes/{sequence_name(rev)}"
