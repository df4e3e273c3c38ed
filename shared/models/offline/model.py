"""The offline chat model: free, deterministic, and honest about being a set of rules."""

import asyncio
import re
from collections.abc import AsyncIterator

from shared.models.chat_model import Answer, Delta, Request
from shared.models.offline.answering import answer
from shared.models.offline.structured import structured
from shared.models.offline.vocabulary import vocabulary

_SENTENCES = re.compile(r"[^\n.!?।]+(?:[.!?।](?!\s|$)[^\n.!?।]+)*[.!?।]*\s*|\s+")


class OfflineModel:
    """Understands by word lists, tool examples and the desk's knowledge; see `ChatModel` for the port.

    It reads `turns`, `tools`, `schema` and `briefing` of a request and nothing else, bills nothing
    (`usage` stays 0) and answers a talk of 50 turns in a few milliseconds.
    """

    provider = "offline"

    async def stream(self, request: Request) -> AsyncIterator[Delta | Answer]:
        """The answer's calls or sentences one by one, then the whole."""
        whole = await self.answer(request)
        for call in whole.calls:
            yield Delta(call=call)
        for sentence in _SENTENCES.findall(whole.text):
            yield Delta(text=sentence)
            await asyncio.sleep(0)  # lets a reader show it before the next
        yield whole

    async def answer(self, request: Request) -> Answer:
        """The whole answer. Raises nothing: what it does not understand it says."""
        return structured(request) if request.schema is not None else answer(request)

    async def check(self) -> None:
        """Returns when the word lists are readable."""
        vocabulary()
