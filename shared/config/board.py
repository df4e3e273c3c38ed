"""How every desk stands, on one page: what runs, what a file's last save broke, what is not connected."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeVar

import msgspec

from shared.config.availability import Missing
from shared.config.problems import Notice, Problem
from shared.config.publish import FileResult
from shared.config.versions import Published, Versions
from shared.ports import Live

BOARD_KEY = "board"
"""The Live key that is notified when any of this changes."""
_Problem = TypeVar("_Problem", bound=Problem)


class ChannelState(msgspec.Struct, frozen=True, kw_only=True):
    """A channel of a desk; `missing` says what would connect it, empty where it is connected."""

    name: str
    missing: str = ""


class DeskState(msgspec.Struct, frozen=True, kw_only=True):
    """A desk as its file and the store have it."""

    tenant: str
    desk: str
    name: str
    file: str = ""  # where to edit it; empty for a desk that was never a file
    vertical: str = ""
    languages: tuple[str, ...] = ()
    colour: str = "#1f6feb"
    initials: str = ""
    channels: tuple[ChannelState, ...] = ()
    version: int | None = None  # the published one; None where there is none yet
    published_at: str = ""
    problems: tuple[Problem, ...] = ()  # of the file as it is now; the published version runs on
    notices: tuple[Notice, ...] = ()
    missing: tuple[Missing, ...] = ()
    differs: bool = False  # what runs was made elsewhere, and the file changed since


class ModelState(msgspec.Struct, frozen=True, kw_only=True):
    """Which model answers, said in words for people."""

    label: str  # e.g. "Offline model" or "Gemini 3 Flash"
    offline: bool = False
    trouble: str = ""  # why a key is not used, in its vendor's own words


class Board:
    """The desks of an installation: what is published, and what the files came to when last looked at.

    `folder` is the files' folder as people know it; `unconnected` maps a channel to what would connect it.
    """

    def __init__(
        self,
        versions: Versions,
        live: Live,
        *,
        model: Callable[[], ModelState],
        folder: str = "configs",
        unconnected: Mapping[str, str] | None = None,
    ) -> None:
        self._versions = versions
        self._live = live
        self._model = model
        self._folder = PurePosixPath(folder)
        self._unconnected = unconnected or {}
        self._results: dict[str, FileResult] = {}
        self._desk_of: dict[str, str] = {}  # file -> the desk it last made

    async def saw(self, results: Iterable[FileResult]) -> None:
        """The whole folder was looked at and came to this."""
        self._results = {result.file: result for result in results}
        self._desk_of |= {file: result.desk for file, result in self._results.items() if result.desk}
        await self.changed()

    async def changed(self) -> None:
        """Something of this changed, e.g. a version was published elsewhere."""
        await self._live.notify(BOARD_KEY)

    def model(self) -> ModelState:
        """The model that answers now."""
        return self._model()

    async def list(self) -> list[DeskState]:
        """Every desk there is a file or a published version of, by name."""
        desks = await self._versions.desks()
        by_desk = {await self._desk(result, desks): result for result in self._results.values()}
        published = {desk: await self._versions.published(desk) for _, desk in desks}
        states = [
            self._state(desk, published.get(desk), by_desk.get(desk))
            for desk in {**published, **by_desk}
            if published.get(desk) or desk in by_desk
        ]
        return sorted(states, key=lambda state: state.name.casefold())

    async def _desk(self, result: FileResult, desks: Iterable[tuple[str, str]]) -> str:
        """The desk of a file, also of one that cannot say so itself because it is broken."""
        if result.file not in self._desk_of:
            for _, desk in desks:
                newest = await self._versions.history(desk, limit=1)
                if newest:
                    self._desk_of.setdefault(newest[0].file, desk)
        return self._desk_of.setdefault(result.file, PurePosixPath(result.file).stem)

    def _state(self, desk: str, published: Published | None, result: FileResult | None) -> DeskState:
        file = PurePosixPath(result.file) if result else None
        state = DeskState(
            tenant=published.tenant if published else file.parent.name if file else "",
            desk=desk,
            name=desk,
            file=str(self._folder / file) if file else "",
            problems=tuple(self._placed(one) for one in result.problems) if result else (),
            notices=tuple(self._placed(one) for one in result.notices) if result else (),
            differs=result is not None and result.outcome == "differs",
        )
        return self._running(state, published) if published else state

    def _placed(self, problem: _Problem) -> _Problem:
        """The problem with its file named as people find it."""
        return replace(problem, file=str(self._folder / problem.file))

    def _running(self, state: DeskState, published: Published) -> DeskState:
        about, missing = published.config.desk, published.missing
        silent = {part.name: part.why for part in missing if part.kind == "channel"}
        names = dict.fromkeys([name for name, _ in published.config.accounts()] + list(silent))
        lacks = {**self._unconnected, **silent}
        return msgspec.structs.replace(
            state,
            name=about.name,
            vertical=about.vertical,
            languages=about.languages,
            colour=about.theme.colour,
            initials=about.theme.initials,
            channels=tuple(ChannelState(name=name, missing=lacks.get(name, "")) for name in names),
            version=published.version,
            published_at=published.published_at,
            missing=tuple(part for part in missing if part.kind != "channel"),
        )
