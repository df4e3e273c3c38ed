"""A conversation as a new connection to a model is given it: words, what tools answered, within a length."""

import json
from collections.abc import Iterable, Sequence

from livekit.agents import llm

from shared.models.chat_model import Turn

LONGEST = 24_000
"""Characters of a talk that a connection is given; about 6,000 tokens, and far from any model's end."""

SHORT = 4_000
"""The same after a connection ended because its context was full."""


def as_context(turns: Iterable[Turn]) -> llm.ChatContext:
    """The stored talk as LiveKit's agents hold one."""
    context = llm.ChatContext.empty()
    for turn in turns:
        if turn.role == "tool" and turn.call is not None:
            note = tool_note(turn.call.name, turn.call.arguments, turn.result)
            context.add_message(role="user", content=note)
        elif turn.text:
            context.add_message(role="user" if turn.role == "customer" else "assistant", content=turn.text)
    return context


def tool_note(name: str, arguments: object, result: object) -> str:
    """A tool's call and answer in words, for a connection that did not make the call."""
    asked = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    answer = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)
    return f"[Your tool {name} was called with {asked} and answered: {answer}]"


def carried(context: llm.ChatContext, *, longest: int = LONGEST) -> llm.ChatContext:
    """The newest of a talk, as words alone: calls of tools stand as notes where they were answered."""
    calls = {item.call_id: item for item in context.items if isinstance(item, llm.FunctionCall)}
    kept: list[llm.ChatMessage] = []
    for item in reversed(context.items):
        message = _in_words(item, calls)
        if message is None:
            continue
        longest -= len(message.text_content or "")
        if longest < 0 and kept:
            break
        kept.append(message)
    return llm.ChatContext(list(reversed(kept)))


def _in_words(item: llm.ChatItem, calls: dict[str, llm.FunctionCall]) -> llm.ChatMessage | None:
    if isinstance(item, llm.FunctionCallOutput):
        call = calls.get(item.call_id)
        note = tool_note(item.name, call.arguments if call else "", item.output)
        return llm.ChatMessage(role="user", content=[note], id=f"note-{item.id}", created_at=item.created_at)
    if isinstance(item, llm.ChatMessage) and item.role in ("user", "assistant") and item.text_content:
        return item
    return None


def open_calls(context: llm.ChatContext) -> Sequence[llm.FunctionCall]:
    """The calls of tools that nothing has answered yet."""
    answered = {item.call_id for item in context.items if isinstance(item, llm.FunctionCallOutput)}
    calls = [item for item in context.items if isinstance(item, llm.FunctionCall)]
    return [call for call in calls if call.call_id not in answered]
