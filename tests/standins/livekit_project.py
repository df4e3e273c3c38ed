"""A project at LiveKit in memory, for verbs under a moved clock; the real one is in `tests/calls`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.domain.call_rooms import (
    Dial,
    Kind,
    NotAnswered,
    NotDialled,
    Participant,
    Pass,
    Room,
    RoomPlan,
    Trunk,
)
from shared.domain.errors import Transient


@dataclass
class LiveKitProject:
    """Rooms and who is in them; what was asked is kept, and no agent comes unless the test has it come."""

    now: Any  # the clock's
    url: str = "wss://livekit.example"
    agent: str = "frontdesk"
    inside: dict[str, dict[str, Participant]] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)
    dispatched: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    dialled: list[Dial] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    sent: dict[str, datetime] = field(default_factory=dict)
    passes: list[Pass] = field(default_factory=list)
    out: list[Trunk] = field(default_factory=list)
    away: bool = False  # whether nobody answers
    telephones: Literal["ring", "late", "refuse"] = "ring"  # late: asked, it does not say that they will
    status: int = 0  # with which the network turns a call away that is waited for

    def comes(
        self, room: str, identity: str, kind: Kind = "standard", metadata: str = "", **told: str
    ) -> None:
        """Somebody enters; attributes of a telephone by their names after `sip.`."""
        attributes = {f"sip.{name}": value for name, value in told.items()}
        self.metadata.setdefault(room, metadata)
        self.since.setdefault(room, self.now())
        self.inside.setdefault(room, {})[identity] = Participant(
            identity=identity, kind=kind, attributes=attributes, tracks=(), since=self.now()
        )

    def leaves(self, room: str, identity: str) -> None:
        """Somebody leaves; the room stays until it is closed."""
        del self.inside[room][identity]

    def _answer(self) -> None:
        if self.away:
            raise Transient("LiveKit does not answer", retry_after=2)

    async def create_room(self, name: str, plan: RoomPlan) -> None:
        self._answer()
        self.inside.setdefault(name, {})
        self.since.setdefault(name, self.now())

    async def rooms(self, names: Sequence[str] = ()) -> tuple[Room, ...]:
        self._answer()
        found = [one for one in self.inside if not names or one in names]
        return tuple(
            Room(name=one, metadata=self.metadata.get(one, ""), since=self.since[one]) for one in found
        )

    async def delete_room(self, name: str) -> None:
        self._answer()
        self.inside.pop(name, None)
        self.deleted.append(name)

    async def participants(self, room: str) -> tuple[Participant, ...]:
        self._answer()
        return tuple(self.inside.get(room, {}).values())

    async def remove(self, room: str, identity: str) -> None:
        self.inside.get(room, {}).pop(identity, None)

    async def tell(self, room: str, topic: str, data: dict[str, Any]) -> None:
        self.told.append((topic, data))

    async def dispatch(self, room: str, metadata: dict[str, str]) -> str:
        self._answer()
        self.dispatched.append((room, dict(metadata)))
        self.sent[room] = self.now().replace(microsecond=0)  # as LiveKit tells it
        return "AD_1"

    async def sent_for(self, room: str) -> datetime | None:
        return self.sent.get(room)

    async def trunks(self, way: str) -> tuple[Trunk, ...]:
        self._answer()
        return tuple(self.out) if way == "out" else ()

    async def dial(self, wanted: Dial) -> str:
        self._answer()
        if self.telephones == "refuse":
            raise NotDialled("no response from servers", retry_after=2)
        self.dialled.append(wanted)
        if self.telephones == "late":
            raise Transient("LiveKit does not answer", retry_after=2)
        self.comes(wanted.room, wanted.identity, "sip", callStatus="dialing")
        if self.status and wanted.waits:
            self.leaves(wanted.room, wanted.identity)
            raise NotAnswered(self.status, "as the network says")
        return "SCL_1"

    def token(self, wanted: Pass) -> str:
        self.passes.append(wanted)
        return f"token-{len(self.passes)}"
