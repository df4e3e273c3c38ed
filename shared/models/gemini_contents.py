"""Gemini's words for ours: a request as the Gemini API wants it. Plain data, so nothing is imported."""

import base64
from typing import Any

from shared.models.chat_model import Request, ToolCall, ToolSpec, Turn

_FOREIGN_SIGNATURE = b"context_engineering_is_the_way_to_go"
"""What Google asks for on the first call of a turn that another model, or a rule of ours, made."""

_HARMS = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
_SAFETY = [{"category": f"HARM_CATEGORY_{harm}", "threshold": "BLOCK_MEDIUM_AND_ABOVE"} for harm in _HARMS]


def config_of(request: Request) -> dict[str, Any]:
    """Everything of the request that is not the talk itself."""
    config: dict[str, Any] = {"safety_settings": _SAFETY}
    if request.system:
        config["system_instruction"] = request.system
    if request.temperature is not None:
        config["temperature"] = request.temperature
    if request.max_tokens is not None:
        config["max_output_tokens"] = request.max_tokens
    if request.tools:
        config["tools"] = [{"function_declarations": [_declaration(tool) for tool in request.tools]}]
    if request.schema is not None:
        config["response_mime_type"] = "application/json"
        config["response_json_schema"] = request.schema
    return config


def contents_of(turns: tuple[Turn, ...]) -> list[dict[str, Any]]:
    """The talk. Neighbours of one role become one content: answers to parallel calls must stand together."""
    contents: list[dict[str, Any]] = []
    for turn in turns:
        role = "model" if turn.role == "desk" else "user"
        parts = _parts(turn)
        if not parts:
            continue
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"].extend(parts)
        else:
            contents.append({"role": role, "parts": parts})
    return contents


def _declaration(tool: ToolSpec) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "parameters_json_schema": tool.parameters}


def _parts(turn: Turn) -> list[dict[str, Any]]:
    if turn.role == "tool":
        if turn.call is None:
            return []
        answer = {"id": turn.call.id, "name": turn.call.name, "response": turn.result or {}}
        return [{"function_response": answer}]
    parts: list[dict[str, Any]] = [{"text": turn.text}] if turn.text else []
    parts += [{"inline_data": {"mime_type": kind, "data": data}} for kind, data in turn.media]
    parts += [_call(call, first=place == 0) for place, call in enumerate(turn.calls)]
    return parts


def _call(call: ToolCall, *, first: bool) -> dict[str, Any]:
    part: dict[str, Any] = {"function_call": {"id": call.id, "name": call.name, "args": call.arguments}}
    if call.signature is not None:
        part["thought_signature"] = base64.b64decode(call.signature)
    elif first:
        part["thought_signature"] = _FOREIGN_SIGNATURE
    return part
