"""One job, one call: taken, talked, ended. What another job took, this one lets go of without a trace."""

import asyncio
import contextlib
import logging

import msgspec
from livekit import rtc
from livekit.agents import AutoSubscribe, JobContext

from shared import bootstrap
from shared.desk.calls.end import end
from shared.desk.calls.lines import take_line
from shared.desk.calls.outlook import left_as
from shared.desk.calls.report import HUNG_UP, SAYS_WHY
from shared.desk.calls.spoken import said
from shared.desk.services import Services
from shared.desk.spending import LEAST, budget_of
from shared.domain.call_rooms import picked_up
from shared.domain.calls import CallOutcome
from shared.domain.errors import FrontdeskError, Permanent, Transient
from voice_service.call_state import CallState
from voice_service.course import Course
from voice_service.fallback import any_mouth
from voice_service.last_words import say_aside, sorry
from voice_service.rescue import let_down
from voice_service.talk import Hold, Talk
from voice_service.tasks import Tasks
from voice_service.traces import TRACES
from voice_service.waiting import until
from voice_service.whose_call import DIED, MOVED, Found, call_of, dialled, errand_of, is_caller

log = logging.getLogger(__name__)

CALLER_SECONDS = 30.0
"""How long a room is kept for a caller who has not come in."""

BACK_SECONDS = 12.0
"""How long a browser whose line broke may take to come back."""

LEAVES_SECONDS = 2.0
"""How long an agent that lives may take to leave the room to us."""

LINGERS = 1.0
"""Seconds, from the last word on, until the caller is put out, be the call written down by then or not."""

SETTLES_SECONDS = 5.0
"""How long changes of the call that the store has not taken are waited for at its end."""

ENDS_AFTER = (0, 0.5, 1, 2, 4, 8)
"""Seconds, one after the other, after which the store is asked again to take the end of a call."""

CLOSED = rtc.DisconnectReason
LEFT = {
    CLOSED.CLIENT_INITIATED, CLOSED.ROOM_DELETED, CLOSED.PARTICIPANT_REMOVED,
    CLOSED.USER_UNAVAILABLE, CLOSED.USER_REJECTED, CLOSED.SIP_TRUNK_FAILURE,
}  # fmt: skip
UNANSWERED: dict[int, CallOutcome] = {
    CLOSED.USER_UNAVAILABLE: "no_answer",
    CLOSED.USER_REJECTED: "busy",
    CLOSED.SIP_TRUNK_FAILURE: "failed",
}


async def answer(context: JobContext) -> None:
    """Answer the call that a job was sent for; a job that belongs to no call of ours leaves at once."""
    process = bootstrap.process()
    services = await process.services()
    try:
        await Job(context, process, services).begin()
    except FrontdeskError as error:
        log.warning("call.not_taken", extra={"room": context.job.room.name, "why": str(error)})
        context.shutdown(reason="not our call")


class Job:
    """A job and the call it carries."""

    def __init__(self, context: JobContext, process: bootstrap.Process, services: Services) -> None:
        self._context = context
        self._process = process
        self._services = services
        self._room = context.room
        self._tasks = Tasks()
        self._over = False
        self._course: Course | None = None

    async def begin(self) -> None:
        """Find out whose call it is, take it, and talk. Raises Permanent where it is not ours."""
        errand = errand_of(self._context.job.metadata)
        name = self._context.job.room.name
        if errand is not None:
            found = await call_of(self._services, errand, name)
            await self._connect()
            await self._take(found, self._caller_here())
            return
        await self._connect()
        caller = await self._caller()
        if caller is None:
            self._context.shutdown(reason="nobody came")
            return
        await self._take(await dialled(self._services, caller, name), caller)

    async def _connect(self) -> None:
        await self._context.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
        self._context.add_shutdown_callback(self._shut_down)
        self._context.add_shutdown_callback(TRACES.close)

    def _caller_here(self) -> rtc.RemoteParticipant | None:
        return next(filter(is_caller, self._room.remote_participants.values()), None)

    async def _caller(self, seconds: float = CALLER_SECONDS) -> rtc.RemoteParticipant | None:
        await until(lambda: self._caller_here() is not None, seconds=seconds)
        return self._caller_here()

    async def _take(self, found: Found, caller: rtc.RemoteParticipant | None) -> None:
        tenant, call = found.published.tenant, found.call
        state = await CallState.claim(
            self._services, tenant, call, job=self._context.job.id, worker=self._context.worker_id
        )
        hold = Hold(
            process=self._process,
            services=self._services,
            store=self._services.tenant(tenant),
            state=state,
            published=found.published,
            room=self._room,
        )
        self._tasks.begin(self._let_go_if_lost(state))
        await self._put_out_others(found.why)
        # Where nobody has said a word yet the caller is greeted, however many jobs were sent.
        again = (found.why or (DIED if call.generation else "")) if call.first_word_at else ""
        talk = Talk(hold, hang_up=self._hang_up)
        course = Course(talk, self._tasks, finish=self._finish, gone=self._gone)
        course.busy = await self._all_busy(found)
        if again == DIED and call.state == "active":
            course.sound_at_once()
        try:
            await self._may_speak(found)
            await talk.start(caller)
        except Permanent as error:  # another job would not be able to either
            await self._say_sorry(found)
            await let_down(self._services, tenant, state.call, f"the desk could not begin to speak: {error}")
            raise
        self._course = course
        self._room.on("participant_disconnected", self._left)
        log.info("call.taken", extra={"call": call.id, "generation": state.call.generation})
        self._tasks.begin(self._run(course, again))

    async def _all_busy(self, found: Found) -> bool:
        """Whether a telephone called while all lines were taken; the others took theirs before they came."""
        call, config = found.call, found.published.config
        if call.direction != "inbound" or call.first_word_at:
            return False
        store, most = (
            self._services.tenant(found.published.tenant),
            config.voice.integration.max_concurrent_calls,
        )
        return not await take_line(self._services, store, call.desk, call.id, most, of="all")

    async def _may_speak(self, found: Found) -> None:
        """Raises BudgetEnded where no money is left to begin a call."""
        call, config = found.call, found.published.config
        if call.mode == "realtime" and not call.first_word_at:  # else its turns see to it
            store = self._services.tenant(found.published.tenant)
            budget = budget_of(self._services, store, config)
            with contextlib.suppress(Transient):  # counters that are contended keep nobody waiting
                reserved = await budget.reserve(call.conversation, LEAST)
                self._tasks.begin(budget.settle(reserved, 0.0))

    async def _say_sorry(self, found: Found) -> None:
        """Tell who calls that the desk cannot, where there is a voice for it.

        Without one no sound of ours goes into the room, and a telephone is turned away before it is answered.
        """
        published, call = found.published, found.call
        if call.direction == "outbound":
            return
        speaks = await any_mouth(self._process.settings, self._services.ports.secrets, published)
        if speaks is None or await self._caller() is None:
            return
        words = sorry(published.config.voice.language or published.config.desk.languages[0])
        if await say_aside(self._room, speaks, words):
            store = self._services.tenant(published.tenant)
            with contextlib.suppress(FrontdeskError):
                await said(
                    self._services, store, call, "sorry", words, config=published.config, answers=False
                )

    async def _put_out_others(self, why: str) -> None:
        """An agent that had the call before may be dead; LiveKit would notice after twenty seconds."""
        agent = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT

        def others() -> list[str]:
            return [one.identity for one in self._room.remote_participants.values() if one.kind == agent]

        if why == MOVED:
            await until(lambda: not others(), seconds=LEAVES_SECONDS)
        for identity in others():
            with contextlib.suppress(Transient):
                await self._services.livekit().remove(self._room.name, identity)

    async def _run(self, course: Course, why: str) -> None:
        caller = await self._caller()
        if caller is None:
            left = left_as(course.talk.state.call)  # they may have been there before another job
            await self._finish(left, "the caller did not come into the room")
            return
        try:
            await course.run(caller, why)
        except Exception:
            if not (course.talk.sound and course.talk.sound.first_at):
                await self._leave("nothing could be said")  # the worker sends another job, or ends the call
            raise

    def _hang_up(self, reason: str) -> None:
        if self._course:
            self._tasks.begin(self._course.hang_up(reason))

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        if is_caller(participant):
            self._tasks.begin(self._after_leaving(participant))

    async def _after_leaving(self, participant: rtc.RemoteParticipant) -> None:
        reason = participant.disconnect_reason
        if reason not in LEFT and await self._caller(BACK_SECONDS):
            return
        assert self._course is not None  # noqa: S101  it is there before anybody's leaving is heard of
        talk = self._course.talk
        if talk.state.call.state == "dialling":
            await self._not_talked(participant)
        elif self._course.machine:
            await self._finish("voicemail", self._course.machine)
        elif self._course.people.phase == "person":
            await self._finish("handed_over", "the caller hung up on a colleague")
        elif talk.sound and talk.sound.first_at:
            await self._finish("completed", "the caller hung up")
        else:
            await self._finish("abandoned", "the caller left before a word of ours")

    async def _not_talked(self, participant: rtc.RemoteParticipant) -> None:
        """End a call of ours whose telephone left before it was talked with."""
        assert self._course is not None  # noqa: S101  as above
        reason, state = participant.disconnect_reason or CLOSED.UNKNOWN_REASON, self._course.talk.state
        if picked_up("sip", participant.attributes, CLOSED.Name(reason)):
            state.change(state="active", answered_at=state.now)
            await self._finish("abandoned", HUNG_UP)
            return
        if reason == CLOSED.USER_REJECTED:  # whoever dialled knows more, and ends it with that
            await asyncio.sleep(SAYS_WHY.total_seconds())
        await self._finish(UNANSWERED.get(reason, "no_answer"), "nobody answered")

    async def _let_go_if_lost(self, state: CallState) -> None:
        await state.lost.wait()
        log.info("call.let_go", extra={"call": state.call.id})
        await self._leave("another job has the call")

    def _gone(self) -> None:
        """Somebody else has ended the call."""
        self._tasks.begin(self._leave("the call was ended"))

    async def _finish(self, outcome: CallOutcome, reason: str) -> None:
        if self._over or self._course is None:
            return
        self._over = True
        self._tasks.stop()
        try:
            closing = asyncio.create_task(self._close())
            await asyncio.wait({closing}, timeout=LINGERS)
            await self._put_out(self._caller_here())  # what is written now is nothing to wait on the line for
            await closing
            await self._end(self._course.talk, outcome, reason)
        finally:
            with contextlib.suppress(FrontdeskError):
                await self._services.livekit().delete_room(self._room.name)
            self._context.shutdown(reason=reason)

    async def _put_out(self, someone: rtc.RemoteParticipant | None) -> None:
        if someone is not None:
            with contextlib.suppress(FrontdeskError):
                await self._services.livekit().remove(self._room.name, someone.identity)

    async def _end(self, talk: Talk, outcome: CallOutcome, reason: str) -> None:
        """Keep what became of the call; where the store takes it at last not, its watch ends it."""
        state, figures = talk.state, talk.means.figures
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(state.settled(), SETTLES_SECONDS)
        satisfied = await figures.satisfied(outcome)
        kept = msgspec.structs.replace(talk.figures(), satisfaction=satisfied)
        for pause in ENDS_AFTER:
            await asyncio.sleep(pause)
            try:
                await end(
                    self._services, talk.hold.store, state.call.id,
                    outcome=outcome, reason=reason, figures=kept,
                )  # fmt: skip
            except Transient as error:
                log.warning("call.not_ended", extra={"call": state.call.id, "why": str(error)})
            else:
                log.info("call.ended", extra={"call": state.call.id, "outcome": outcome})
                return

    async def _leave(self, reason: str) -> None:
        self._over = True
        self._tasks.stop()
        await self._close()
        self._context.shutdown(reason=reason)

    async def _close(self) -> None:
        if self._course:
            with contextlib.suppress(Exception):  # the line may be dead in any way
                await self._course.comfort.close()
                await self._course.talk.close()

    async def _shut_down(self, _: str) -> None:
        """The process goes: the call stays as it is, for the next job."""
        self._tasks.stop()
