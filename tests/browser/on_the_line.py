"""Who is in a call beside the page: an agent or a colleague that does as a test wants, by the real SDK."""

import asyncio
import contextlib
import math
import struct
import uuid
import wave
from collections import deque
from dataclasses import dataclass, field

from livekit import api, rtc

RATE = 48_000
FRAME = RATE // 100
LOUD = 9_000
"""The height of the tone it speaks with; half of it and more is what somebody hears."""


def write_microphone(path, seconds=120):
    """A WAV of a voice for the browser's microphone: bursts of a tone, as words are."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        one = b"".join(struct.pack("<h", _tone(n, 440) if n % RATE < RATE * 0.8 else 0) for n in range(RATE))
        file.writeframes(one * seconds)
    return path


def _tone(sample, hertz):
    return int(LOUD * math.sin(2 * math.pi * hertz * sample / RATE))


@dataclass
class OnTheLine:
    """Somebody of ours in a room."""

    server: object
    room_name: str
    identity: str = "agent-scripted"
    kind: str = "agent"
    room: rtc.Room = field(default_factory=rtc.Room)
    pressed: list = field(default_factory=list)
    speaks: bool = False
    _levels: deque = field(default_factory=lambda: deque(maxlen=20))
    _tasks: list = field(default_factory=list)

    async def __aenter__(self):
        grants = api.VideoGrants(room_join=True, room=self.room_name, agent=self.kind == "agent")
        token = api.AccessToken(self.server.key, self.server.secret).with_identity(self.identity)
        token = token.with_kind(self.kind).with_grants(grants).to_jwt()
        self.room.on("sip_dtmf_received", lambda told: self.pressed.append(told.digit))
        self.room.on("track_subscribed", self._listen)
        await self.room.connect(self.server.url, token)
        source = rtc.AudioSource(RATE, 1, queue_size_ms=200)
        track = rtc.LocalAudioTrack.create_audio_track("voice", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        self._tasks.append(asyncio.create_task(self._speak(source)))
        return self

    async def __aexit__(self, *_):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(Exception):  # the room may be gone
            await self.room.disconnect()

    def _listen(self, track, *_):
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self._tasks.append(asyncio.create_task(self._hear(rtc.AudioStream(track))))

    async def _hear(self, stream):
        async for told in stream:
            samples = memoryview(told.frame.data).cast("B").cast("h")
            self._levels.append(max(map(abs, samples), default=0))

    async def _speak(self, source):
        sample = 0
        while True:
            tone = [_tone(sample + n, 300) if self.speaks else 0 for n in range(FRAME)]
            sample += FRAME
            await source.capture_frame(rtc.AudioFrame(struct.pack(f"<{FRAME}h", *tone), RATE, 1, FRAME))

    @property
    def hears(self):
        """Whether somebody spoke in the last fifth of a second."""
        return max(self._levels, default=0) > LOUD / 2

    async def say(self, text):
        """Sounds, and writes the words as they are spoken."""
        self.speaks = True
        segment = {"lk.segment_id": uuid.uuid4().hex, "lk.transcription_final": "false"}
        writer = await self.room.local_participant.stream_text(topic="lk.transcription", attributes=segment)
        for word in text.split():
            await writer.write(f"{word} ")
            await asyncio.sleep(0.06)
        await writer.aclose(attributes={"lk.transcription_final": "true"})
        self.speaks = False

    async def heard(self, text):
        """Writes what the caller said: each time anew, as a recogniser corrects itself."""
        segment, words = uuid.uuid4().hex, text.split()
        for count in range(1, len(words) + 1):
            told = {
                "lk.segment_id": segment,
                "lk.transcription_final": "true" if count == len(words) else "false",
            }
            writer = await self.room.local_participant.stream_text(
                topic="lk.transcription", sender_identity="caller", attributes=told
            )
            await writer.write(" ".join(words[:count]))
            await writer.aclose()


async def until(true, seconds=10):
    """Returns when it is so. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what others do has no event
            await asyncio.sleep(0.05)
