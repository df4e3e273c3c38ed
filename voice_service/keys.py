"""Keys a caller presses: the choice of an offered list, or words for the desk as if they were spoken."""

import asyncio
import logging
import time

from livekit import rtc

from voice_service.talk import Talk
from voice_service.whose_call import is_caller

log = logging.getLogger(__name__)

NEXT_WITHIN = 1.2
"""Seconds in which another key belongs to those before."""


class Keys:
    """Gathers the keys of one call."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._pressed = ""
        self._timer: asyncio.TimerHandle | None = None
        talk.hold.room.on("sip_dtmf_received", self._take)

    def _take(self, key: rtc.SipDTMF) -> None:
        if key.participant is not None and not is_caller(key.participant):
            return
        self._talk.pressed_at = time.monotonic()
        self._pressed += key.digit
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(NEXT_WITHIN, self._tell)

    def _tell(self) -> None:
        talk, pressed, self._pressed = self._talk, self._pressed, ""
        words = words_of(pressed, talk.choices)
        log.info("call.keys", extra={"count": len(pressed)})
        if talk.frozen:
            answered = talk.state.call.state == "with_person"
            talk.transcript.caller_says(f"keys-{time.time_ns()}", words, final=True, to_person=answered)
            return
        if talk.speaking.uninterruptible == 0:
            talk.speaking.stop()
        if talk.pipeline:
            talk.session.generate_reply(user_input=words)  # a turn answers it, and may act
        else:
            talk.session.generate_reply(
                user_input=words, instructions=f"The caller {words}. Go on from that."
            )


def words_of(pressed: str, choices: tuple[tuple[str, str], ...]) -> str:
    """What the keys say: the choice of that number, where one was offered."""
    place = int(pressed) - 1 if pressed.isdigit() and len(pressed) <= 2 else -1
    if 0 <= place < len(choices):
        choice, title = choices[place]
        return f"chose {title} [{choice}]"
    return f"pressed {pressed}"
