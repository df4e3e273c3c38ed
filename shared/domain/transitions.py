"""A change of a conversation's state that concerns people, as it is written down for good."""

from typing import ClassVar

import msgspec

from shared.domain.conversation import sequence_name
from shared.domain.states import State


class Transition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of state. Its document is made in the commit that changes the head, and never changed."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    rev: int  # the head's rev that made it
    at: str  # a stamp
    before: State
    after: State
    by: str = ""  # a colleague's id; empty for the desk and its timers
    name: str = ""
    why: str = ""


def transition_path(conversation: str, rev: int) -> str:
    """Where a change of state stands within its tenant."""
    return f"conversations/{conversation}/transitions/{sequence_name(rev)}"
