"""What callers say into a sentence that is heard to its end: LiveKit passes over it, we answer it after."""

import asyncio

from livekit.agents import AgentSession, ConversationItemAddedEvent, UserInputTranscribedEvent, llm
from livekit.agents.voice import SpeechHandle

from voice_service.tasks import Tasks


class TalkedOver:
    """One session's. `pause` is how long, in seconds, LiveKit may take to answer such words after all."""

    def __init__(self, session: "AgentSession[None]", tasks: Tasks, *, pause: float) -> None:
        self._session = session
        self._tasks = tasks
        self._pause = pause
        self._words: list[str] = []
        self._speech: SpeechHandle | None = None
        session.on("user_input_transcribed", self._transcribed)
        session.on("conversation_item_added", self._item_added)

    def _transcribed(self, event: UserInputTranscribedEvent) -> None:
        speech = self._session.current_speech
        if not event.is_final or not event.transcript.strip():
            return
        if speech is None or speech.allow_interruptions:
            return
        self._words.append(event.transcript.strip())
        if speech is not self._speech:
            self._speech = speech
            speech.add_done_callback(lambda _: self._tasks.begin(self._answer()))

    def _item_added(self, event: ConversationItemAddedEvent) -> None:
        if isinstance(event.item, llm.ChatMessage) and event.item.role == "user":
            self._words.clear()  # it was answered as any words are

    async def _answer(self) -> None:
        await asyncio.sleep(self._pause)
        if self._words and self._session.user_state != "speaking":
            self._session.generate_reply(user_input=" ".join(self._words), input_modality="audio")
            self._words.clear()
