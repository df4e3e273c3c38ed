"""One call in which something breaks: what its caller heard, what was done, and what is left of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from shared.domain.calls import Call
from tests.calls.caller import Caller
from tests.calls.recording import Recording
from tests.drills.exchange import Exchange
from tests.standins.live_script import Asked, Cue, Heard, Says, Step, ToolCall

HELLO = "Hello, this is Acme Clinic, how can I help?"
QUESTION = "please book a slot for me tomorrow"
ANSWER = "It is booked for you, and we look forward to seeing you tomorrow morning."
REST = "Please bring your insurance card with you."
AGAIN, OPEN = "what are your opening hours", "We are open all day and all night, every day of the year."

WHO = {"name": "Asha Rao", "phone": "+4930111222"}
LOOK = ToolCall("check_slots", {})
TAKE = ToolCall("book_slot", {"slot": "=check_slots.slots[0].slot", **WHO})
BOOK: tuple[Step, ...] = (LOOK, TAKE)
CLEAN: tuple[Step, ...] = (*BOOK, Says(ANSWER), Says(REST))
GO_ON: tuple[Step, ...] = (Says(REST),)

GREETED_WITHIN = 60.0
ANSWERED_WITHIN = 30.0
CLOSED_WITHIN = 20.0
"""Seconds until a trial is given up, and until nothing may be left of a call whose caller has left."""
TRIES, STALL = 3, 0.5
"""How often a fault is tried while the machine stalls, and the seconds of a broken tone that are a stall."""

QUIET = 0.6
"""Seconds a caller leaves after the greeting."""

UNDERWAY = 0.7
"""Seconds after a caption until its last sound is heard, at most."""

Strike = Callable[[Exchange, Call, Caller], Awaitable[None]]


async def nothing(_: Exchange, __: Call, ___: Caller) -> None:
    """Breaks nothing."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What breaks, when, and what the model says to whoever asks it to go on."""

    name: str
    answer: tuple[Step, ...] = CLEAN  # to the question asked first; it may end in trouble
    more: tuple[Cue | Step, ...] = ()  # scenes that take precedence
    again: tuple[Step, ...] = CLEAN  # to whoever takes the call over from the dead
    arrive: Strike = nothing  # once the caller is in the room; what is owed counts from its end
    before: Strike = nothing  # once the caller was greeted
    strike: Strike = nothing  # from the question's first sound on
    bound: float = 3.0  # seconds of silence
    asks_again: bool = False  # whether the call must go on after it

    @property
    def scenes(self) -> tuple[Cue | Step, ...]:
        """All that the model is told for such a call."""
        return (
            *self.more,
            *(Heard(AGAIN), Says(OPEN)),
            *(Asked("Greet the caller"), Says(HELLO)),
            *(Heard(times=1), *self.answer),  # whatever is heard: a busy machine garbles words
            *(Heard(), *CLEAN),
            Heard(QUESTION),
            *(Asked("You were cut off"), *GO_ON),
            *(Asked("Your tool has answered"), *GO_ON),
            *(Asked("Answer what the caller said"), *CLEAN),
            *(Asked("The line was cut"), *self.again),
            *(Asked("Go on with the call"), *GO_ON),
        )


@dataclass
class Trial:
    """What one call with one fault came to."""

    fault: Fault
    late: list[str] = field(default_factory=list)  # what was heard or read too late, or not at all
    done: list[str] = field(default_factory=list)  # what was done wrong, which no slow machine excuses
    silence: float | None = None  # the longest while the desk owed a word, seconds; None until measured
    machine: float = 0.0  # the longest of a plain tone in the same time, seconds
    greeted: float | None = None  # seconds from the caller's coming in to the first sound, if one came
    closed: float | None = None  # seconds from the caller's going to when nothing was left of the call
    void: int = 0  # trials before this one that the machine spoilt

    @property
    def wrong(self) -> list[str]:
        """Everything that was."""
        measured = self.silence is not None or self.late
        return [*self.late, *self.done, *([] if measured else ["no silence was measured"])]

    @property
    def told(self) -> str:
        """What was wrong, in a line."""
        return f"{self.fault.name}: {'; '.join(self.wrong)}"

    def owed(self, caller: Caller, tone: Recording, since: float, until: float) -> None:
        """Take the silence between two instants into account."""
        self.waited(caller.recording.longest_silence(since, until), tone.longest_silence(since, until))

    def waited(self, silence: float, machine: float) -> None:
        """Take a silence into account, and the machine's own in the same time; both in seconds."""
        self.silence, self.machine = max(self.silence or 0.0, silence), max(self.machine, machine)
        if silence > self.fault.bound:
            self.late.append(f"silent for {silence:.1f} s (a plain tone for {machine:.1f} s)")


async def steady(tone: Recording, trying: Callable[[], Awaitable[Trial]]) -> Trial:
    """A trial on a machine that plays sound.

    Where something came late while the machine broke even a plain tone, the trial measured the machine: it is
    void, and tried again. The last try counts, whatever the machine did, and what was done wrong always does.
    """
    for void in range(TRIES):
        began = time.monotonic()
        trial = await trying()
        trial.void = void
        if not trial.late or trial.done or tone.longest_silence(began, time.monotonic()) < STALL:
            break
    return trial


async def try_out(one: Exchange, tone: Recording, fault: Fault) -> Trial:
    """Call once, break it, and look at what was heard, done and left."""
    trial = Trial(fault)
    one.model.reset()
    one.model.scenes(*fault.scenes)
    call, caller = await one.call()
    try:
        await _talk(one, tone, trial, call, caller)
    except (TimeoutError, LookupError) as late:
        trial.late.append(f"{type(late).__name__}: {late}")
    finally:
        await caller.hang_up()
    await afterwards(one, trial, call)
    return trial


async def _talk(one: Exchange, tone: Recording, trial: Trial, call: Call, caller: Caller) -> None:
    await trial.fault.arrive(one, call, caller)
    came = time.monotonic()
    await greeted(trial, caller, tone, came)
    await asyncio.sleep(QUIET)
    await trial.fault.before(one, call, caller)
    striking = asyncio.create_task(trial.fault.strike(one, call, caller))
    _, stopped = await caller.say(QUESTION)
    await reads(trial, caller, REST, ANSWERED_WITHIN)
    trial.owed(caller, tone, stopped, time.monotonic())
    await heard(trial, caller, REST, stopped)
    await striking
    if trial.fault.asks_again:
        _, stopped = await caller.say(AGAIN)
        await reads(trial, caller, OPEN, ANSWERED_WITHIN)
        trial.owed(caller, tone, stopped, time.monotonic())
        await heard(trial, caller, OPEN, stopped)


async def greeted(trial: Trial, caller: Caller, tone: Recording, came: float) -> None:
    """Wait for the greeting of a caller who came in at an instant; how long is measured, heard or not.

    Raises TimeoutError where no sound comes.
    """
    try:
        trial.greeted = await caller.hears(came, GREETED_WITHIN) - came
    finally:
        trial.owed(caller, tone, came, time.monotonic())
    await reads(trial, caller, HELLO, GREETED_WITHIN)


async def met(trial: Trial, caller: Caller, tone: Recording) -> None:
    """The same of a caller who comes in now; noted where no sound comes."""
    try:
        await greeted(trial, caller, tone, time.monotonic())
    except TimeoutError:
        trial.late.append(f"nothing was heard in {GREETED_WITHIN:.0f} s")


async def heard(trial: Trial, caller: Caller, text: str, since: float) -> None:
    """Note it where words were not heard since an instant, whatever the captions say."""
    await asyncio.sleep(UNDERWAY)
    who = next((one.who for one in reversed(caller.captions) if text.lower() in one.text.lower()), "")
    if not await asyncio.to_thread(said_by, caller.recording, who, text, since):
        trial.late.append(f"{text!r} was not heard")


async def reads(trial: Trial, caller: Caller, text: str, seconds: float) -> None:
    """Wait for words in the captions, which are over when the words are; noted where they do not come."""
    with suppress(TimeoutError):
        await caller.reads(text, seconds)
        return
    trial.late.append(f"{text!r} was not in the captions in {seconds:.0f} s")


def said_by(recording: Recording, who: str, text: str, since: float) -> bool:
    """Whether one was heard to say a sentence after an instant; whoever has two sounds, on either."""
    return any(
        recording.has_words(text, since, sound)
        for sound in list(recording.heard)
        if sound.partition(" ")[0] == who
    )


async def closed(one: Exchange, trial: Trial, call: Call, *, within: float) -> None:
    """See to it that room and call of a caller who has hung up end in so many seconds."""
    gone = time.monotonic()
    trial.done += await one.left_of(call, within=within)
    trial.closed = time.monotonic() - gone


async def afterwards(one: Exchange, trial: Trial, call: Call) -> None:
    """Look at what is left once the caller has hung up: room and call, bookings and effects, transcript."""
    await closed(one, trial, call, within=CLOSED_WITHIN)
    bookings = len(await one.made("bookings", call))
    acted = [effect["tool"] for effect in await one.made("effects", call)]
    missing = trial.late or trial.done  # where it was cut short, it was not done wrong
    if bookings > 1 or acted.count("book_slot") > 1:
        trial.done.append(f"{bookings} bookings, by {acted}")
    if not bookings:
        missing.append(f"no booking, by {acted}")
    said = await one.desk.said(call)
    there = [any(who == "desk" and words in text for who, text in said) for words in (HELLO, REST)]
    asked = sum(who == "customer" for who, _ in said)
    if asked > 1 + trial.fault.asks_again:
        trial.done.append(f"the caller's words stand twice in the transcript {said}")
    if [*there, asked > 0].count(False) > 1:
        missing.append(f"the transcript is {said}")
