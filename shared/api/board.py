"""How every desk stands: the published versions, the last save of each file, and the model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from shared.config.board import BOARD_KEY, ChannelState, DeskState, ModelState
from shared.config.problems import Problem
from shared.config.publish import FileResult
from shared.config.versions import Published, Versions
from shared.domain.errors import FrontdeskError
from shared.models.router import OFFLINE, Router
from shared.ports import Ports

_Finding = TypeVar("_Finding", bound=Problem)
CHECKED_FOR = timedelta(minutes=5)
TROUBLE_CHECKED_FOR = timedelta(seconds=30)
NEEDED: dict[str, dict[str | None, tuple[str, ...]]] = {
    "whatsapp": {
        "meta": ("META_ACCESS_TOKEN", "META_APP_SECRET"),
        "twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    },
    "instagram": {None: ("META_ACCESS_TOKEN", "META_APP_SECRET", "META_APP_ID")},
    "sms": {"twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")},
    "phone": {"livekit_sip": ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")},
    "room": {"livekit_web": ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")},
}
"""The platform's credentials a channel works with where the desk's file names none of its own."""
OWN = {
    "META_APP_ID": "app_id",
    "META_ACCESS_TOKEN": "access_token",
    "META_APP_SECRET": "app_secret",
    "TWILIO_ACCOUNT_SID": "account_sid",
    "TWILIO_AUTH_TOKEN": "auth_token",
}


class Board:
    """The board of one installation; `saw` tells it what the files came to."""

    def __init__(
        self, ports: Ports, versions: Versions, models: Router, credentials: Mapping[str, str], folder: str
    ) -> None:
        self._ports = ports
        self._versions = versions
        self._models = models
        self._credentials = credentials
        self._folder = folder
        self._files: dict[str, FileResult] = {}
        self._file_names: dict[str, str] = {}  # a desk's file, as it last named the desk
        self._model: tuple[datetime, ModelState] | None = None

    async def saw(self, results: Sequence[FileResult]) -> None:
        """Take what the folder's files came to, and wake whoever looks at the board."""
        self._files = {result.file: result for result in results}
        self._file_names |= {result.desk: result.file for result in results if result.desk}
        await self._ports.live.notify(BOARD_KEY)

    async def list(self) -> list[DeskState]:
        """Every desk there is a published version or a file of, by name."""
        states = []
        for _, desk in await self._versions.desks():
            published = await self._versions.published(desk)
            if published is not None:
                states.append(self._state(published, await self._file_of(desk)))
        known = {state.file for state in states}
        states += [
            self._never_published(result)
            for result in self._files.values()
            if result.problems and self._path(result) not in known
        ]
        return sorted(states, key=lambda state: state.name.lower())

    async def _file_of(self, desk: str) -> FileResult | None:
        """A desk's file; a broken one names no desk, but its last good version names the file."""
        if desk not in self._file_names:
            newest = await self._versions.history(desk, limit=1)
            self._file_names[desk] = newest[0].file if newest else ""
        return self._files.get(self._file_names[desk])

    async def model(self) -> ModelState:
        """The model that answers; a refused key is told in its vendor's words."""
        now = self._ports.clock.now()
        if self._model is None or self._model[0] <= now:
            state = await self._ask()
            fresh = TROUBLE_CHECKED_FOR if state.trouble else CHECKED_FOR
            self._model = (now + fresh, state)
        return self._model[1]

    async def _ask(self) -> ModelState:
        try:
            route = self._models.route("balanced")
        except FrontdeskError as error:
            return ModelState(label="No model", trouble=str(error))
        first = route.chain[0]
        if first.provider == OFFLINE:
            return ModelState(label="Offline model", offline=True)
        try:
            await route.check()
        except FrontdeskError as error:
            return ModelState(label=first.name, trouble=str(error))
        return ModelState(label=first.name)

    def _path(self, result: FileResult) -> str:
        return f"{self._folder}/{result.file}"

    def _state(self, published: Published, file: FileResult | None) -> DeskState:
        desk = published.config.desk
        return DeskState(
            tenant=published.tenant,
            desk=published.desk,
            name=desk.name,
            file=self._path(file) if file else "",
            vertical=desk.vertical,
            languages=desk.languages,
            colour=desk.theme.colour,
            initials=desk.theme.initials,
            channels=tuple(self._channel(published, name) for name in _channels(published)),
            version=published.version,
            published_at=published.published_at,
            problems=self._placed(file.problems if file else ()),
            notices=self._placed(file.notices if file else ()),
            missing=tuple(part for part in published.missing if part.kind != "channel"),
            differs=file is not None and file.outcome == "differs",
        )

    def _never_published(self, result: FileResult) -> DeskState:
        tenant, _, name = result.file.partition("/")
        desk = name.rpartition(".")[0]
        return DeskState(
            tenant=tenant,
            desk=desk,
            name=desk,
            file=self._path(result),
            problems=self._placed(result.problems),
        )

    def _placed(self, findings: Iterable[_Finding]) -> tuple[_Finding, ...]:
        """Findings with their file named as people find it."""
        return tuple(replace(one, file=f"{self._folder}/{one.file}") for one in findings)

    def _channel(self, published: Published, name: str) -> ChannelState:
        settings = getattr(published.config.channels, name)
        needed = NEEDED.get(name, {}).get(getattr(settings, "provider", None), ())
        missing = [
            variable
            for variable in needed
            if not self._credentials.get(variable) and not getattr(settings, OWN.get(variable, ""), None)
        ]
        return ChannelState(name=name, missing=", ".join(missing))


def _channels(published: Published) -> list[str]:
    return list(dict.fromkeys(channel for channel, _ in published.config.accounts()))
