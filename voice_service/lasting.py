"""A realtime model that outlives its connections: what was asked, said and owed goes on with the next one."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from livekit import rtc
from livekit.agents import llm, utils
from livekit.agents.types import NOT_GIVEN, NotGivenOr

from voice_service.carried import LONGEST, SHORT, carried, tool_note
from voice_service.connection import ConnectedModel, Connection, Cut
from voice_service.waiting import until

log = logging.getLogger(__name__)

FORWARDED: tuple[llm.realtime.EventTypes, ...] = (
    "input_speech_started",
    "input_speech_stopped",
    "input_audio_transcription_completed",
    "generation_created",
    "metrics_collected",
)
CONNECT_SECONDS = 3.0
PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Seconds before each try to connect; the last repeats."""

QUIET_SECONDS = 1.5
"""How long a connection that was found waits for a quiet moment."""

KEPT_SECONDS = 15.0
"""How much of the caller's sound is kept, to be heard again by the next connection."""


Hearing = Literal["now", "later", "never"]
"""Whether the model hears the caller. Else it hears silence: nobody can talk into what must be heard, or it
is not its turn. What it may hear `later` is kept for `hear_again`.
"""


@dataclass(slots=True)
class Asked:
    """A reply that was asked for, and not begun yet."""

    answer: asyncio.Future[llm.GenerationCreatedEvent]
    instructions: NotGivenOr[str]
    since: float


class LastingModel(llm.RealtimeModel):
    """Hands out one LastingSession, over whichever connections it takes."""

    def __init__(
        self, model: ConnectedModel, *, listening: Callable[[], float | None], before: float
    ) -> None:
        """`listening` tells since when the caller's newest words last, time.monotonic(); None for none.

        `before` is the seconds of sound from before them that the next connection hears with them.
        """
        super().__init__(capabilities=model.capabilities)
        self.inner = model
        self.listening = listening
        self.before = before
        self.lasting: LastingSession | None = None

    @property
    def model(self) -> str:
        """The vendor's name of it."""
        return self.inner.model

    @property
    def provider(self) -> str:
        """The vendor."""
        return self.inner.provider

    def session(self, *, turn_detection_disabled: bool = False) -> "LastingSession":  # noqa: ARG002
        """The session, which begins to connect at once."""
        self.lasting = LastingSession(self)
        return self.lasting

    async def aclose(self) -> None:
        """Nothing is open beside the session."""


class LastingSession(llm.RealtimeSession[Any]):
    """What LiveKit's agents hold as their session; the connection under it is replaced where it must be."""

    def __init__(self, model: LastingModel) -> None:
        super().__init__(model)
        self.hearing: Hearing = "now"
        self.renewals = 0
        self.cut_since: float | None = None  # since when an answer that broke off waits to go on
        self.ask: Callable[[str], None] = lambda _: None  # asks for a reply, as LiveKit's session does
        self.context: Callable[[], llm.ChatContext] = llm.ChatContext.empty  # what was truly said
        self._model = model
        self._instructions: NotGivenOr[str] = NOT_GIVEN
        self._tools: NotGivenOr[list[llm.Tool]] = NOT_GIVEN
        self._sound = deque[tuple[float, rtc.AudioFrame]]()
        self._asked: Asked | None = None
        self._renewing = asyncio.Lock()
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._forwarders = {event: self._forwarder(event) for event in FORWARDED}
        self._inner = model.inner.session()
        self._bind(self._inner)

    @property
    def connection(self) -> Connection:
        """The one it has now."""
        return self._inner

    @property
    def renewing(self) -> bool:
        """Whether it looks for a new connection."""
        return self._renewing.locked()

    @property
    def asked_since(self) -> float | None:
        """Since when a reply is asked for that has not begun; time.monotonic()."""
        return self._asked.since if self._asked and not self._asked.answer.done() else None

    @property
    def chat_ctx(self) -> llm.ChatContext:
        """What the connection knows."""
        return self._inner.chat_ctx

    @property
    def tools(self) -> llm.ToolContext:
        """The tools it may call."""
        return self._inner.tools

    async def update_instructions(self, instructions: str) -> None:
        """Tell it anew what it is."""
        self._instructions = instructions
        await self._inner.update_instructions(instructions)

    def instruct_next(self, instructions: str) -> None:
        """What the next connection is told it is; this one goes on as it was told."""
        self._instructions = instructions

    async def update_chat_ctx(self, chat_ctx: llm.ChatContext) -> None:
        """Tell it what was said and answered; what a call of another connection came to, in words."""
        notes = 0
        for place, item in enumerate(chat_ctx.items):
            if isinstance(item, llm.FunctionCallOutput) and item.call_id not in self._inner.calls:
                note = tool_note(item.name, "", item.output)
                chat_ctx.items[place] = llm.ChatMessage(role="user", content=[note], id=f"note-{item.id}")
                notes += self._inner.chat_ctx.get_by_id(f"note-{item.id}") is None
        await self._inner.update_chat_ctx(chat_ctx)
        if notes and not self.renewing:
            self.ask("Your tool has answered, see the last note. Tell the caller.")

    async def update_tools(self, tools: list[llm.Tool]) -> None:
        """Give it other tools."""
        self._tools = tools
        await self._inner.update_tools(tools)

    def update_options(self, *, tool_choice: NotGivenOr[llm.ToolChoice | None] = NOT_GIVEN) -> None:
        """As the plugin does."""
        self._inner.update_options(tool_choice=tool_choice)

    def push_audio(self, frame: rtc.AudioFrame) -> None:
        """Let it hear the caller, now and, where a connection breaks, again."""
        silent = frame if self.hearing == "now" else utils.audio.silence_frame_like(frame)
        now = time.monotonic()
        self._sound.append((now, silent if self.hearing == "never" else frame))
        while self._sound and self._sound[0][0] < now - KEPT_SECONDS:
            self._sound.popleft()
        if not self._inner.ended.is_set():
            self._inner.push_audio(silent)

    def hear_again(self, since: float) -> None:
        """Let it hear now what the caller said since; time.monotonic()."""
        for at, frame in list(self._sound):
            if at >= since:
                self._inner.push_audio(frame)

    def push_video(self, frame: rtc.VideoFrame) -> None:
        """Calls have no pictures."""

    def generate_reply(
        self,
        *,
        instructions: NotGivenOr[str] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,  # noqa: ARG002  the vendor has no such thing
        tools: NotGivenOr[list[llm.Tool]] = NOT_GIVEN,  # noqa: ARG002
    ) -> asyncio.Future[llm.GenerationCreatedEvent]:
        """Ask for a reply; asked again on the next connection where this one ends before it begins."""
        if self._asked and not self._asked.answer.done():
            self._asked.answer.cancel()
        asked = Asked(asyncio.get_running_loop().create_future(), instructions, time.monotonic())
        self._asked = asked
        if not self.renewing and not self._inner.ended.is_set():
            self._pass_on(asked)
        return asked.answer

    def _pass_on(self, asked: Asked) -> None:
        connection = self._inner
        begun = connection.generate_reply(instructions=asked.instructions)

        def told(done: asyncio.Future[llm.GenerationCreatedEvent]) -> None:
            if asked.answer.done():
                return
            if not done.cancelled() and done.exception() is None:
                asked.answer.set_result(done.result())
            elif connection is self._inner and not connection.ended.is_set() and not self.renewing:
                self.renew("no reply began")

        begun.add_done_callback(told)
        asked.answer.add_done_callback(lambda answer: begun.cancel() if answer.cancelled() else None)

    def commit_audio(self) -> None:
        """The vendor hears by itself."""

    def clear_audio(self) -> None:
        """The same."""

    def interrupt(self) -> None:
        """As the plugin does."""
        self._inner.interrupt()

    def truncate(
        self,
        *,
        message_id: str,
        modalities: list[Literal["text", "audio"]],
        audio_end_ms: int,
        audio_transcript: NotGivenOr[str] = NOT_GIVEN,
    ) -> None:
        """The vendor cannot; it is told of an interruption by hearing it."""

    async def aclose(self) -> None:
        """End it, with its connection."""
        self._closed = True
        await utils.aio.cancel_and_wait(*self._tasks)
        self._unbind(self._inner)
        await self._inner.aclose()
        if self._asked and not self._asked.answer.done():
            self._asked.answer.cancel()

    def renew(self, why: str, *, resume: bool = False) -> None:
        """Look for a new connection now, unless one is looked for already; what is owed is asked of it."""
        if not self.renewing and not self._closed:
            self._spawn(self.take_new_connection(why, resume=resume))

    async def take_new_connection(
        self, why: str, *, resume: bool = False, quiet: Callable[[], bool] | None = None
    ) -> None:
        """Go over to a new connection, however long it takes to find one; the old one serves until then.

        Found, it waits a moment until `quiet`, and learns what was said meanwhile.
        """
        async with self._renewing:
            old, cut = self._inner, self._inner.cut if self._inner.ended.is_set() else None
            log.warning("model.renewed", extra={"why": why or old.why, "resume": resume})
            tries = 0
            while (found := await self._connected(old, resume=resume, short=old.full or tries > 2)) is None:
                tries, resume = tries + 1, False
                await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            if quiet is not None:
                await self._wait_for(quiet, old)
                await found.update_chat_ctx(carried(self.context()))
            self.renewals += 1
            self._unbind(old)
            self._inner = found
            self._bind(found)
        self._spawn(self._quietly_closed(old))
        self.emit("session_reconnected", llm.RealtimeSessionReconnectedEvent())
        self._go_on(old, cut or (old.cut if old.ended.is_set() else None))

    async def _connected(self, old: Connection, *, resume: bool, short: bool) -> Connection | None:
        resumes = resume and old.session_resumption_handle is not None
        made = self._model.inner.connect(resume=old if resumes else None)
        history = carried(self.context(), longest=SHORT if short else LONGEST)
        if old.ended.is_set() and old.cut and old.cut.text:
            known = history.items[-1] if history.items else None
            if not (isinstance(known, llm.ChatMessage) and known.text_content == old.cut.text):
                history.add_message(role="assistant", content=old.cut.text)
        try:
            await made._update_session(  # noqa: SLF001  as LiveKit's own fallback does
                instructions=self._instructions, chat_ctx=history, tools=self._tools
            )
            ends = asyncio.ensure_future(made.ended.wait())
            ready = asyncio.ensure_future(made.ready.wait())
            await asyncio.wait({ends, ready}, timeout=CONNECT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            ends.cancel()
            ready.cancel()
            if made.ready.is_set() and not made.ended.is_set():
                return made
        except llm.RealtimeError as error:
            made.why = str(error)
        log.warning("model.not_connected", extra={"why": made.why or "no answer in time"})
        await self._quietly_closed(made)
        return None

    def _go_on(self, old: Connection, cut: Cut | None) -> None:
        """Let the new connection hear what the old one did not, or ask it for what is owed."""
        self.cut_since = None
        since = self._model.listening()
        unheard = since is not None and since > old.transcribed_at
        if since is not None and unheard:
            self.hear_again(since - self._model.before)
            return
        if self._asked and not self._asked.answer.done():
            self._asked.since = time.monotonic()
            self._pass_on(self._asked)
        elif cut is not None and cut.text:
            self.ask(f'You were cut off after "{cut.text[-200:]}". Go on from there, and repeat nothing.')
        elif cut is not None or since is not None:
            self.ask("Answer what the caller said last.")

    async def _wait_for(self, quiet: Callable[[], bool], old: Connection) -> None:
        await until(lambda: quiet() or old.ended.is_set(), seconds=QUIET_SECONDS, step=0.02)

    def _bind(self, connection: Connection) -> None:
        for event, forwarder in self._forwarders.items():
            connection.on(event, forwarder)
        self._spawn(self._watch(connection))

    def _unbind(self, connection: Connection) -> None:
        for event, forwarder in self._forwarders.items():
            connection.off(event, forwarder)

    async def _watch(self, connection: Connection) -> None:
        await connection.ended.wait()
        if connection is self._inner:
            self.cut_since = time.monotonic() if connection.cut else None
            self.renew(connection.why, resume=connection.resumable)

    def _forwarder(self, event: llm.realtime.EventTypes) -> Callable[[object], None]:
        def forward(told: object) -> None:
            self.emit(event, told)

        return forward

    async def _quietly_closed(self, connection: Connection) -> None:
        with contextlib.suppress(Exception):  # it may be dead in any way
            await connection.aclose()

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
