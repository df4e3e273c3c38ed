"""People who can be rung on a telephone: when they are, by what line, and what follows when they hang up."""

import asyncio
import logging
import time
from collections.abc import Set as AbstractSet

import msgspec
from livekit import rtc

from shared.desk.calls.by_telephone import hung_up_telephone
from shared.desk.calls.ring import outgoing_trunk
from shared.domain.call_rooms import Dial, NotDialled
from shared.domain.errors import FrontdeskError, Transient
from shared.domain.handovers import Handover, handover_path, is_open
from voice_service.ears import ears_beside
from voice_service.realtime import realtime_model
from voice_service.spoken_words import spoken
from voice_service.talk import Hold
from voice_service.tasks import Tasks
from voice_service.transfer import PHONE, Transfer

log = logging.getLogger(__name__)

NOBODY_FOR = 3.0
"""Seconds in which a handover is offered to nobody in the console, after which telephones ring."""

LOOKS_EVERY = 1.0


class TelephonePeople:
    """Those of one call's desk."""

    def __init__(self, hold: Hold, tasks: Tasks) -> None:
        self._hold = hold
        self._tasks = tasks
        self._telephones: Transfer | None = None
        self._rung: set[str] = set()  # handovers for which telephones rang
        hold.room.on("participant_connected", self._came)
        hold.room.on("participant_disconnected", self._left)

    @property
    def waiting(self) -> AbstractSet[str]:
        """Identities of who was rung and has not accepted; who refused is among them."""
        return self._telephones.waiting if self._telephones else frozenset()

    def awaited(self, handover: str) -> None:
        """A person is awaited: ring, should nobody in the console be asked."""
        rules = self._hold.published.config.voice.transfer
        if handover and rules.numbers and handover not in self._rung:
            self._rung.add(handover)
            self._tasks.begin(self._when_nobody_is_asked(handover))

    async def _when_nobody_is_asked(self, handover: str) -> None:
        since = time.monotonic()
        while (known := await self._handover(handover)) is not None:
            if known.state == "offered":
                since = time.monotonic()
            elif time.monotonic() - since >= NOBODY_FOR:
                await self._ring(known)
                return
            await asyncio.sleep(LOOKS_EVERY)

    async def _ring(self, handover: Handover) -> None:
        self._telephones = self._telephones or await self._transfer()
        taken = await self._telephones.run(handover)
        log.info("call.telephones_rang", extra={"taken": taken})
        if taken and self._telephones.ringing not in self._hold.room.remote_participants:
            await self._hung_up()  # they left while the call was being given to them

    async def _transfer(self) -> Transfer:
        """What rings for all handovers of the call, so that it knows whom it rang for an earlier one."""
        hold = self._hold
        config, language = hold.published.config, hold.published.config.desk.languages[0]
        services = hold.services
        model = realtime_model(
            hold.process.settings, services.models.catalogue, services.ports.clock, config, language
        )
        return Transfer(
            hold, config.voice.transfer,
            dial=self._dial, speak=lambda words: spoken(model, words), hears=await ears_beside(hold),
        )  # fmt: skip

    async def _dial(self, number: str, identity: str, seconds: int) -> None:
        hold, call = self._hold, self._hold.state.call
        own = hold.published.config.channels.phone
        shown = (
            call.account if call.direction != "browser" else (own.numbers[0] if own and own.numbers else "")
        )
        try:
            trunk = await outgoing_trunk(hold.services, hold.published, shown)
        except Transient as error:
            raise NotDialled(str(error), retry_after=error.retry_after) from error
        await hold.services.livekit().dial(
            Dial(
                room=hold.room.name,
                trunk=trunk,
                number=number,
                shown=shown,
                identity=identity,
                ring_seconds=seconds,
                most_seconds=hold.published.config.voice.max_minutes * 60,
            )
        )

    async def _handover(self, handover: str) -> Handover | None:
        """The handover, None once somebody has it or it is over."""
        document = await self._hold.store.get(handover_path(handover))
        known = msgspec.convert(document.data, Handover) if document else None
        return known if known and is_open(known) and known.state != "active" else None

    def _came(self, participant: rtc.RemoteParticipant) -> None:
        if self._telephones and participant.identity in self.waiting - {self._telephones.ringing}:
            self._tasks.begin(self._telephones.put_out(participant.identity))

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity.startswith(PHONE) and participant.identity not in self.waiting:
            self._tasks.begin(self._hung_up())

    async def _hung_up(self) -> None:
        hold = self._hold
        try:
            await hung_up_telephone(hold.services, hold.store.tenant, hold.state.call.conversation)
        except FrontdeskError as error:
            log.info("call.not_handed_back", extra={"why": str(error)})
