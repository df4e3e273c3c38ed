"""Calls the desk promised: who is to make them, and what became of them."""

from typing import ClassVar, Literal

import msgspec

CALLBACK = "callback"
"""The type of a handover that brings a promised call to a colleague."""

CallbackState = Literal["waiting", "calling", "due", "done", "missed", "cancelled"]


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """One promised call. Its document is `callbacks/{id}`; the timer `ring_callback` brings it up."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    desk: str
    conversation: str
    customer: str
    phone: str  # E.164
    about: str
    due: str  # a stamp
    state: CallbackState = (
        "waiting"  # `calling`: by the desk; `due`: with people now; `missed`: nobody took it, a ticket stands
    )
    created_at: str
    handover: str = ""  # by which it was brought to people
    planned: str = ""  # the call of the desk's own that is to keep it, while it is `calling`
    ticket: str = ""  # what stands for a missed one
    note: str = ""  # what came of the call
    ended_at: str = ""
    ended_by: str = ""  # a colleague's id
