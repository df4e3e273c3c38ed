"""Telephones rung for a handover: one at a time, and only who accepted one has the call to give back."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import msgspec
import pytest

from shared.desk.calls.acting import ask_person
from shared.desk.calls.tokens import join
from shared.domain.call_rooms import CALLER, NotDialled
from shared.domain.colleagues import Actor
from shared.domain.effects import HandOver
from shared.domain.errors import Transient
from shared.domain.handovers import Handover, handover_path
from tests.unit.telephony.conftest import VOICE
from voice_service import telephone_people, transfer
from voice_service.tasks import Tasks
from voice_service.telephone_people import TelephonePeople
from voice_service.waiting import until
from voice_service.whose_call import SIP

ASHA = Actor(id="asha", name="Asha")
FIRST, SECOND = "+4930555", "+4930666"


class Room:
    """The room as an agent in it sees it."""

    name = "room-c1"

    def __init__(self):
        self.handlers = []
        self.remote_participants = {}
        nobody_hears = {"set_track_subscription_permissions": lambda **_: None}
        self.local_participant = SimpleNamespace(track_publications={}, **nobody_hears)

    def on(self, event, handler):
        self.handlers.append((event, handler))

    def emit(self, event, told):
        for one, handler in self.handlers:
            if one == event:
                handler(told)

    def comes(self, identity, status="active"):
        """A telephone is picked up, or as its status says."""
        told = {"attributes": {"sip.callStatus": status}, "kind": SIP, "track_publications": {}}
        someone = self.remote_participants[identity] = SimpleNamespace(identity=identity, **told)
        self.emit("participant_connected", someone)

    def leaves(self, identity):
        """Somebody is not there any more."""
        if someone := self.remote_participants.pop(identity, None):
            self.emit("participant_disconnected", someone)

    def presses(self, identity, digit):
        """Somebody presses a key."""
        someone = self.remote_participants[identity]
        self.emit("sip_dtmf_received", SimpleNamespace(participant=someone, digit=digit))


class Telephones:
    """The telephones of a call whose caller waits for a person; what a dialled one does, the test says."""

    def __init__(self, line, hold, handover, monkeypatch):
        self.room, self.tasks, self.rung, self.together = hold.room, Tasks(), [], []
        self.line, self.handover, self._away = line, handover, 0
        self.people = TelephonePeople(hold, self.tasks)
        self.dials = self.room.comes
        line.livekit.dial, line.livekit.remove = self._dial, self._remove
        line.livekit.subscribe = self._subscribe

        async def brief(*_):
            await asyncio.sleep(60)

        async def no_ears(_):
            return None

        monkeypatch.setattr(transfer.Transfer, "_brief", brief)
        monkeypatch.setattr(telephone_people, "ears_beside", no_ears)
        monkeypatch.setattr(telephone_people, "realtime_model", lambda *_: None)
        monkeypatch.setattr(telephone_people, "NOBODY_FOR", 0.0)

    async def head(self):
        (head,) = await self.line.documents("conversations")
        return head

    async def rings(self, number):
        """Returns once a number was dialled."""
        assert await until(lambda: number in self.rung, seconds=10)

    async def done(self):
        """Returns once nothing rings and nothing is under way."""
        async with asyncio.timeout(10):
            while self.tasks._running:
                await self.tasks.done()

    async def _dial(self, wanted):
        self.rung.append(wanted.number)
        self.dials(wanted.identity)
        return "SCL_1"

    async def _remove(self, _, identity):
        self.room.leaves(identity)

    async def _subscribe(self, _, identity, tracks, *, hears):
        self.together.append((identity, hears))


@pytest.fixture
def telephones(line, monkeypatch):
    """A function that rings these numbers for a call."""

    @asynccontextmanager
    async def rung(*numbers, ring_seconds=5):
        named = {f"line{at}": number for at, number in enumerate(numbers)}
        await line.publish(voice={**VOICE, "transfer": {"numbers": named, "ring_seconds": ring_seconds}})
        call, published = await line.called(), await line.running()
        await line.taken_up()
        head = await ask_person(line.services, line.store, call, published.config, HandOver(reason="asks"))
        document = await line.store.get(handover_path(head.handover))
        hold = SimpleNamespace(
            services=line.services, store=line.store, published=published, room=Room(),
            state=SimpleNamespace(call=call), process=SimpleNamespace(settings=None),
        )  # fmt: skip
        hold.room.comes(CALLER)
        known = msgspec.convert(document.data, Handover)
        ringing = Telephones(line, hold, known, monkeypatch)
        ringing.people.awaited(known.id)
        try:
            yield ringing
        finally:
            ringing.tasks.stop()

    return rung


@pytest.mark.parametrize("joined", [False, True])
async def test_a_telephone_that_refuses_leaves_the_call_with_whom_it_is(line, telephones, joined):
    """The handover stands, and a colleague who took it in the console meanwhile keeps it."""
    async with telephones(FIRST) as rung:
        await rung.rings(FIRST)
        if joined:
            await join(line.services, "acme", "c1", by=ASHA)
        rung.room.presses("person-phone-1", "2")
        await rung.done()
        head = await rung.head()

    assert [] == [one for one in rung.room.remote_participants if one != CALLER]
    assert (("human_active", "asha") if joined else ("handover", "")) == (head["state"], head["assignee"])


@pytest.mark.parametrize(("joined", "state"), [(False, "back_to_ai"), (True, "human_active")])
async def test_who_accepted_gives_the_call_back_when_they_hang_up(line, telephones, joined, state):
    """Unless a colleague has it by then: who only listened on has nothing to give."""
    async with telephones(FIRST, SECOND) as rung:
        await rung.rings(FIRST)
        rung.room.presses("person-phone-1", "1")
        await rung.done()
        taken = (await rung.head())["state"]
        if joined:
            await join(line.services, "acme", "c1", by=ASHA)
        rung.room.leaves("person-phone-1")
        await rung.done()

    assert ("human_active", state, [FIRST]) == (taken, (await rung.head())["state"], rung.rung)


async def test_who_accepted_is_brought_together_with_the_caller_though_livekit_was_away(telephones):
    """The call is theirs: they are not put out, and nobody else is rung."""
    async with telephones(FIRST, SECOND) as rung:
        asked = []

        async def busy(_, identity, tracks, *, hears):
            asked.append((identity, hears))
            if len(asked) < 3:
                raise Transient("LiveKit does not answer")

        await rung.rings(FIRST)
        rung.line.livekit.subscribe = busy
        rung.room.presses("person-phone-1", "1")
        await rung.done()

    assert ("human_active", [FIRST]) == ((await rung.head())["state"], rung.rung)
    assert "person-phone-1" in rung.room.remote_participants
    assert [("person-phone-1", True), (CALLER, True)] == asked[-2:]


def unheard(_):
    raise Transient("LiveKit does not answer")


async def test_the_next_telephone_is_not_rung_while_the_first_may_ring(telephones):
    """Nobody knows what became of the request: it is waited for, and whoever comes of it is briefed."""
    async with telephones(FIRST, SECOND) as rung:
        rung.dials = unheard
        await rung.rings(FIRST)
        await asyncio.sleep(0.3)
        before = list(rung.rung)
        rung.room.comes("person-phone-1")
        await asyncio.sleep(0.2)
        apart = set(rung.together)
        rung.room.presses("person-phone-1", "1")
        await rung.done()
        state = (await rung.head())["state"]

    assert ([FIRST], [FIRST], "human_active") == (before, rung.rung, state)
    assert {("person-phone-1", False), (CALLER, False)} <= apart


async def test_a_telephone_of_which_nothing_came_is_given_up_and_comes_in_no_more(telephones, monkeypatch):
    """Once LiveKit passes the request on no longer the next is rung; who comes after all is put out."""
    monkeypatch.setattr(transfer, "PASSED_ON", transfer.PASSED_ON * 0)
    async with telephones(FIRST, SECOND) as rung:
        rung.dials = unheard
        await rung.rings(FIRST)
        rung.dials = rung.room.comes
        await rung.rings(SECOND)
        rung.room.comes("person-phone-1")
        await asyncio.sleep(0.1)
        there = set(rung.room.remote_participants)
        state = (await rung.head())["state"]

    assert {CALLER, "person-phone-2"} == there
    assert "handover" == state


async def test_a_request_that_nothing_took_keeps_the_next_telephone_waiting_for_nothing(telephones):
    """It is certain that no telephone rings because of it."""

    def refused(_):
        raise NotDialled("no response from servers")

    async with telephones(FIRST, SECOND) as rung:
        rung.dials = refused
        await rung.rings(FIRST)
        rung.dials = rung.room.comes
        await rung.rings(SECOND)

    assert [FIRST, SECOND] == rung.rung


async def test_a_telephone_that_is_busy_keeps_the_caller_waiting_no_longer(telephones):
    """It left without an answer: the next is rung at once, not after the seconds one is rung for."""
    async with telephones(FIRST, SECOND, ring_seconds=30) as rung:
        rung.dials = lambda identity: rung.room.comes(identity, "ringing")
        await rung.rings(FIRST)
        await asyncio.sleep(0.2)
        before = list(rung.rung)
        rung.room.leaves("person-phone-1")
        await rung.rings(SECOND)

    assert [FIRST] == before
