"""The Gemini API on a port of its own: Google's paths, JSON, errors and faults, for Google's own client.

`python -m tests.standins.gemini --port 8180 [--key K] [--script steps.json]` serves until it is stopped.
"""

import argparse
import base64
import hashlib
import json
import math
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests import speech
from tests.standins.model_server import Called, ModelServer, Step, hang, read_script, refused, streamed

MODELS = ("gemini-3.8-flash", "gemini-3.7-flash", "gemini-3.6-flash", "gemini-3.5-flash-lite")
SPEECH_RATE = 24_000
"""Hertz of what its models of speech say."""

_FINISH = {
    "length": "MAX_TOKENS",
    "safety": "SAFETY",
    "recitation": "RECITATION",
    "malformed_call": "MALFORMED_FUNCTION_CALL",
    "unexpected_call": "UNEXPECTED_TOOL_CALL",
}
_SPEECHLESS = ("malformed_call", "unexpected_call", "empty")


class GeminiServer(ModelServer):
    """The stand-in. `key` is the one it accepts."""

    def routes(self) -> Iterable[BaseRoute]:
        for version in ("v1", "v1beta"):
            yield Route(f"/{version}/models", self._list)
            yield Route(f"/{version}/models/{{model}}", self._get)
            yield Route(f"/{version}/models/{{called}}", self._act, methods=["POST"])

    def question(self, body: dict[str, Any]) -> str:
        parts = body["contents"][-1]["parts"]
        answers = [part["functionResponse"] for part in parts if "functionResponse" in part]
        if answers:
            return json.dumps([answer["response"] for answer in answers])
        return " ".join(part["text"] for part in parts if "text" in part)

    def schema(self, body: dict[str, Any]) -> dict[str, Any] | None:
        return body.get("generationConfig", {}).get("responseJsonSchema")

    async def _list(self, request: Request) -> Response:
        return self._key_error(request) or JSONResponse({"models": [_model(name) for name in MODELS]})

    async def _get(self, request: Request) -> Response:
        name = request.path_params["model"]
        if error := self._key_error(request):
            return error
        return JSONResponse(_model(name)) if name in MODELS else _unknown(name)

    async def _act(self, request: Request) -> Response:
        model, _, action = request.path_params["called"].partition(":")
        body = await self.seen(request)
        if error := self._key_error(request):
            return error
        match action:
            case "countTokens":
                return JSONResponse({"totalTokens": _tokens(json.dumps(body))})
            case "batchEmbedContents":
                return JSONResponse({"embeddings": [_embedding(one) for one in body["requests"]]})
        speaks = body.get("generationConfig", {}).get("responseModalities") == ["AUDIO"]
        step = self.step(body, Step(text=self.question(body)) if speaks else None)
        if error := _http_fault(step, model, self.key):
            return error
        if step.fault == "hang":
            return await hang(request)
        chunks = _chunks(step, model, body, self._sound(step) if speaks else None)
        if action == "streamGenerateContent":
            return streamed(_events(step, chunks, request))
        whole = {**chunks[-1]}
        if "candidates" in whole:
            parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
            whole["candidates"][0]["content"]["parts"] = parts
        if step.fault == "truncated":
            return Response(json.dumps(whole)[:-20], media_type="application/json")
        return JSONResponse(whole)

    def _sound(self, step: Step) -> list[dict[str, Any]]:
        """The words as a model of speech gives them: in the quotes that its instructions are followed by."""
        quoted = (
            step.words.rpartition(':\n"')[2].strip('"') if ':\n"' in step.words else step.words.strip('"')
        )
        pcm = speech.pcm_or_tone(quoted, SPEECH_RATE)
        size = SPEECH_RATE // 5
        return [
            {
                "inlineData": {
                    "mimeType": f"audio/L16;codec=pcm;rate={SPEECH_RATE}",
                    "data": _base64(pcm[at : at + size]),
                }
            }
            for at in range(0, len(pcm), size)
        ]

    def _key_error(self, request: Request) -> Response | None:
        if request.headers.get("x-goog-api-key") == self.key:
            return None
        message = "API key not valid. Please pass a valid API key."
        info = {"reason": "API_KEY_INVALID", "domain": "googleapis.com"}
        info |= {"metadata": {"service": "generativelanguage.googleapis.com"}}
        return _error(400, "INVALID_ARGUMENT", message, [_detail("ErrorInfo", info)])


def _http_fault(step: Step, model: str, key: str) -> Response | None:
    retry = [_detail("RetryInfo", {"retryDelay": step.retry})] if step.retry else []
    match step.fault:
        case "rate_limited":
            message = "You exceeded your current quota, please check your plan and billing details."
            return _error(429, "RESOURCE_EXHAUSTED", message, retry)
        case "unavailable":
            message = "The model is overloaded. Please try again later."
            return _error(503, "UNAVAILABLE", message, retry)
        case "broken":
            return _error(500, "INTERNAL", "An internal error has occurred.", retry)
        case "suspended_key":
            message = f"Permission denied: Consumer 'api_key:{key}' has been suspended."
            return _error(403, "PERMISSION_DENIED", message)
        case "bad_request":
            return _error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
        case "unknown_model":
            return _unknown(model)
    return None


def _unknown(model: str) -> Response:
    message = f"models/{model} is not found for API version v1, or is not supported for generateContent."
    return _error(404, "NOT_FOUND", message)


def _error(code: int, status: str, message: str, details: list[dict[str, Any]] | None = None) -> Response:
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    return refused(code, {"error": error | ({"details": details} if details else {})})


def _detail(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **fields}


def _chunks(
    step: Step, model: str, body: dict[str, Any], sound: list[dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """The answer in Google's JSON, one for each event of a stream; the last one ends it."""
    tail = {
        "usageMetadata": _usage(step, body),
        "modelVersion": step.served or model,
        "responseId": hashlib.sha256(json.dumps(body).encode()).hexdigest()[:22],
    }
    if step.fault == "blocked_prompt":
        return [{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **tail}]
    parts: list[dict[str, Any]] = (
        [] if step.fault in _SPEECHLESS else [{"text": piece} for piece in step.pieces]
    )
    if sound:
        parts = sound
    if step.thought:
        parts.insert(0, {"text": step.thought, "thought": True})
    parts += [_call(call) for call in step.calls]
    chunks = [{"candidates": [_candidate([part])], **tail} for part in parts]
    last = _candidate([]) | {"finishReason": _FINISH.get(step.fault, "STOP")}
    if step.fault == "malformed_call":
        last["finishMessage"] = "Malformed function call: print(default_api.book("
    return [*chunks, {"candidates": [last], **tail}]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _candidate(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"content": {"role": "model", "parts": parts}, "index": 0}


def _call(call: Called) -> dict[str, Any]:
    function = {"name": call.name, "args": call.args} | ({"id": call.id} if call.id else {})
    return {"functionCall": function} | ({"thoughtSignature": call.signature} if call.signature else {})


def _usage(step: Step, body: dict[str, Any]) -> dict[str, int]:
    asked = _tokens(json.dumps(body.get("contents", [])))
    given = _tokens(step.words) + sum(_tokens(json.dumps(call.args)) for call in step.calls)
    return {
        "promptTokenCount": asked,
        "cachedContentTokenCount": asked // 2,
        "candidatesTokenCount": given,
        "thoughtsTokenCount": 7,
        "totalTokenCount": asked + given + 7,
    }


def _tokens(text: str) -> int:
    return len(text) // 4 + 1


async def _events(step: Step, chunks: list[dict[str, Any]], request: Request) -> AsyncIterator[str]:
    for chunk in chunks[:-1]:
        yield f"data: {json.dumps(chunk)}\r\n\r\n"
    match step.fault:
        case "drop":
            raise ConnectionResetError
        case "cut":
            return
        case "hang_midway":
            await hang(request)
        case "truncated":
            yield f"data: {json.dumps(chunks[-1])[:-20]}\r\n\r\n"
        case _:
            yield f"data: {json.dumps(chunks[-1])}\r\n\r\n"


def _model(name: str) -> dict[str, Any]:
    actions = ["generateContent", "countTokens"]
    return {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": actions}


def _embedding(one: dict[str, Any]) -> dict[str, Any]:
    """A vector of unit length: the same for the same text, alike for texts that share words."""
    size = one.get("outputDimensionality") or 3072
    values = [0.0] * size
    for word in " ".join(part.get("text", "") for part in one["content"]["parts"]).lower().split():
        values[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % size] += 1
    length = math.sqrt(sum(value * value for value in values)) or 1.0
    return {"values": [value / length for value in values]}


def main() -> None:
    """Serve from the command line until stopped."""
    parser = argparse.ArgumentParser(description="A stand-in for the Gemini API.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", default="test-key", help="the key it accepts")
    parser.add_argument("--script", type=Path, help="a JSON list of steps to answer with, in order")
    arguments = parser.parse_args()
    server = GeminiServer(arguments.key)
    if arguments.script:
        server.script(*read_script(arguments.script))
    uvicorn.run(server.app, host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
