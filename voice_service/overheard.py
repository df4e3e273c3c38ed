"""Writes down what caller and colleague say to each other while the desk is silent.

By what hears for the desk, where `voice.stt` is connected; else by a connection of the realtime model's own,
which has no tools, knows nothing of the call, and whose sound goes nowhere.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from typing import Any

from livekit import rtc
from livekit.agents import APIError, llm, stt

from shared.domain.call_rooms import PERSON, is_person
from shared.domain.errors import FrontdeskError, Permanent
from voice_service.ears import ears_beside, feed, words_of
from voice_service.realtime import realtime_model
from voice_service.talk import Talk
from voice_service.transfer import PHONE
from voice_service.whose_call import is_caller

log = logging.getLogger(__name__)

LISTEN = "You only listen. Never answer and say nothing at all."

LOOKS_EVERY = 1.0
"""Seconds after which it is looked whether somebody and a connection are still there."""


class Overheard:
    """One call's. Between `begin` and `end` it hears everybody in the room who speaks."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._hears: stt.STT[Any] | None = None
        self._on = False
        self._count = 0
        self._running: dict[str, asyncio.Task[None]] = {}  # by who speaks
        talk.hold.room.on("track_subscribed", self._subscribed)

    async def begin(self) -> None:
        """Hear who is there, and who comes."""
        self._on = True
        if self._hears is None and (ears := await ears_beside(self._talk.hold)):
            self._hears = ears
            self._talk.means.figures.listen(ears)
        for participant in list(self._talk.hold.room.remote_participants.values()):
            self._listen(participant)

    def end(self) -> None:
        """Hear nobody any more."""
        self._on = False
        for task in self._running.values():
            task.cancel()
        self._running.clear()

    def _subscribed(
        self, track: rtc.Track, _: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if self._on and track.kind == rtc.TrackKind.KIND_AUDIO:
            self._listen(participant)

    def _listen(self, participant: rtc.RemoteParticipant) -> None:
        """Hear somebody, unless they are heard already or are one of our agents."""
        known = self._running.get(participant.sid)
        if (is_caller(participant) or is_person(participant.identity)) and (known is None or known.done()):
            self._running[participant.sid] = asyncio.create_task(self._follow(participant))

    async def _follow(self, participant: rtc.RemoteParticipant) -> None:
        """Hear somebody until they leave. A connection to a vendor ends after some minutes, or breaks."""
        there = self._talk.hold.room.remote_participants
        while self._on and participant.identity in there:
            try:
                await self._hear(participant)
            except (FrontdeskError, APIError, llm.RealtimeError) as error:
                log.warning("call.not_overheard", extra={"why": str(error)})
                if isinstance(error, Permanent):
                    return
            await asyncio.sleep(LOOKS_EVERY)

    async def _hear(self, participant: rtc.RemoteParticipant) -> None:
        hearing = words_of(self._hears, participant) if self._hears else self._by_model(participant)
        async with contextlib.aclosing(hearing) as pieces:
            async for words in pieces:
                self._write(participant, words)

    def _write(self, participant: rtc.RemoteParticipant, words: str) -> None:
        self._count += 1
        item = f"overheard-{self._talk.state.call.generation}-{self._count}"
        transcript, who = self._talk.transcript, participant.identity
        if is_caller(participant):
            transcript.caller_says(item, words, final=True, to_person=True)
        else:
            by = "" if who.startswith(PHONE) else who.removeprefix(PERSON)
            transcript.we_said(item, words, answers=False, by=by)

    async def _by_model(self, participant: rtc.RemoteParticipant) -> AsyncGenerator[str, None]:
        """What they say, by a realtime model, which writes down what it hears."""
        hold, told = self._talk.hold, self._talk.told
        services, config = hold.services, hold.published.config
        language = told.language if told else config.desk.languages[0]
        model = realtime_model(
            hold.process.settings, services.models.catalogue, services.ports.clock, config, language
        )
        connection, heard = model.connect(), asyncio.Queue[llm.InputTranscriptionCompleted]()
        connection.on("input_audio_transcription_completed", heard.put_nowait)
        await connection.update_instructions(LISTEN)
        feeding, known = asyncio.create_task(feed(connection.push_audio, participant)), ""
        try:
            while not connection.ended.is_set():
                with contextlib.suppress(TimeoutError):
                    piece = await asyncio.wait_for(heard.get(), LOOKS_EVERY)
                    if piece.is_final and piece.item_id != known and piece.transcript.strip():
                        known = piece.item_id
                        yield piece.transcript
        finally:
            feeding.cancel()
            await connection.aclose()
