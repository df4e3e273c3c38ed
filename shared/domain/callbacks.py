"""Calls the desk promised to make."""

from typing import ClassVar, Literal

import msgspec


class Callback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One promised call. Its document is `callbacks/{id}`; the timer `ring_callback` carries it out."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    desk: str
    conversation: str
    customer: str
    phone: str  # E.164
    about: str
    due: str  # a stamp
    state: Literal["waiting", "due", "done", "cancelled"] = "waiting"
    created_at: str
