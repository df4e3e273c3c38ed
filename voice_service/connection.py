"""One connection to Gemini Live: the plugin's own, which tells its end and leaves the next one to us.

The plugin reconnects by itself in the middle of a word, gives up on some closings, and loses what a tool
answered meanwhile. Here each connection ends once; `LastingSession` decides what follows.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from google.genai import types
from livekit.agents import llm
from livekit.plugins.google.realtime.api_proto import ClientEvents
from livekit.plugins.google.realtime.realtime_api import RealtimeModel, RealtimeSession


@dataclass(frozen=True, slots=True)
class Cut:
    """An answer that the connection's end cut short."""

    text: str  # what of it was spoken


class Connection(RealtimeSession):
    """A session of the plugin on one connection. `ended` is set with `why` when that connection is over."""

    def __init__(self, model: "ConnectedModel", *, resume: "Connection | None" = None) -> None:
        super().__init__(model)
        self._connected = model
        self.opened_at = time.monotonic()
        self.ready = asyncio.Event()
        self.ended = asyncio.Event()
        self.why = ""
        self.cut: Cut | None = None
        self.calls: set[str] = set()  # ids of the calls of tools it made
        self.transcribed_at = 0.0  # time.monotonic(), when it last wrote down words of the caller
        self.goes_at: float | None = None  # time.monotonic(), when the vendor ends it
        self.resumed = resume is not None
        self._told_final = ""
        self._calling = False
        if resume is not None:
            self._session_resumption_handle = resume._session_resumption_handle  # noqa: SLF001  one plugin
            self._resumption_chat_ctx = resume._resumption_chat_ctx  # noqa: SLF001

    @property
    def busy(self) -> bool:
        """Whether it is answering."""
        generation = self._current_generation
        return generation is not None and not generation._done  # noqa: SLF001

    @property
    def answering_since(self) -> float | None:
        """Since when it makes an answer that is not whole yet, time.monotonic(); None where it makes none."""
        generation = self._current_generation
        if generation is None or generation._done or generation._completed_timestamp is not None:  # noqa: SLF001
            return None
        return time.monotonic() - (time.time() - generation._created_timestamp)  # noqa: SLF001

    @property
    def resumable(self) -> bool:
        """Whether another connection may go on with what the vendor remembers of this one."""
        refused = "1007" in self.why or "1008" in self.why
        return self.session_resumption_handle is not None and not refused

    @property
    def full(self) -> bool:
        """Whether the vendor ended it because its context was full, or its history unfit."""
        return "1007" in self.why

    def _report_connection_acquired(self, acquire_time: float) -> None:
        self.ready.set()
        super()._report_connection_acquired(acquire_time)

    def _send_client_event(self, event: ClientEvents) -> None:
        """A tool's answer goes as the object it is; the plugin would send it as text within one."""
        if isinstance(event, types.LiveClientToolResponse):
            for answer in event.function_responses or []:
                answer.response = _structured(answer.response)
        super()._send_client_event(event)

    def _emit_error(self, error: Exception, recoverable: bool) -> None:  # noqa: FBT001, ARG002  the plugin's
        self.why = f"{type(error).__name__}: {error}"
        self.ended.set()

    def _handle_go_away(self, go_away: types.LiveServerGoAway) -> None:
        left = str(go_away.time_left or "10s").rstrip("s")
        self.goes_at = time.monotonic() + (float(left) if left.replace(".", "", 1).isdigit() else 10.0)

    def _handle_server_content(self, server_content: types.LiveServerContent) -> None:
        if server_content.input_transcription and server_content.input_transcription.text:
            self.transcribed_at = time.monotonic()
        super()._handle_server_content(server_content)
        generation = self._current_generation
        # The plugin tells the caller's words when the turn is over, which is after our answer was played.
        if server_content.generation_complete and generation and generation.input_transcription:
            self._told_final = generation.input_id
            self.emit(
                "input_audio_transcription_completed",
                llm.InputTranscriptionCompleted(
                    item_id=generation.input_id,
                    transcript=generation.input_transcription,
                    is_final=True,
                    turn_started_at=generation._created_timestamp,  # noqa: SLF001
                ),
            )

    def _handle_tool_calls(self, tool_call: types.LiveServerToolCall) -> None:
        self.calls |= {call.id for call in tool_call.function_calls or [] if call.id}
        if self._current_generation:
            self._connected.called.add(self._current_generation.response_id)
        self._calling = True
        try:
            super()._handle_tool_calls(tool_call)
        finally:
            self._calling = False

    def _mark_current_generation_done(self) -> None:
        generation = self._current_generation
        if generation and not generation._done:  # noqa: SLF001
            unfinished = generation._completed_timestamp is None and not self._calling  # noqa: SLF001
            self.cut = Cut(generation.output_text) if unfinished else None
        super()._mark_current_generation_done()


def _structured(response: dict[str, Any] | None) -> dict[str, Any] | None:
    try:
        answer = json.loads((response or {})["output"])
    except (KeyError, TypeError, ValueError):
        return response
    return answer if isinstance(answer, dict) else response


class ConnectedModel(RealtimeModel):
    """The plugin's model, whose sessions are Connections."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.called: set[str] = set()  # names of the answers in which it called a tool

    def session(self, *, turn_detection_disabled: bool = False) -> Connection:  # noqa: ARG002
        """A new connection; it begins to connect at once."""
        return self.connect()

    def connect(self, *, resume: Connection | None = None) -> Connection:
        """A new connection, where it can one that resumes another; it begins to connect at once."""
        made = Connection(self, resume=resume)
        self._sessions.add(made)
        return made
