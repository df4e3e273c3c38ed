"""Brings a person in by telephone where nobody takes the call in the console: rung, briefed, then connected.

Until they accept, by pressing 1 or, where somebody hears it, by a yes, they hear the briefing alone and the
caller the tune alone.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any

from livekit import rtc
from livekit.agents import stt

from shared.config.calls import Transfer as Rules
from shared.desk.calls.by_telephone import took_by_telephone
from shared.desk.calls.ring import PASSED_ON
from shared.domain.call_rooms import PERSON, NotDialled
from shared.domain.errors import FrontdeskError, Transient
from shared.domain.handovers import Handover
from shared.models.offline.hearing import hear
from voice_service.ears import words_of
from voice_service.talk import Hold
from voice_service.waiting import until
from voice_service.whose_call import is_caller

log = logging.getLogger(__name__)

PHONE = f"{PERSON}phone-"
"""How the identities begin of people who were rung."""

RATE = 24_000
ACCEPTS_WITHIN = 20.0
"""Seconds, after the briefing, in which whoever was rung presses a key."""

APART_AFTER = (0.1, 0.4, 1.0)
"""Seconds, one after the other, after which caller and person are taken apart, again and for good."""

TOGETHER_AFTER = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds, one after the other, after which LiveKit is asked again to let them hear each other."""

ACCEPT, REFUSE = "1", "2"
KEYS = "Press 1 to speak with them, 2 if you cannot."
KEYS_OR_WORDS = "Say yes or press 1 to speak with them; say no or press 2 if you cannot."

Dialled = Callable[[str, str, int], Awaitable[None]]
"""Rings a number into the call's room, under an identity, for so many seconds."""


class Transfer:
    """The ringing of telephones for one handover."""

    def __init__(
        self,
        hold: Hold,
        rules: Rules,
        *,
        dial: Dialled,
        speak: Callable[[str], AsyncIterator[rtc.AudioFrame]],
        hears: stt.STT[Any] | None = None,
    ) -> None:
        """`speak` makes sound of words for the person alone; `hears` hears their yes or no."""
        self.waiting: set[str] = set()  # identities of who was rung and has not accepted; none is given twice
        self.ringing = ""  # the one of them that is rung, or briefed, now
        self._hold = hold
        self._rules = rules
        self._dial = dial
        self._speak = speak
        self._hears = hears
        self._pressed: dict[str, str] = {}
        self._tried = 0
        hold.room.on("sip_dtmf_received", self._key)

    async def run(self, handover: Handover) -> bool:
        """Ring one telephone after the other; whether somebody took the call."""
        try:
            return await self._ring_all(handover)
        finally:  # also in vain: whoever is in the room or comes into it hears the agent again
            local = self._hold.room.local_participant
            local.set_track_subscription_permissions(allow_all_participants=True)

    async def put_out(self, identity: str) -> None:
        """End somebody's ringing, or put them out of the room."""
        with suppress(FrontdeskError):
            await self._hold.services.livekit().remove(self._hold.room.name, identity)

    async def _ring_all(self, handover: Handover) -> bool:
        for number in numbers_for(self._rules, handover.departments):
            self._tried += 1
            identity = f"{PHONE}{self._tried}"
            try:
                if await self._ring(number, identity, handover):
                    return True
            except FrontdeskError as error:
                log.warning("call.not_rung", extra={"why": str(error)})
            self.ringing = ""
            await self.put_out(identity)
        return False

    async def _ring(self, number: str, identity: str, handover: Handover) -> bool:
        self.waiting.add(identity)
        self.ringing = identity
        self._only_briefing_for(identity)
        rings = await self._begin_to_ring(number, identity)

        def there() -> rtc.RemoteParticipant | None:
            one = self._hold.room.remote_participants.get(identity)
            return one if one and one.attributes.get("sip.callStatus", "active") == "active" else None

        if not await self._picked_up(identity, lambda: there() is not None, seconds=rings):
            return False
        kept_apart = asyncio.create_task(self._keep_apart(identity))
        briefing = asyncio.create_task(self._brief(identity, handover))
        try:
            await until(lambda: bool(self._answer(identity)) or there() is None, seconds=2 * ACCEPTS_WITHIN)
        finally:
            briefing.cancel()
            kept_apart.cancel()
        if self._answer(identity) != ACCEPT or there() is None:
            return False
        state = self._hold.state.call
        if not await took_by_telephone(self._hold.services, self._hold.store.tenant, state.conversation):
            return False
        self.waiting.discard(identity)
        await self._bring_together(identity)
        return True

    async def _begin_to_ring(self, number: str, identity: str) -> float:
        """Dial; the seconds in which it may be answered.

        Where nobody knows what became of the request it may ring later: two telephones never ring at once.
        """
        rings = float(self._rules.ring_seconds)
        try:
            await self._dial(number, identity, self._rules.ring_seconds)
        except NotDialled:
            raise
        except Transient as error:
            log.warning("call.may_ring_later", extra={"why": str(error)})
            return rings + PASSED_ON.total_seconds()
        return rings

    async def _picked_up(self, identity: str, there: Callable[[], bool], *, seconds: float) -> bool:
        """Whether they pick up in time; one who rang and left, busy or declining, is waited for no longer."""
        rang = False

        def decided() -> bool:
            nonlocal rang
            rings = identity in self._hold.room.remote_participants
            left = rang and not rings
            rang = rings
            return left or there()

        await until(decided, seconds=seconds)
        return there()

    async def _listen(self, identity: str) -> None:
        """Take a yes or a no of theirs for the key."""
        person = self._hold.room.remote_participants.get(identity)
        if self._hears is None or person is None:
            return
        async with aclosing(words_of(self._hears, person)) as pieces:
            async for words in pieces:
                said = hear(words)
                if said.does("yes") != said.does("no"):
                    self._pressed.setdefault(identity, ACCEPT if said.does("yes") else REFUSE)

    async def _brief(self, identity: str, handover: Handover) -> None:
        listening: asyncio.Task[None] | None = None
        source = rtc.AudioSource(RATE, 1)
        track = rtc.LocalAudioTrack.create_audio_track("briefing", source)
        published = await self._hold.room.local_participant.publish_track(track)
        try:
            self._only_briefing_for(identity, published.sid)
            briefing = briefing_of(self._rules, handover, heard=self._hears is not None)
            async for frame in self._speak(briefing):
                await source.capture_frame(frame)
            await source.wait_for_playout()
            listening = asyncio.create_task(self._listen(identity))  # what they say before is no answer
            await asyncio.sleep(ACCEPTS_WITHIN)
            self._pressed.setdefault(identity, REFUSE)
        finally:
            if listening:
                listening.cancel()
            await self._hold.room.local_participant.unpublish_track(published.sid)
            await source.aclose()

    def _only_briefing_for(self, identity: str, briefing: str = "") -> None:
        """What the agent publishes: the person hears the briefing, everybody else the rest."""
        local = self._hold.room.local_participant
        rest = [sid for sid, one in local.track_publications.items() if one.name != "briefing"]
        allowed = [
            rtc.ParticipantTrackPermission(participant_identity=one, allowed_track_sids=rest)
            for one in self._hold.room.remote_participants
            if one not in self.waiting
        ]
        if briefing:
            person = rtc.ParticipantTrackPermission(
                participant_identity=identity, allowed_track_sids=[briefing]
            )
            allowed.append(person)
        local.set_track_subscription_permissions(
            allow_all_participants=False, participant_permissions=allowed
        )

    async def _keep_apart(self, identity: str) -> None:
        """Take away what is subscribed by itself.

        What LiveKit is just subscribing it does not let go of, though it says so: hence again after a moment.
        """
        for pause in APART_AFTER:
            await asyncio.sleep(pause)
            with suppress(FrontdeskError):
                await self._apart(identity, apart=False)
                await self._apart(identity, apart=True)

    async def _bring_together(self, identity: str) -> None:
        """Let caller and person hear each other: the call is theirs, so LiveKit is asked until it does."""
        for pause in TOGETHER_AFTER:
            await asyncio.sleep(pause)
            try:
                await self._apart(identity, apart=False)
            except FrontdeskError as error:
                log.warning("call.not_brought_together", extra={"why": str(error)})
            else:
                return

    async def _apart(self, identity: str, *, apart: bool) -> None:
        """Keep the caller and the person from hearing each other, or let them."""
        room, livekit = self._hold.room, self._hold.services.livekit()
        people = list(room.remote_participants.values())
        callers = [one for one in people if is_caller(one)]
        for caller in callers:
            person = room.remote_participants.get(identity)
            if person is None:
                return
            await livekit.subscribe(room.name, identity, _tracks(caller), hears=not apart)
            await livekit.subscribe(room.name, caller.identity, _tracks(person), hears=not apart)

    def _key(self, key: rtc.SipDTMF) -> None:
        if key.participant is not None and key.participant.identity in self.waiting:
            self._pressed[key.participant.identity] = key.digit

    def _answer(self, identity: str) -> str:
        return self._pressed.get(identity, "")


def numbers_for(rules: Rules, departments: Sequence[str]) -> list[str]:
    """The telephones to ring, those of the departments that are asked for first."""
    named = [rules.numbers[one] for one in departments if one in rules.numbers]
    return list(dict.fromkeys([*named, *rules.numbers.values()]))


def briefing_of(rules: Rules, handover: Handover, *, heard: bool = False) -> str:
    """What the person is told before they accept; `heard` where they may say so."""
    about = handover.summary or handover.reason
    asked = KEYS_OR_WORDS if heard else KEYS
    return f"A caller is on the line. {about if rules.briefing else ''} {asked}".replace("  ", " ")


def _tracks(participant: rtc.RemoteParticipant) -> list[str]:
    return list(participant.track_publications)
