"""Keeps the sound of a call where the desk's file says so and the caller agreed; else nothing is kept.

The desk and the caller are on it. What a colleague says, and the tune while one waits, are not.
"""

import asyncio
import contextlib
import json
import logging
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from livekit.agents import AgentSession
from livekit.agents.llm import RawFunctionTool, function_tool
from livekit.agents.voice.recorder_io import RecorderIO

from shared.config.schema import DeskConfig
from shared.desk.calls.document import edit_call
from shared.desk.calls.situation import CONSENT as NAME
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.domain.calls import Call
from shared.domain.errors import Transient
from shared.security.file_ends import file_end
from shared.security.tenancy import TenantStore
from voice_service.call_state import CallState

log = logging.getLogger(__name__)

RATE = 24_000
KEPT_AFTER = (0, 0.5, 1, 2, 4, 8)
"""Seconds, one after the other, after which the store is asked again to take a recording."""

WRITTEN_WITHIN = 2.0
"""Seconds after which a caller's no is answered though the store is busy."""

MEDIA_TYPE = "audio/ogg"
ANNOUNCED = "This call is recorded."
ASKED = "May we record this call, so that nothing gets lost?"
CONSENT = {
    "name": NAME,
    "description": "Note whether the caller agrees to the recording of this call, as they said it; again "
    "where they change their mind.",
    "parameters": {
        "type": "object",
        "properties": {"agreed": {"type": "boolean", "description": "True only after a clear yes."}},
        "required": ["agreed"],
    },
}


class Recorder:
    """One call's. Nothing is written before `begin`, and nothing is left of it after `refuse`."""

    def __init__(
        self,
        session: AgentSession[None],
        services: Services,
        store: TenantStore,
        state: CallState,
        config: DeskConfig,
    ) -> None:
        self._io = RecorderIO(agent_session=session, sample_rate=RATE)
        self._session = session
        self._services = services
        self._store = store
        self._state = state
        self._config = config
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._changing = asyncio.Lock()
        self._unwanted: set[str] = set()  # files that the caller took back

    @classmethod
    def of(
        cls,
        session: AgentSession[None],
        services: Services,
        store: TenantStore,
        state: CallState,
        config: DeskConfig,
    ) -> "Recorder | None":
        """The recorder of a call, None where the desk's file wants none."""
        return cls(session, services, store, state, config) if config.voice.recording.enabled else None

    def listen(self) -> None:
        """Stand between the session and its room; before the session starts."""
        heard, said = self._session.input.audio, self._session.output.audio
        if heard is not None and said is not None:
            self._session.input.audio = self._io.record_input(heard)
            self._session.output.audio = self._io.record_output(said)

    def words(self, render: Callable[[str], str]) -> str:
        """What the caller is told or asked at the beginning."""
        rules = self._config.voice.recording
        if rules.words:
            return render(rules.words)
        return ANNOUNCED if rules.consent == "announce" else ASKED

    async def begin(self) -> None:
        """Write from now on."""
        async with self._changing:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory()
                await self._io.start(output_path=Path(self._folder.name) / "call.ogg")
                self._state.change(recording="running")

    async def refuse(self) -> None:
        """Write no more, and keep nothing of what was written, by this job or one before it."""
        async with self._changing:
            self._state.edit(self._taken_back)
            folder, self._folder = self._folder, None
            if folder is not None:
                with folder:
                    await self._io.aclose()
        with contextlib.suppress(TimeoutError):  # the call as it is stored may name more files than we know
            await asyncio.wait_for(self._state.settled(), WRITTEN_WITHIN)
        await self._remove_unwanted()

    def consent(self) -> RawFunctionTool[..., Any]:
        """The tool by which a model tells what the caller said to it."""

        async def recording_consent(raw_arguments: dict[str, Any]) -> str:
            if raw_arguments.get("agreed") is not True:
                await self.refuse()
                return json.dumps({"recorded": False})
            await self.begin()
            return json.dumps({"recorded": True})

        return function_tool(recording_consent, raw_schema=CONSENT)

    async def keep(self) -> None:
        """End the writing and keep the file, with an end by the desk's retention.

        The call names it, also where another job carries the call by now. What the store never takes is lost.
        """
        await self._remove_unwanted()
        async with self._changing:
            folder, self._folder = self._folder, None
        if folder is None:
            return
        with folder as name:
            await self._io.aclose()
            written = Path(name) / "call.ogg"
            if written.exists():
                await self._keep_at_last(written.read_bytes())

    async def _keep_at_last(self, sound: bytes) -> None:
        call = self._state.call.id
        for pause in KEPT_AFTER:
            await asyncio.sleep(pause)
            try:
                await self._keep(sound)
            except Transient as error:
                log.warning("call.recording_not_kept", extra={"call": call, "why": str(error)})
            else:
                return
        log.error("call.recording_lost", extra={"call": call})

    async def _keep(self, sound: bytes) -> None:
        services, store, ours = self._services, self._store, self._state.call
        blob, now = blob_of(store.tenant, ours), services.ports.clock.now()
        await store.commit([file_end(blob, messages_until(self._config, now))])
        await services.ports.blobs.put(blob, sound, MEDIA_TYPE)

        def named(call: Call, _: datetime) -> Call | None:
            if call.recording == "refused":  # to the job that has the call now
                return None
            state = "kept" if call.generation == ours.generation else call.recording
            return msgspec.structs.replace(call, recording=state, blobs=tuple(sorted({*call.blobs, blob})))

        after = await edit_call(services, store.tenant, ours.id, named)
        if blob not in after.blobs:
            await services.ports.blobs.delete(blob)
            return
        self._state.change(recording="kept")
        log.info("call.recording_kept", extra={"call": ours.id})

    def _taken_back(self, call: Call) -> Call:
        self._unwanted.update(call.blobs)
        return msgspec.structs.replace(call, recording="refused", blobs=())

    async def _remove_unwanted(self) -> None:
        for blob in tuple(self._unwanted):
            try:
                await self._services.ports.blobs.delete(blob)
            except Transient as error:
                log.warning("call.recording_not_removed", extra={"blob": blob, "why": str(error)})
            else:
                self._unwanted.discard(blob)


def blob_of(tenant: str, call: Call) -> str:
    """The file's name; a call that several jobs had has one of each, in their order by name."""
    return f"{tenant}/calls/{call.id}/{call.generation:03d}.ogg"
