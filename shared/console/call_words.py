"""What is said of calls in words for people: where they stand, how they ended, how they are carried."""

from shared.domain.calls import Call, CallOutcome, CallState, Direction, Level, Mode
from shared.domain.instants import instant

STATES: dict[CallState, str] = {
    "dialling": "Ringing",
    "waiting": "Waiting",
    "active": "On the line",
    "transferring": "Asking for a person",
    "with_person": "With a person",
    "ended": "Ended",
}
DIRECTIONS: dict[Direction, str] = {
    "inbound": "They called",
    "outbound": "We called",
    "browser": "Voice room",
}
OUTCOMES: dict[CallOutcome, str] = {
    "completed": "Completed",
    "handed_over": "Handed over",
    "callback": "Call promised",
    "no_answer": "No answer",
    "busy": "Busy",
    "voicemail": "Voicemail",
    "refused": "Refused",
    "abandoned": "Left early",
    "failed": "Failed",
}
TONES: dict[CallOutcome, str] = {
    "completed": "good",
    "handed_over": "good",
    "callback": "wait",
    "no_answer": "wait",
    "busy": "wait",
    "voicemail": "wait",
    "refused": "wrong",
    "abandoned": "wait",
    "failed": "wrong",
}
"""The look of a badge."""
MODES: dict[Mode, str] = {
    "realtime": "speech to speech",
    "orchestrated": "hear, think, speak",
    "direct": "a model alone, without the desk's tools",
}
LEVELS: dict[Level, str] = {
    "full": "",
    "partial": "Reduced: without levels of the voice and figures",
    "minimal": "Minimal: a model alone",
}
NEXT: dict[CallOutcome, str] = {
    "completed": "Nothing is left to do.",
    "handed_over": "Resolve the conversation once it is done.",
    "callback": "A call is promised; it comes up under Calls at its time.",
    "no_answer": "Call again, or write on another channel.",
    "busy": "Call again in a while.",
    "voicemail": "Call again, or write on another channel.",
    "refused": "Write instead; they may not be called.",
    "abandoned": "They left before a word of ours. Call them back.",
    "failed": "We broke. Call them back and say sorry.",
}
"""What is to be done after a call."""
STAGES = {
    "whole": "Whole turn",
    "stt": "Hearing",
    "endpointing": "Waiting for more",
    "thinking": "Thinking",
    "tts": "Speaking",
}
"""Stages of latency in the order they are shown; one nobody named is shown by its own name."""


def spoken_by(agent: str) -> str:
    """Who of ours speaks."""
    return {"desk": "the desk", "person": "a person"}.get(agent, agent.replace("_", " "))


def clock(seconds: float) -> str:
    """A length of time as a telephone shows it."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, left = divmod(minutes, 60)
    return f"{hours}:{left:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def number_of(call: Call) -> str:
    """The caller's telephone number, empty where there is none."""
    return call.contact if call.direction != "browser" and call.contact.startswith("+") else ""


def seconds_of(call: Call) -> float:
    """How long both sides were there; of one nobody answered, how long it was tried."""
    if not call.ended_at:
        return 0.0
    return (instant(call.ended_at) - instant(call.answered_at or call.started_at)).total_seconds()
