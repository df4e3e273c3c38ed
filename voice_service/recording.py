"""Keeps the sound of a call where the desk's file says so and the caller agreed; else nothing is kept.

The desk and the caller are on it. What a colleague says, and the tune while one waits, are not.
"""

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

from shared.config.calls import Recording as Rules
from shared.config.schema import DeskConfig
from shared.desk.calls.document import edit_call
from shared.desk.calls.situation import CONSENT as NAME
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.domain.calls import Call
from shared.security.file_ends import file_end
from shared.security.tenancy import TenantStore
from voice_service.call_state import CallState

log = logging.getLogger(__name__)

RATE = 24_000
MEDIA_TYPE = "audio/ogg"
ANNOUNCED = "This call is recorded."
ASKED = "May we record this call, so that nothing gets lost?"
CONSENT = {
    "name": NAME,
    "description": "Note whether the caller agrees to the recording of this call, as they said it.",
    "parameters": {
        "type": "object",
        "properties": {"agreed": {"type": "boolean", "description": "True only after a clear yes."}},
        "required": ["agreed"],
    },
}


class Recorder:
    """One call's. Nothing is written before `begin`."""

    def __init__(self, session: AgentSession[None], state: CallState, rules: Rules) -> None:
        self._io = RecorderIO(agent_session=session, sample_rate=RATE)
        self._session = session
        self._state = state
        self._rules = rules
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def listen(self) -> None:
        """Stand between the session and its room; before the session starts."""
        heard, said = self._session.input.audio, self._session.output.audio
        if heard is not None and said is not None:
            self._session.input.audio = self._io.record_input(heard)
            self._session.output.audio = self._io.record_output(said)

    def words(self, render: Callable[[str], str]) -> str:
        """What the caller is told or asked at the beginning."""
        if self._rules.words:
            return render(self._rules.words)
        return ANNOUNCED if self._rules.consent == "announce" else ASKED

    async def begin(self) -> None:
        """Write from now on."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory()
            await self._io.start(output_path=Path(self._folder.name) / "call.ogg")
            self._state.change(recording="running")

    def consent(self) -> RawFunctionTool[..., Any]:
        """The tool by which a model tells what the caller said to it."""

        async def recording_consent(raw_arguments: dict[str, Any]) -> str:
            if raw_arguments.get("agreed") is not True:
                self._state.change(recording="refused")
                return json.dumps({"recorded": False})
            await self.begin()
            return json.dumps({"recorded": True})

        return function_tool(recording_consent, raw_schema=CONSENT)

    async def keep(self, services: Services, store: TenantStore, config: DeskConfig) -> None:
        """End the writing and keep the file, with an end by the desk's retention. Raises Transient.

        The call names it, also where another job carries the call by now.
        """
        ports = services.ports
        if self._folder is None:
            return
        with self._folder as folder:
            await self._io.aclose()
            written = Path(folder) / "call.ogg"
            if not written.exists():
                return
            blob, now = blob_of(store.tenant, self._state.call), ports.clock.now()
            await store.commit([file_end(blob, messages_until(config, now))])
            await ports.blobs.put(blob, written.read_bytes(), MEDIA_TYPE)
        self._folder = None

        def named(call: Call, _: datetime) -> Call:
            state = "kept" if call.generation == self._state.call.generation else call.recording
            return msgspec.structs.replace(call, recording=state, blobs=tuple(sorted({*call.blobs, blob})))

        await edit_call(services, store.tenant, self._state.call.id, named)
        self._state.change(recording="kept")
        log.info("call.recording_kept", extra={"call": self._state.call.id})


def blob_of(tenant: str, call: Call) -> str:
    """The file's name; a call that several jobs had has one of each, in their order by name."""
    return f"{tenant}/calls/{call.id}/{call.generation:03d}.ogg"
