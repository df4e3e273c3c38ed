"""One turn of a call that hears, thinks and speaks: the desk's own graph, said sentence by sentence.

No pause for more words and no outbox: what is said is played at once, and written down as it was played.
A turn that is cut short leaves what it did in the ledger; the next turn answers its words too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from shared.agents.desk_turn import Thinking
from shared.config.versions import Published
from shared.desk.answer import words_of
from shared.desk.beside import OwnTool
from shared.desk.calls.answering import Answering, answering
from shared.desk.calls.begin import channel_of_call
from shared.desk.question import Question
from shared.desk.services import Services
from shared.desk.summarise import summarise_if_due
from shared.desk.think import Desk, think
from shared.desk.thought import Thought
from shared.domain.calls import Call
from shared.domain.errors import Transient
from shared.security.tenancy import TenantStore

Say = Callable[[str], Awaitable[None]]
"""Takes the next words that are ready, in order; never the same twice."""


class SpokenTurn:
    """A turn under way."""

    def __init__(
        self,
        services: Services,
        store: TenantStore,
        call: Call,
        published: Published,
        *,
        tools: Mapping[str, OwnTool] | None = None,
    ) -> None:
        """`tools` are those of the call itself, beside the desk's."""
        self._tools = tools
        self._services = services
        self._store = store
        self._call = call
        self._published = published
        self._question: Question | None = None
        self._thinking: Thinking | None = None
        self._round = 0
        self._said = ""  # of the round; each begins anew
        self.spoke = False  # whether it has said anything yet

    @property
    def acted(self) -> bool:
        """Whether a tool has run, so that the turn must be awaited and not replaced."""
        return self._thinking is not None and self._thinking.acted

    async def run(self, say: Say) -> Thought | None:
        """Answer what the caller said last; None where there is nothing to answer or a person has the word.

        Cancelled, it lets go of the conversation. Raises Transient or Permanent where there can be no
        answer; whoever speaks falls back then.
        """
        async with (
            answering(self._services, self._store, self._call, self._published) as right,
            AsyncExitStack() as after,
        ):
            if right is None:
                return None
            thought = await self._think(right, say, after)
            await self._say_rest(thought, say)
            return thought if await right.commit(thought) else None

    async def summarise(self) -> None:
        """Sum up what left the window, once the answer is on its way. Raises Transient."""
        if self._question is not None:
            await summarise_if_due(self._services, self._store, self._question)

    async def _think(self, right: Answering, say: Say, after: AsyncExitStack) -> Thought:
        self._question = question = await right.question(self._tools)

        async def saying(text: str) -> None:
            await self._say_more(text, say)

        def begun(thinking: Thinking) -> None:
            self._thinking = thinking

        desk = Desk(
            self._services, self._store, right.lease, streams=True, after=after, say=saying, begun=begun
        )
        try:
            async with asyncio.timeout(self._services.turn_seconds * 0.9):
                return await think(desk, question)
        except TimeoutError:
            raise Transient("the turn took longer than it may") from None

    async def _say_more(self, text: str, say: Say) -> None:
        """Say what `text` has beyond what was said; what was said and then changed stays said."""
        rounds = self._thinking.rounds if self._thinking else 0
        if rounds != self._round:
            self._round, self._said = rounds, ""
        if not text.startswith(self._said):
            return
        more = text[len(self._said) :].strip()
        self._said = text
        if more:
            await self._say(more, say)

    async def _say_rest(self, thought: Thought, say: Say) -> None:
        """Say what the thought has beyond what was said, each of its messages by itself."""
        now = self._services.ports.clock.now()
        channel = channel_of_call(self._call.direction)
        for one in words_of(thought, config=self._published.config, channel=channel, now=now):
            before, found, behind = one.text.partition(self._said) if self._said else ("", "", one.text)
            if found:
                self._said = ""
            for rest in (before, behind):
                if rest.strip():
                    await self._say(rest.strip(), say)

    async def _say(self, words: str, say: Say) -> None:
        self.spoke = True
        await say(words)
