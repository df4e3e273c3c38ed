"""The course of a call once a job has it: the opening, who looks after it meanwhile, and how it closes."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

import msgspec
from livekit import rtc
from livekit.agents import SpeechCreatedEvent
from livekit.agents.voice import SpeechHandle

from shared.agents.prompt import names_of
from shared.config.templates import render
from shared.desk.calls.acting import ask_person
from shared.desk.calls.begin import channel_of_call
from shared.desk.calls.longest import lasts_since, longest
from shared.desk.handover import given_up
from shared.domain.calls import CallOutcome
from shared.domain.effects import HandOver
from shared.domain.errors import FrontdeskError
from shared.models.budget import BudgetEnded
from voice_service.answering_machine import AnsweringMachine
from voice_service.comfort import Comfort
from voice_service.instructions import Told
from voice_service.keys import Keys
from voice_service.people import People
from voice_service.rollover import Rollover
from voice_service.room_sound import falls_silent
from voice_service.silence import Silence
from voice_service.talk import Talk
from voice_service.tasks import Tasks
from voice_service.telephone_people import TelephonePeople
from voice_service.waiting import until
from voice_service.watchdog import Watchdog
from voice_service.whose_call import DIED, MOVED

log = logging.getLogger(__name__)

GOODBYE_SECONDS = 8.0
ANSWERED_WITHIN = 130.0
"""Seconds until a telephone we ring has been answered, or the network has given up."""

TRIES = 2
"""How often a line is said that a caller must hear."""

BUSY = "All lines of {desk} are busy just now. Please call again in a few minutes."
LONGEST = "The call has reached its longest time: say so kindly, and goodbye."
AGAIN = {
    DIED: "The line was cut for a moment. Say sorry in a few words, then go on where you were.",
    MOVED: "Go on with the call where it was; say in three or four words that you are still here.",
}


class Course:
    """A call from its opening to its goodbye. `finish` ends it, `gone` is called when others ended it."""

    def __init__(
        self,
        talk: Talk,
        tasks: Tasks,
        *,
        finish: Callable[[CallOutcome, str], Awaitable[None]],
        gone: Callable[[], None],
    ) -> None:
        voice = talk.hold.published.config.voice
        self.talk = talk
        self.machine = ""  # what told that a machine took a call of ours; empty where none did
        self.busy = False  # whether all lines were taken before: the caller hears so, and no more
        self.comfort = Comfort(talk.hold.room)
        self._tasks = tasks
        self._finish = finish
        self.people = People(
            talk,
            self.comfort,
            telephones=TelephonePeople(talk.hold, tasks),
            over=gone,
            goodbye=self.say_goodbye,
        )
        self.watchdog = Watchdog(
            talk, self.comfort, voice.watchdog, fall_back=self._fall_back, ask_person=self._ask_person
        )
        talk.silences = lambda: self.watchdog.silences
        self._keys = Keys(talk)
        talk.means.figures.on_budget_end = self._without_money

    def sound_at_once(self) -> None:
        """Let a caller whose job died hear that somebody is there, before the model is reached."""
        self.watchdog.owe()

    async def run(self, caller: rtc.RemoteParticipant, why: str) -> None:
        """Open the call, and look after it until its longest time. `why` is why another job had it before."""
        talk, voice = self.talk, self.talk.hold.published.config.voice
        state = talk.state
        if not await self._answered(caller):
            return
        self.comfort.open()
        if state.call.state in ("dialling", "waiting"):
            state.change(state="active", answered_at=state.now)
        if self.busy:
            await talk.speaking.say_whole(BUSY.format(desk=talk.hold.published.config.desk.name))
            await self._finish("busy", "all lines of the desk were taken")
            return
        if state.call.direction == "outbound":
            talk.on_machine = lambda heard: self._tasks.begin(self._to_machine(caller, heard))
            if not why:
                AnsweringMachine(talk.session, talk.caller, found=talk.on_machine)
        for work in (
            self.watchdog.run(),
            Rollover(talk, minutes=voice.realtime.rollover_minutes).run(),
            Silence(talk, voice.silence, render=self.render).run(self.say_goodbye),
            talk.line.run(),
        ):
            self._tasks.begin(work)
        if state.call.generation > 1:
            with contextlib.suppress(FrontdeskError):  # looked again below
                await self.people.look()  # a colleague may have the call, and nobody talks into their words
        self._tasks.begin(self.people.run())
        await self._open(why)
        if state.call.generation > 1:
            await talk.answer_what_waits()
        ends = lasts_since(state.call) + longest(state.call, talk.hold.published.config)
        left = ends - talk.hold.services.ports.clock.now()
        await asyncio.sleep(max(0.0, left.total_seconds()))
        self.say_goodbye(LONGEST, "the longest time of a call")

    def render(self, template: str) -> str:
        """A template of the desk's file, in this call."""
        config, call, told = self.talk.hold.published.config, self.talk.state.call, self.talk.told
        names = names_of(
            config,
            customer={},
            language=told.language if told else config.desk.languages[0],
            channel=channel_of_call(call.direction),
            now=call.started_at,
        )
        return render(template, names).strip()

    def say_goodbye(self, instructions: str, reason: str, words: str = "") -> None:
        """Say goodbye, in these words or as a model is told to, and end the call."""
        self.talk.state.change(stage="closing")
        self._tasks.begin(self._close_with(instructions, reason, words))

    async def hang_up(self, reason: str) -> None:
        """End the call after the goodbye that the model is about to say by itself."""
        talk, asked = self.talk, time.monotonic()
        talk.state.change(stage="closing")
        await until(lambda: talk.said_since(asked), seconds=GOODBYE_SECONDS)
        await talk.speaking.played(seconds=GOODBYE_SECONDS)
        if not talk.frozen:  # else a colleague came meanwhile, and it is their call
            await self._finish("completed", reason)

    async def _to_machine(self, caller: rtc.RemoteParticipant, heard: str) -> None:
        """Leave the words of the desk's file on a machine, once it has fallen silent, if any, and hang up."""
        talk, rules = self.talk, self.talk.hold.published.config.voice.outbound
        if self.machine:
            return
        self.machine = f"an answering machine took it: {heard}"
        self._tasks.stop()  # nothing else of ours is said to it
        talk.state.change(stage="closing")
        talk.session.on("speech_created", _unless_asked_for)
        if talk.pipeline:  # whose answers LiveKit takes for asked for
            talk.pipeline.ways.quiet = True
        talk.frozen = True
        talk.hear_or_not()
        self.comfort.stop()
        await talk.speaking.silence()
        if rules.voicemail == "leave_message" and rules.voicemail_message:
            await falls_silent(caller)
            if await talk.speaking.say_whole(self.render(rules.voicemail_message)):
                self.machine += "; a message was left there"
                talk.state.change(message_left=talk.state.now)
        await self._finish("voicemail", self.machine)

    async def _answered(self, caller: rtc.RemoteParticipant) -> bool:
        """Whether a telephone we ring is picked up; who left instead is dealt with where that is seen."""
        if self.talk.state.call.state != "dialling":
            return True
        return await until(
            lambda: caller.attributes.get("sip.callStatus") == "active", seconds=ANSWERED_WITHIN
        )

    async def _open(self, why: str) -> None:
        talk, told = self.talk, self.talk.told
        if (why or told is None) and talk.recorder and talk.state.call.recording in ("running", "kept"):
            await talk.recorder.begin()  # they agreed to the job before
        if talk.frozen:
            return
        if why or told is None:
            talk.speaking.ask(AGAIN.get(why, AGAIN[DIED]))
            return
        voice = talk.hold.published.config.voice
        for line in voice.uninterruptible.legal:
            await self._say_for_certain(self.render(line))
        await self._announce_recording()
        if talk.frozen:  # a colleague came meanwhile
            return
        if voice.greeting.interruptible:
            self._greet(told)
        else:
            with talk.speaking.whole():
                await talk.speaking.played(self._greet(told))

    def _greet(self, told: Told) -> SpeechHandle:
        """Begin to greet, and to ask whether the call may be recorded."""
        speaking, consent = self.talk.speaking, self._consent()
        if not speaking.has_voice:
            asked = f' Then ask: "{consent}" Note the answer with recording_consent, and go on with the call.'
            return speaking.ask(told.greeting + (asked if consent else ""))
        greeted = speaking.say(told.opening) if told.opening else speaking.ask(told.greeting)
        return speaking.say(consent) if consent else greeted

    async def _announce_recording(self) -> None:
        """Where callers are only told, they are told before a sound of theirs is kept; else none is."""
        recorder = self.talk.recorder
        if recorder is None or self.talk.hold.published.config.voice.recording.consent != "announce":
            return
        if await self._say_for_certain(recorder.words(self.render)):
            await recorder.begin()

    async def _say_for_certain(self, line: str) -> bool:
        """Whether a line that callers must hear was said; once more where it was not.

        Where that fails too, or a colleague has the word, the call goes on and says so.
        """
        talk = self.talk
        for _ in range(TRIES):
            if await talk.speaking.say_whole(line):
                return True
            if talk.frozen:
                break
            await talk.speaking.silence()  # what is left of it is not said into the next
        log.error("call.line_not_said", extra={"call": talk.state.call.id})
        talk.state.edit(lambda call: msgspec.structs.replace(call, unsaid=(*call.unsaid, line)))
        return False

    def _consent(self) -> str:
        """The question whether the call may be recorded; empty where nobody could note the answer."""
        recorder, state = self.talk.recorder, self.talk.state
        rules = self.talk.hold.published.config.voice.recording
        if recorder is None or rules.consent != "ask" or state.call.mode == "direct":
            return ""
        state.change(recording="asked")
        return recorder.words(self.render)

    async def _close_with(self, instructions: str, reason: str, words: str) -> None:
        speaking, with_person = self.talk.speaking, self.talk.frozen
        speech = speaking.say(words) if words else speaking.ask(instructions)
        await speaking.played(speech, seconds=GOODBYE_SECONDS)
        if self.talk.frozen and not with_person:
            return  # as above
        await self._finish("handed_over" if self.people.phase == "over" else "completed", reason)

    def _fall_back(self) -> None:
        self._tasks.begin(self.talk.fall_back())

    def _ask_person(self) -> None:
        wanted = HandOver(reason="the voice model did not answer", priority="high")
        self._tasks.begin(self._bring_person(wanted))

    def _without_money(self, ended: BudgetEnded) -> None:
        self._tasks.begin(self._bring_person(given_up("", ended)))

    async def _bring_person(self, wanted: HandOver) -> None:
        hold = self.talk.hold
        await ask_person(hold.services, hold.store, self.talk.state.call, hold.published.config, wanted)


def _unless_asked_for(event: SpeechCreatedEvent) -> None:
    """Let a realtime model say nothing by itself."""
    if not event.user_initiated:
        event.speech_handle.interrupt(force=True)
