"""Keeps answers that every caller would get, so that the same first question is answered without thinking.

They are in the store, for every call has a process of its own. There are as many places as the desk's file
says; an answer has its place by its question, and puts out the one that stands there.
"""

import logging
import re
import unicodedata
from datetime import timedelta

from shared.desk.thought import Thought
from shared.domain.errors import FrontdeskError
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.ports import Clock, Put
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

READ_ONLY = frozenset({"search_knowledge"})
"""Tools whose result is the same for everybody while a version of the desk runs."""

_PERSONAL = re.compile(r"\S@\S|\d[\d ().-]{5,}\d")

Key = tuple[int, str, str, str]


def key_of(version: int, agent: str, language: str, words: str) -> Key:
    """What an answer is known by: the same words, however they are written, to the same who speaks."""
    plain = "".join(letter if unicodedata.category(letter)[0] in "LMNZ" else " " for letter in words)
    return version, agent, language, " ".join(plain.casefold().split())


def general(thought: Thought) -> bool:
    """Whether everybody would be answered so: nothing was done, nobody is meant, nobody is in danger."""
    tools = {step.name for step in thought.steps if step.kind == "tool"}
    personal = {value for value in thought.customer.values() if value and value in thought.text}
    return bool(
        thought.text
        and tools <= READ_ONLY
        and not (personal or thought.effects or thought.choices or thought.handover)
        and not _PERSONAL.search(thought.text)
        and "emergency" not in (thought.signals.intent or "")
    )


class AnswerCache:
    """One desk's answers. `hits` and `misses` are this process's own."""

    def __init__(self, store: TenantStore, clock: Clock, desk: str, *, size: int, seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._size = size
        self._seconds = timedelta(seconds=seconds)
        self.hits = 0
        self.misses = 0

    async def find(self, key: Key) -> str | None:
        """The answer to these words, or None; also where the store is busy."""
        if not self._size:
            return None
        name = self._name(key)
        try:
            found = await self._store.get(self._path(name))
        except FrontdeskError as error:
            log.warning("call.known_answers_away", extra={"family": type(error).__name__})
            found = None
        if (
            found is None
            or found.data.get("name") != name
            or instant(str(found.data["until"])) <= self._clock.now()
        ):
            self.misses += 1
            return None
        self.hits += 1
        return str(found.data["text"])

    async def keep(self, key: Key, thought: Thought) -> None:
        """Keep the answer, if everybody would get it. A store that is busy keeps it not."""
        if not self._size or not general(thought):
            return
        name, until = self._name(key), self._clock.now() + self._seconds
        data: dict[str, object] = {"shape": 1, "name": name, "text": thought.text, "until": stamp(until)}
        try:
            await self._store.commit([Put(self._path(name), data, expires=until)])
        except FrontdeskError as error:
            log.warning("call.answer_not_kept", extra={"family": type(error).__name__})

    def _name(self, key: Key) -> str:
        return digest("known answer", self._desk, *map(str, key))

    def _path(self, name: str) -> str:
        place = int(name, 16) % self._size
        return f"known_answers/{self._desk}-{place}"
