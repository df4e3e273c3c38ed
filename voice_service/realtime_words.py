"""What was said on a realtime call, as LiveKit tells it once heard or played, and what it counts for."""

from collections.abc import Callable

from livekit.agents import llm

from voice_service.desk_agent import DeskTools
from voice_service.interruptions import Interruptions
from voice_service.transcript import Transcript


class RealtimeWords:
    """One call's. `called` tells whether an answer called a tool, `stopped_by_us` whether no caller did."""

    def __init__(
        self,
        transcript: Transcript,
        tools: DeskTools,
        interruptions: Interruptions,
        *,
        called: Callable[[str], bool],
        stopped_by_us: Callable[[], bool],
    ) -> None:
        self._transcript = transcript
        self._tools = tools
        self._interruptions = interruptions
        self._called = called
        self._stopped_by_us = stopped_by_us

    def write(self, item: llm.ChatMessage) -> None:
        """Write down an item, with the tools behind it where it answers the caller.

        Words before a tool's result are no answer yet, though LiveKit tells of them after it.
        """
        text = item.text_content or ""
        if item.role == "user":
            self._transcript.caller_says(item.id, text, final=True)
            return
        if item.interrupted and not self._stopped_by_us():
            self._interruptions.stopped(text)
        answers = not (self._tools.running or self._called(item.id))
        steps = tuple(self._tools.steps) if answers else ()
        if answers:
            self._tools.steps.clear()
        self._transcript.we_said(item.id, text, answers=answers, steps=steps)
