"""How long a call may last, for the job that says goodbye in time and for the watch that ends it."""

from datetime import datetime, timedelta

from shared.config.schema import DeskConfig
from shared.config.voice import Voice
from shared.domain.calls import Call
from shared.domain.instants import instant


def longest(call: Call, config: DeskConfig | None) -> timedelta:
    """By the desk's file, from the answering on; by our own measure where the desk runs no more."""
    voice, room = (config.voice, config.channels.room) if config else (Voice(), None)
    most = timedelta(minutes=voice.max_minutes)
    if room and call.direction == "browser":
        most = min(most, timedelta(seconds=room.max_seconds))
    return most


def lasts_since(call: Call) -> datetime:
    """From when on it is counted, whichever job carries it: the answering, or the beginning before that."""
    return instant(call.answered_at or call.started_at)
