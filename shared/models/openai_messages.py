"""The words of `/v1/chat/completions` for ours: what OpenAI, Groq, Ollama, vLLM and Anthropic's door read.

They allow no point in a function's name: `shopify.get_order` is `shopify__get_order` to them.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any

from shared.models.chat_model import Request, ToolCall, ToolSpec, Turn


def body_of(request: Request, *, limit_field: str) -> dict[str, Any]:
    """A streamed request. `limit_field` is what the vendor calls the limit of output tokens."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": _messages(request),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.max_tokens is not None:
        body[limit_field] = request.max_tokens
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.schema is not None:
        name = str(request.schema.get("title", "answer"))
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": name, "schema": request.schema},
        }
    return body


def our_name(theirs: str, tools: Sequence[ToolSpec]) -> str:
    """A tool's own name, as a model that was told of `tools` calls it."""
    return next((tool.name for tool in tools if _their_name(tool.name) == theirs), theirs)


def _their_name(ours: str) -> str:
    return ours.replace(".", "__")


def _messages(request: Request) -> list[dict[str, Any]]:
    system = [{"role": "system", "content": request.system}] if request.system else []
    return system + [_message(turn) for turn in request.turns]


def _message(turn: Turn) -> dict[str, Any]:
    if turn.role == "tool":
        called = turn.call.id if turn.call else ""
        return {"role": "tool", "tool_call_id": called, "content": json.dumps(turn.result or {})}
    if turn.role == "customer":
        return {"role": "user", "content": _content(turn)}
    message: dict[str, Any] = {"role": "assistant", "content": turn.text or None}
    if turn.calls:
        message["tool_calls"] = [_call(call) for call in turn.calls]
    return message


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    if not turn.media:
        return turn.text
    parts: list[dict[str, Any]] = [{"type": "text", "text": turn.text}] if turn.text else []
    for kind, data in turn.media:
        url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return parts


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": _their_name(call.name), "arguments": json.dumps(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    name = _their_name(tool.name)
    function = {"name": name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}
