"""Small pieces of the Gemini Live API's JSON."""

import base64
import re
from typing import Any

_FREE = {"args", "response", "parameters", "parametersJsonSchema"}  # whose names are not Google's own

_REASONS = {
    1007: "Request contains an invalid argument.",
    1008: "Operation is not implemented, or supported, or enabled.",
    1011: "Internal error encountered.",
}


def reply_of(code: int) -> str:
    """What Google writes beside a close code."""
    return _REASONS.get(code, "")


def camel(value: Any) -> Any:
    """A message with its names as the documentation has them; Google takes them with underscores as well."""
    if isinstance(value, list):
        return [camel(part) for part in value]
    if not isinstance(value, dict):
        return value
    named = {re.sub(r"_([a-z])", lambda found: found[1].upper(), name): part for name, part in value.items()}
    return {name: part if name in _FREE else camel(part) for name, part in named.items()}


def sound(blob: dict[str, str]) -> bytes:
    """The samples of a blob; base64 in either alphabet, with or without its end."""
    data = blob["data"].replace("-", "+").replace("_", "/")
    return base64.b64decode(data + "=" * (-len(data) % 4))


def content(role: str, text: str) -> dict[str, Any]:
    """A turn of words."""
    return {"role": role, "parts": [{"text": text}]}


def text_of(turns: list[dict[str, Any]]) -> str:
    """All words of some turns."""
    return " ".join(part["text"] for turn in turns for part in turn.get("parts", []) if part.get("text"))


def transcript(text: str) -> list[str]:
    """Words as a transcription tells them, piece by piece, each with the space before it."""
    return [f" {word}" for word in text.split()]


def usage(memory: list[dict[str, Any]]) -> dict[str, Any]:
    """What a turn took, in tokens, by what was said so far."""
    asked = len(text_of([turn for turn in memory if turn["role"] == "user"])) // 4 + 1
    given = len(text_of(memory[-1:])) // 4 + 1
    return {
        "promptTokenCount": asked,
        "responseTokenCount": given,
        "totalTokenCount": asked + given,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": asked}],
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": given}],
    }


def told(kind: str, body: Any) -> Any:
    """What is kept of a message: all but the sound in it, of which its length."""
    audio = body.get("audio") if isinstance(body, dict) and kind == "realtimeInput" else None
    if audio:
        return {"audio": len(audio["data"])}
    if kind == "serverContent" and "modelTurn" in body:
        return {"modelTurn": sum(len(part["inlineData"]["data"]) for part in body["modelTurn"]["parts"])}
    return body
