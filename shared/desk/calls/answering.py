"""The right to answer what waits on a call: taken at once, let go where nothing comes of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from shared.config.versions import Published
from shared.desk import lease
from shared.desk.answer import answered
from shared.desk.beside import OwnTool
from shared.desk.calls.document import find_call
from shared.desk.calls.situation import beside_of
from shared.desk.commit import Change, commit, head_path, read_head
from shared.desk.lease import Lease, holds
from shared.desk.question import Question, ask
from shared.desk.services import Services
from shared.desk.thought import Thought
from shared.domain.calls import Call
from shared.domain.conversation import Head
from shared.domain.errors import Contested
from shared.security.tenancy import TenantStore


@dataclass(slots=True, kw_only=True)
class Answering:
    """The right, while it lasts."""

    services: Services
    store: TenantStore
    call: Call
    published: Published
    lease: Lease
    done: bool = False

    @property
    def covers(self) -> tuple[int, int]:
        """The first and the last of the caller's words that wait."""
        head = self.lease.head
        return min(head.answered + 1, head.pending), head.pending

    def thought(self, **more: Any) -> Thought:
        """A thought about what waits that nobody had to think."""
        head, languages = self.lease.head, self.published.config.desk.languages
        return Thought(
            turn=f"{self.call.conversation}:{self.covers[0]}",
            covers=self.covers,
            version=self.published.version,
            began=self.services.ports.clock.now(),
            language=head.language or languages[0],
            **more,
        )

    async def question(self, tools: Mapping[str, OwnTool] | None = None) -> Question:
        """What waits to be answered, on this call and with its own tools.

        Raises Permanent where the desk's prompt is broken.
        """
        head = self.lease.head
        return await ask(
            self.services,
            self.store,
            self.call.conversation,
            head=head,
            published=self.published,
            upto=head.pending,
            beside=beside_of(self.call, self.published, head, tools),
        )

    async def commit(self, thought: Thought) -> bool:
        """Make the thought the answer; False where a person or another job has the word by now."""
        published = await self.services.versions.version(self.published.desk, thought.version)
        config = (published or self.published).config

        def decide(head: Head | None, rev: int) -> Change | None:
            if head is None or not holds(head, self.lease):
                return None
            now = self.services.ports.clock.now()
            return answered(
                self.store,
                self.call.conversation,
                thought,
                config=config,
                limits=None,
                head=head,
                rev=rev,
                now=now,
            )

        written = await commit(self.services.ports, self.store, self.call.conversation, decide)
        self.done = True
        return written is not None


@asynccontextmanager
async def answering(
    services: Services, store: TenantStore, call: Call, published: Published
) -> AsyncIterator[Answering | None]:
    """The right to answer, or None where nothing waits or a person has the word.

    Only the job that carries a call answers it: a lease that a turn left behind when it was cut off, or
    died, is taken over. Raises Contested where another job carries it, Transient where the store is busy.
    """
    document, held = await asyncio.gather(store.get(head_path(call.conversation)), find_call(store, call.id))
    head = read_head(document)
    if held is None or held.generation != call.generation:
        raise Contested(f"another job carries call {call.id} now; this one answers no more")
    if document is None or head is None:
        yield None
        return
    taken = await lease.take(
        services,
        store,
        call.conversation,
        head.pending,
        announces=False,
        read=document,
        takes_over=True,
    )
    if taken is None:
        yield None
        return
    right = Answering(services=services, store=store, call=call, published=published, lease=taken)
    try:
        yield right
    finally:
        if not right.done:
            await asyncio.shield(lease.let_go(services, store, call.conversation, taken))
