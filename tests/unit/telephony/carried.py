"""A call carried by a job whose room has nobody in it: its parts are real, and a test plays the sound."""

from livekit import rtc

from tests.unit.telephony.conftest import Line
from voice_service.call_state import CallState
from voice_service.course import Course
from voice_service.talk import Hold, Talk
from voice_service.tasks import Tasks


async def carried(line: Line, **voice: object) -> Course:
    """The course of a call to a desk with these rules for its voice; nothing of it has begun."""
    rules = {"enabled": True, "mode": "realtime", **voice}
    await line.publish(voice=rules, channels={"webchat": {"enabled": True}, "room": {}})
    call = await line.called()
    hold = Hold(
        process=line.process,
        services=line.services,
        store=line.store,
        state=await CallState.claim(line.services, "acme", call, job="AJ_1", worker="w1"),
        published=await line.running(),
        room=rtc.Room(),
    )

    async def finish(*_: object) -> None:
        """Nobody waits for its end."""

    talk = Talk(hold, hang_up=lambda _: None)
    return Course(talk, Tasks(), finish=finish, gone=lambda: None)
