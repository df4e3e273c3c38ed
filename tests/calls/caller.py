"""Somebody who calls: a participant in a room with a microphone that speaks sentences and ears that record.

LiveKit's SIP server cannot be had on this machine, so a caller by telephone is a participant of kind `sip`
with the attributes and digits that it would have; nothing dials.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psutil
from livekit import api, rtc

from tests import speech
from tests.calls.recording import RATE, Recording
from voice_service.livekit_server import LiveKitServer

MICROPHONE = speech.MICROPHONE
AHEAD_MS = 400
"""What the microphone has ready, so that a busy machine does not make it stammer."""

CAPTIONS = "lk.transcription"
CODES = {**{str(n): n for n in range(10)}, "*": 10, "#": 11}


class MissingNetworkError(Exception):
    """WebRTC needs a network besides loopback, even for a server on loopback; the message says what to do."""


@dataclass(frozen=True)
class Caption:
    """A piece of transcript as a participant gets it."""

    at: float  # time.monotonic(), when its stream was complete
    who: str
    text: str
    final: bool
    attributes: Mapping[str, str]


def need_network() -> None:
    """Raise MissingNetworkError where only loopback is up, on which libwebrtc does not connect."""
    up = [name for name, stats in psutil.net_if_stats().items() if stats.isup and name != "lo"]
    if not any(address.family.name == "AF_INET" for name in up for address in psutil.net_if_addrs()[name]):
        raise MissingNetworkError(
            "no network besides loopback is up, and WebRTC does not connect on loopback alone; as root:"
            " ip link add v0 type veth peer name v1; ip addr add 10.99.0.1/24 dev v0;"
            " ip link set v0 up; ip link set v1 up"
        )


def token(
    server: LiveKitServer,
    room: str,
    identity: str,
    *,
    agent: str = "",
    metadata: str = "",
    kind: api.AccessToken.ParticipantKind = "standard",
    attributes: Mapping[str, str] | None = None,
) -> str:
    """A key to a room; with the name of an agent, the room is given that agent, told `metadata`."""
    grants = api.VideoGrants(room_join=True, room=room, can_update_own_metadata=True)
    made = api.AccessToken(server.key, server.secret).with_identity(identity).with_grants(grants)
    made = made.with_kind(kind).with_attributes(dict(attributes or {}))
    if agent:
        dispatch = api.RoomAgentDispatch(agent_name=agent, metadata=metadata)
        made = made.with_room_config(api.RoomConfiguration(agents=[dispatch]))
    return made.to_jwt()


def telephone(number: str, trunk_number: str, status: str = "active") -> dict[str, str]:
    """The attributes that LiveKit's SIP server gives a participant."""
    return {
        "sip.callID": f"SCL_{uuid4().hex[:12]}",
        "sip.callStatus": status,
        "sip.phoneNumber": number,
        "sip.trunkPhoneNumber": trunk_number,
        "sip.trunkID": "ST_standin",
        "sip.ruleID": "SDR_standin",
    }


class Caller:
    """In a room until it hangs up. `recording` is what it hears, `captions` and `data` what it is told."""

    def __init__(self, *, frame_ms: int = 10) -> None:
        """Longer frames take less of the processor, and tell less exactly when something was heard."""
        self._frame_ms, self._frame = frame_ms, MICROPHONE * frame_ms // 1000
        self.room = rtc.Room()
        self.recording = Recording()
        self.captions: list[Caption] = []
        self.data: list[rtc.DataPacket] = []
        self.digits: list[str] = []
        self.ended = asyncio.Event()  # by whoever; `why` says LiveKit's reason
        self.why: int | None = None
        self._source = rtc.AudioSource(MICROPHONE, 1, queue_size_ms=AHEAD_MS)
        self._words: asyncio.Queue[tuple[bytes, asyncio.Future[tuple[float, float]]]] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._tracks: dict[str, str] = {}  # by id, whose voice each is

    async def join(self, url: str, key: str) -> None:
        """Enter the room and open the microphone. Raises MissingNetworkError."""
        need_network()
        self.room.on("track_subscribed", self._listen)
        self.room.on("data_received", self.data.append)
        self.room.on("sip_dtmf_received", lambda tone: self.digits.append(tone.digit))
        self.room.on("disconnected", self._over)
        self.room.register_text_stream_handler(CAPTIONS, self._read)
        await self.room.connect(url, key)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        self._begin(self._speak())

    async def say(self, text: str, voice: str = "en") -> tuple[float, float]:
        """Say a sentence; the instants at which its first and its last sound left the microphone."""
        return await self.play(await asyncio.to_thread(speech.pcm, text, MICROPHONE, voice))

    async def play(self, pcm: bytes) -> tuple[float, float]:
        """Let the microphone hear samples, after what it hears already; the same instants."""
        done: asyncio.Future[tuple[float, float]] = asyncio.get_running_loop().create_future()
        self._words.put_nowait((pcm, done))
        begun, ended = await done
        await asyncio.sleep(ended - time.monotonic())
        return begun, ended

    async def dial(self, digits: str) -> None:
        """Press keys."""
        for digit in digits:
            await self.room.local_participant.publish_dtmf(code=CODES[digit], digit=digit)

    async def hears(self, since: float, seconds: float = 10.0) -> float:
        """The instant of the first sound after `since`. Raises TimeoutError."""
        found: float = await self._until(lambda: self.recording.first_audio_after(since), seconds)
        return found

    async def hears_words(
        self, text: str, since: float = 0.0, seconds: float = 15.0, voice: str = "en"
    ) -> None:
        """Wait until a sentence was heard. Raises TimeoutError."""
        recording = self.recording
        await self._until(
            lambda: any(recording.has_words(text, since, who, voice) for who in list(recording.heard)),
            seconds,
            every=0.25,
        )

    async def reads(self, text: str, seconds: float = 10.0) -> Caption:
        """The caption in which a text stands. Raises TimeoutError."""
        found: Caption = await self._until(
            lambda: next((one for one in self.captions if text.lower() in one.text.lower()), None), seconds
        )
        return found

    async def sees(self, seconds: float = 10.0, **wanted: Any) -> rtc.RemoteParticipant:
        """The participant whose fields are these, such as `identity` or `kind`. Raises TimeoutError."""
        found: rtc.RemoteParticipant = await self._until(
            lambda: next(
                (
                    one
                    for one in self.room.remote_participants.values()
                    if all(getattr(one, name) == value for name, value in wanted.items())
                ),
                None,
            ),
            seconds,
        )
        return found

    async def hang_up(self) -> None:
        """Leave; a second time does nothing."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.room.disconnect()
        await self._source.aclose()

    async def _until(self, found: Callable[[], Any], seconds: float, every: float = 0.02) -> Any:
        async with asyncio.timeout(seconds):
            while not (one := found()):  # noqa: ASYNC110 - what is waited for has many forms
                await asyncio.sleep(every)
        return one

    async def _speak(self) -> None:
        """The microphone: words where there are some, else silence, always in real time."""
        size = 2 * self._frame
        quiet = rtc.AudioFrame(bytes(size), MICROPHONE, 1, self._frame)
        while True:
            try:
                pcm, done = self._words.get_nowait()
            except asyncio.QueueEmpty:
                await self._source.capture_frame(quiet)
                continue
            pcm += bytes(-len(pcm) % size)
            begun = self._leaves()
            for at in range(0, len(pcm), size):
                frame = rtc.AudioFrame(pcm[at : at + size], MICROPHONE, 1, self._frame)
                await self._source.capture_frame(frame)
            done.set_result((begun, self._leaves()))

    def _leaves(self) -> float:
        """When what is given to the microphone now will leave it."""
        return time.monotonic() + self._source.queued_duration

    def _listen(self, track: rtc.Track, _: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            # A second track of somebody, such as a tune while one waits, is a voice of its own.
            known = any(name == who.identity for name in self._tracks.values())
            self._tracks.setdefault(track.sid, f"{who.identity} {track.name}" if known else who.identity)
            self._begin(self._record(track, self._tracks[track.sid]))

    async def _record(self, track: rtc.Track, who: str) -> None:
        stream = rtc.AudioStream.from_track(
            track=track, sample_rate=RATE, num_channels=1, frame_size_ms=self._frame_ms
        )
        try:
            async for event in stream:
                self.recording.add(who, time.monotonic(), event.frame.data.tobytes())
        finally:
            with contextlib.suppress(Exception):  # where the room is gone already
                await stream.aclose()

    def _read(self, reader: rtc.TextStreamReader, who: str) -> None:
        self._begin(self._caption(reader, who))

    async def _caption(self, reader: rtc.TextStreamReader, who: str) -> None:
        text = await reader.read_all()
        attributes = reader.info.attributes or {}
        final = attributes.get("lk.transcription_final") == "true"
        self.captions.append(Caption(time.monotonic(), who, text, final, attributes))

    def _over(self, why: int) -> None:
        self.why = why
        self.ended.set()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@asynccontextmanager
async def calling(
    server: LiveKitServer, room: str, identity: str = "caller", *, frame_ms: int = 10, **key: Any
) -> AsyncIterator[Caller]:
    """Somebody in a room, by a browser's token; more of `key` is as for `token`."""
    caller = Caller(frame_ms=frame_ms)
    try:
        await caller.join(server.url, token(server, room, identity, **key))
        yield caller
    finally:
        await caller.hang_up()


@asynccontextmanager
async def telephoning(
    server: LiveKitServer, room: str, number: str, trunk_number: str, **key: Any
) -> AsyncIterator[Caller]:
    """Somebody who rang a number from another, as LiveKit's SIP server brings them into a room."""
    attributes = telephone(number, trunk_number)
    async with calling(server, room, f"sip_{number}", kind="sip", attributes=attributes, **key) as caller:
        yield caller
