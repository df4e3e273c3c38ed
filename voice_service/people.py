"""Does in the call what the head says of people: who has the word speaks, who is waited for is announced.

While a colleague has the word the model hears nothing: what is spoken then is overheard for the transcript
alone. What a colleague types is said to the caller.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Literal

from shared.desk.calls.document import find_call
from shared.desk.commit import head_path, live_key, message_path, read_head, read_message
from shared.domain.call_rooms import is_person
from shared.domain.calls import Call, is_live
from shared.domain.conversation import Head, Message
from shared.domain.effects import HandOver
from shared.domain.errors import FrontdeskError
from shared.domain.states import FROZEN
from voice_service.agents_of_call import DESK, PERSON
from voice_service.comfort import Comfort
from voice_service.overheard import Overheard
from voice_service.talk import Talk
from voice_service.telephone_people import TelephonePeople
from voice_service.waiting import until

log = logging.getLogger(__name__)

LOOKS_EVERY = 2.0
"""Seconds after which it looks though nobody woke it."""

TELLS_WITHIN = 2.0
"""Seconds in which a model that asked for a person has begun to tell the caller so; else they are told."""

HOLD = "One moment please, I am bringing in a colleague. I will stay on the line."
BACK = "You have the call again; a colleague looked after the caller. {left}Say so in a few words, and go on."
FINISHED = "A colleague has settled everything. Say goodbye in one short sentence."
SENT = ("sent", "delivered", "read")
Phase = Literal["desk", "waiting", "person", "over"]


class People:
    """Who of ours speaks on one call."""

    def __init__(
        self,
        talk: Talk,
        comfort: Comfort,
        *,
        telephones: TelephonePeople,
        over: Callable[[], None],
        goodbye: Callable[[str, str], object],
    ) -> None:
        """`over` is called when the call was ended by others, `goodbye` to say words and hang up."""
        self.phase: Phase = "desk"
        self._before: Phase = "desk"  # the phase before this one
        self._done = True  # whether all was done that this one asks for
        self._talk = talk
        self._comfort = comfort
        self._telephones = telephones
        self._over = over
        self._goodbye = goodbye
        self._overheard = Overheard(talk)
        self._words = ""  # what the caller is told of the handover under way
        self._seen = talk.state.call.told_upto  # the newest message that was looked at
        self._woken = asyncio.Event()
        talk.on_hand_over = self._asked_for
        room = talk.hold.room
        room.on("participant_connected", lambda _: self._hold_or_not())
        room.on("participant_disconnected", lambda _: self._hold_or_not())

    async def run(self) -> None:
        """Follow the conversation until the call is over."""
        following = asyncio.create_task(self._follow())
        try:
            while self.phase != "over":
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), LOOKS_EVERY)
                self._woken.clear()
                try:
                    await self.look()
                except FrontdeskError as error:
                    log.warning("call.not_followed", extra={"why": str(error)})
                except Exception:  # what nobody foresaw ends one look, not the following
                    log.exception("call.look_broke")
        finally:
            following.cancel()
            self._overheard.end()

    async def look(self) -> None:
        """Look once, and do what has changed."""
        talk, state = self._talk, self._talk.state
        call = await find_call(talk.hold.store, state.call.id)
        head = read_head(await talk.hold.store.get(head_path(state.call.conversation)))
        if call is None or head is None or call.generation != state.call.generation:
            state.lost.set()
            self.phase = "over"
        elif not is_live(call):
            self.phase = "over"
            self._over()
        else:
            await self._become(_phase(head))
            if self.phase == "waiting":
                self._telephones.awaited(head.handover)
            await self._say_what_others_wrote(call, head)

    @property
    def colleague_here(self) -> bool:
        """Whether a person of the business is in the room."""
        there = set(self._talk.hold.room.remote_participants) - self._telephones.waiting
        return any(map(is_person, there))

    async def _follow(self) -> None:
        talk = self._talk
        async for _ in talk.hold.services.ports.live.watch(
            live_key(talk.hold.store.tenant, talk.state.call.conversation)
        ):
            self._woken.set()

    def _asked_for(self, wanted: HandOver) -> None:
        self._words = wanted.reply
        self._woken.set()

    async def _become(self, phase: Phase) -> None:
        """Do what a phase asks for, once; what broke off is done anew. Raises Transient."""
        talk = self._talk
        if phase != self.phase:
            self._before, self.phase, self._done = self.phase, phase, False
            log.info("call.people", extra={"before": self._before, "after": phase})
        if self._done:
            return
        talk.frozen = phase != "desk"
        talk.caller.forget()
        talk.hear_or_not()
        if phase != "person":
            self._overheard.end()
        if phase == "waiting":
            talk.state.change(state="transferring", stage="transferring")
            await self._announce()
        elif phase == "person":
            talk.state.change(state="with_person", stage="transferring")
            await talk.speaking.silence()
            await self._overheard.begin()
            await talk.means.agents.became(PERSON, "handover")
        elif phase == "over":
            self._comfort.stop()
            self._done = True
            self._goodbye(FINISHED, "a colleague finished it")
            return
        else:
            talk.state.change(state="active", stage="talking")
            await talk.means.agents.became(DESK, "given_back")
            await self._take_up_again(after_person=self._before == "person")
        self._done = True
        self._hold_or_not()

    async def _announce(self) -> None:
        """Tell the caller that a person is called in, unless the model is just doing so."""
        talk, began = self._talk, time.monotonic()
        if not self._words and await until(lambda: talk.said_since(began), seconds=TELLS_WITHIN):
            await talk.speaking.played(seconds=10)
            return
        transfer = talk.hold.published.config.voice.transfer
        words = self._words or transfer.hold_words or HOLD
        self._words = ""
        await talk.speaking.played(talk.speaking.say(words), seconds=12)

    async def _take_up_again(self, *, after_person: bool) -> None:
        self._comfort.stop()
        talk = self._talk
        told = await talk.instruct()
        if lasting := talk.lasting:
            lasting.instruct_next(told.system)
        if after_person:
            talk.speaking.ask(BACK.format(left=f"What they left you:\n{told.left}\n" if told.left else ""))
        await talk.answer_what_waits()

    def _hold_or_not(self) -> None:
        """The tune is heard while the caller is held: somebody is awaited, and nobody speaks."""
        if self.phase in ("waiting", "person") and not self.colleague_here:
            self._comfort.begin(filler=False)
        elif self.phase != "desk":
            self._comfort.stop()

    async def _say_what_others_wrote(self, call: Call, head: Head) -> None:
        store, conversation = self._talk.hold.store, call.conversation
        seqs = range(self._seen + 1, head.last + 1)
        documents = await store.get_many([message_path(conversation, seq) for seq in seqs])
        for document in documents:
            message = read_message(document) if document else None
            if message is None:
                continue
            if _is_to_be_said(message):
                if message.status in ("queued", "sending"):
                    return  # it is said once it counts as sent; a colleague may still be overtaken
                if message.status in SENT:
                    await self._say(message.content.text)
                    self._talk.state.change(told_upto=message.seq)
            self._seen = message.seq

    async def _say(self, text: str) -> None:
        talk = self._talk
        self._comfort.stop()
        talk.saying_stored += 1
        try:
            await talk.speaking.say_whole(text)
        finally:
            talk.saying_stored -= 1
        self._hold_or_not()


def _is_to_be_said(message: Message) -> bool:
    """Whether others wrote it. What was spoken, by whichever job, was delivered before it was written."""
    ours = message.author == "desk" and message.status == "delivered" and not message.attempts
    return message.author != "customer" and not (ours or message.spoken) and bool(message.content.text)


def _phase(head: Head) -> Phase:
    if head.state == "human_active":
        return "person"
    if head.state in FROZEN:
        return "waiting"
    return "over" if head.state == "resolved" else "desk"
