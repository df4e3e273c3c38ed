"""Rooms of calls: what a room says of itself, which call it is, who is who in it and who may enter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from shared.domain.errors import Permanent, Transient
from shared.domain.identity import digest

Kind = Literal["standard", "sip", "agent", "other"]
"""What somebody in a room is: a browser, a telephone, one of our agents."""

CALLER = "caller"
"""Who calls from a browser, and whom we call, in their room; a telephone that calls us has another name."""

PERSON = "person-"
"""How the names of colleagues begin who speak in a room, and of telephones we bring in for one."""

LISTENER = "listener-"
"""How the names of colleagues begin who only listen; nobody else sees them."""


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """A room's metadata, and a job's: whom we signed it for; without a call it is the room's own."""

    tenant: str
    desk: str
    call: str = ""

    def written(self) -> dict[str, str]:
        """As LiveKit carries it."""
        own = {"tenant": self.tenant, "desk": self.desk}
        return {**own, "call": self.call} if self.call else own


def read_metadata(metadata: str) -> Whose | None:
    """Whose a room or a job is; None where it is none of ours."""
    try:
        return msgspec.json.decode(metadata, type=Whose)
    except (msgspec.DecodeError, RecursionError):
        return None


def call_in(room: str, whose: Whose) -> str:
    """The id of the call in a room: the one we signed, else the one that every telling makes of its name."""
    return whose.call or call_of_room(room)


def call_of_room(room: str) -> str:
    """The id of the call in a room that LiveKit's own rule has made for a caller."""
    return digest("call in a room", room)


def is_caller(identity: str, kind: str) -> bool:
    """Whether somebody in a room is the other side: the browser that called, or the telephone."""
    return identity == CALLER or (kind == "sip" and not identity.startswith(PERSON))


def is_person(identity: str) -> bool:
    """Whether somebody in a room is a colleague who speaks."""
    return identity.startswith(PERSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room there is."""

    name: str
    metadata: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody in a room."""

    identity: str
    kind: Kind
    attributes: Mapping[str, str]
    tracks: tuple[str, ...]  # ids of what they publish
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPlan:
    """How a room is made when the first enters: what it says of itself, and the agent that is sent."""

    metadata: Mapping[str, str]  # ours alone: who is called; the agent's job carries it too
    empty_seconds: int = 60  # until it closes where nobody enters
    departure_seconds: int = 20  # and after the last has left
    agent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What a token lets its holder do in one room."""

    room: str
    identity: str
    name: str = ""
    speaks: bool = True
    hidden: bool = False
    seconds: int = 120  # until which it must be used; LiveKit renews it for whoever is inside
    plan: RoomPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """A telephone to be rung into a room."""

    room: str
    trunk: str
    number: str  # E.164
    shown: str  # our number, which the other side sees
    identity: str
    ring_seconds: int
    most_seconds: int
    waits: bool = False  # whether it is dialled until somebody answers or the network says why not


class NotDialled(Transient):
    """It may work later, and it is certain that no telephone rings because of it."""


class NotAnswered(Permanent):
    """The network says why nobody took the call; `status` is its word for it, a SIP status such as 486."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"the network answered {status} {words}".strip())
        self.status = status


def picked_up(kind: str, attributes: Mapping[str, str], reason: str = "") -> bool:
    """Whether a telephone that was rung has been answered; `reason` is LiveKit's word for its leaving."""
    status = attributes.get("sip.callStatus", "")
    left = reason == "CLIENT_INITIATED" and status not in ("dialing", "ringing")
    return kind == "sip" and (status in ("active", "automation", "hangup") or left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A trunk LiveKit knows, inward or outward."""

    id: str
    name: str
    numbers: tuple[str, ...]
