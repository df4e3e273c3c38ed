"""From a request to its answer: read the talk, decide what the newest message calls for, call or speak."""

from collections.abc import Sequence

import msgspec

from shared.models.chat_model import Answer, Briefing, Request, ToolCall, Turn
from shared.models.offline.moves import moves
from shared.models.offline.replying import Reply
from shared.models.offline.talk import Talk, begin


def answer(request: Request) -> Answer:
    """The answer to a talk: words, or tools to call. Always the same for the same request."""
    talk, turns = begin(request), gathered(request.turns)
    last = max((at for at, turn in enumerate(turns) if turn.role == "customer"), default=-1)
    for turn in turns[: max(last, 0)]:
        _read(talk, turn, request.briefing)
    if last < 0:
        reply = Reply(talk, request.briefing, ())
        reply.greet()
        return _finished(reply, request)
    todo = moves(talk, turns[last].text, request.briefing)
    since = turns[last + 1 :]
    for turn in since:
        if turn.role == "tool":
            talk.learn(turn)
    reply = Reply(talk, request.briefing, tuple(since))
    reply.carry_out(todo)
    return _finished(reply, request)


def gathered(turns: Sequence[Turn]) -> list[Turn]:
    """The turns with messages a customer sent in one go made one."""
    joined: list[Turn] = []
    for turn in turns:
        if turn.role == "customer" and joined and joined[-1].role == "customer":
            joined[-1] = msgspec.structs.replace(turn, text=f"{joined[-1].text}\n{turn.text}".strip())
        else:
            joined.append(turn)
    return joined


def _read(talk: Talk, turn: Turn, briefing: Briefing) -> None:
    """Bring the talk up to date with one turn that is past."""
    match turn.role:
        case "customer":
            moves(talk, turn.text, briefing)
        case "tool":
            talk.learn(turn)
        case "desk":
            talk.said(turn)


def _finished(reply: Reply, request: Request) -> Answer:
    """The calls while there are any: what is to be said is decided again when their results are there."""
    confidence = round(reply.confidence, 3)
    if reply.calls:
        calls = tuple(
            ToolCall(id=f"call-{len(request.turns)}-{number}", name=name, arguments=arguments)
            for number, (name, arguments) in enumerate(reply.calls, start=1)
        )
        return Answer(calls=calls, model=request.model, stop="tools", confidence=confidence)
    return Answer(
        text=" ".join(reply.words), model=request.model, confidence=confidence, choices=reply.choices
    )
