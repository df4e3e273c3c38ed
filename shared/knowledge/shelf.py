"""Built indexes kept at hand, so that a desk's knowledge is read once per version and not per turn."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from shared.knowledge.index import KnowledgeIndex
from shared.knowledge.read import read_files

_Name = tuple[str, str, int, tuple[str, ...]]
Load = Callable[[], Awaitable[Mapping[str, bytes]]]


class Shelf:
    """The indexes of the desks lately asked for, at most `room` of them."""

    def __init__(self, room: int = 64) -> None:
        self._room = room
        self._built: OrderedDict[_Name, asyncio.Task[KnowledgeIndex]] = OrderedDict()

    async def index(
        self,
        tenant: str,
        desk: str,
        version: int,
        load: Load,
        synonyms: Mapping[str, Sequence[str]] | None = None,
        *,
        files: Iterable[str] = (),
    ) -> KnowledgeIndex:
        """The index of a desk's version, built from the files `load` gives unless it is here already.

        `files` name those there are: a member of a desk's team may read some of its desk's alone.
        Callers at the same time share one building. Raises what `load` raises, and Malformed for a
        file that cannot be read; the next call then tries again.
        """
        name = (tenant, desk, version, tuple(sorted(files)))
        if name not in self._built:
            self._built[name] = asyncio.ensure_future(_build(load, synonyms))
        self._built.move_to_end(name)
        while len(self._built) > self._room:
            self._built.popitem(last=False)
        task = self._built[name]
        try:
            return await asyncio.shield(task)
        except Exception:
            if self._built.get(name) is task:
                del self._built[name]
            raise


async def _build(load: Load, synonyms: Mapping[str, Sequence[str]] | None) -> KnowledgeIndex:
    files = await load()
    return await asyncio.to_thread(lambda: KnowledgeIndex(read_files(files), synonyms))
