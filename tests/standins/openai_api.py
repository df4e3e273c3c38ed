"""An OpenAI-compatible endpoint on a port of its own: `/v1/chat/completions` and `/v1/models`, with faults.

`python -m tests.standins.openai_api --port 8181 [--key K] [--script steps.json]` serves until it is stopped.
"""

import argparse
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.standins.model_server import ModelServer, Step, hang, read_script, refused, streamed

MODELS = ("gpt-4.1", "gpt-4o-mini")
_FINISH = {"length": "length", "safety": "content_filter", "recitation": "content_filter"}
_STATUS = {
    "rate_limited": (429, "Rate limit reached for requests."),
    "unavailable": (503, "The server is overloaded or not ready yet."),
    "broken": (500, "The server had an error while processing your request."),
    "bad_request": (400, "Invalid value for 'messages'."),
    "unknown_model": (404, "The model does not exist or you do not have access to it."),
    "blocked_prompt": (400, "Your request was rejected by the safety system."),
}


class OpenAIServer(ModelServer):
    """The stand-in. `key` is the one it accepts; `base_url` is what an adapter is given."""

    @property
    def base_url(self) -> str:
        """Its address up to the version."""
        return f"{self.url}/v1"

    def routes(self) -> Iterable[BaseRoute]:
        yield Route("/v1/models", self._list)
        yield Route("/v1/chat/completions", self._complete, methods=["POST"])

    def question(self, body: dict[str, Any]) -> str:
        content = body["messages"][-1]["content"]
        return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)

    def schema(self, body: dict[str, Any]) -> dict[str, Any] | None:
        return body.get("response_format", {}).get("json_schema", {}).get("schema")

    async def _list(self, request: Request) -> Response:
        models = [{"id": name, "object": "model", "owned_by": "openai"} for name in MODELS]
        return self._key_error(request) or JSONResponse({"object": "list", "data": models})

    async def _complete(self, request: Request) -> Response:
        body = await self.seen(request)
        if error := self._key_error(request):
            return error
        step = self.step(body)
        if step.fault == "suspended_key":
            return _error(403, f"The project of key {self.key} has been suspended.")
        if step.fault in _STATUS:
            return _error(*_STATUS[step.fault], retry_after=step.retry)
        if step.fault == "hang":
            return await hang(request)
        return streamed(_events(step, _chunks(step, body), request))

    def _key_error(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return None if given == self.key else _error(401, f"Incorrect API key provided: {given}.")


def _error(status: int, message: str, retry_after: str = "") -> Response:
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
    return refused(status, body, retry_after=retry_after)


def _chunks(step: Step, body: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer as chunks; tool calls come in fragments, and usage in a chunk of its own at the end."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if step.fault not in ("empty", "malformed_call"):
        deltas += [{"content": piece} for piece in step.pieces]
    for index, call in enumerate(step.calls):
        arguments = json.dumps(call.args)
        head = {"name": call.name, "arguments": ""}
        deltas.append(_fragment({"index": index, "id": call.id, "type": "function", "function": head}))
        for part in (arguments[:5], arguments[5:]):
            deltas.append(_fragment({"index": index, "function": {"arguments": part}}))
    if step.fault in ("malformed_call", "unexpected_call"):
        broken = {"name": "book", "arguments": '{"at": '}
        deltas.append(_fragment({"index": 0, "id": "c", "type": "function", "function": broken}))
    called = step.calls or step.fault in ("malformed_call", "unexpected_call")
    finish = _FINISH.get(step.fault, "tool_calls" if called else "stop")
    frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": step.served or body["model"]}
    chunks = [{**frame, "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if body.get("stream_options", {}).get("include_usage"):
        chunks.append({**frame, "choices": [], "usage": _usage(step, body)})
    return chunks


def _fragment(call: dict[str, Any]) -> dict[str, Any]:
    return {"tool_calls": [call]}


def _usage(step: Step, body: dict[str, Any]) -> dict[str, Any]:
    asked, given = len(json.dumps(body["messages"])) // 4, len(step.words) // 4 + 1
    return {
        "prompt_tokens": asked,
        "prompt_tokens_details": {"cached_tokens": asked // 2},
        "completion_tokens": given,
        "total_tokens": asked + given,
    }


async def _events(step: Step, chunks: list[dict[str, Any]], request: Request) -> AsyncIterator[str]:
    told = chunks if step.fault not in ("drop", "cut", "hang_midway", "truncated") else chunks[:2]
    for chunk in told:
        yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"
    match step.fault:
        case "drop":
            raise ConnectionResetError
        case "cut":
            return
        case "hang_midway":
            await hang(request)
        case "truncated":
            yield f"data: {json.dumps(chunks[-1])[:-20]}\n\n"
    yield "data: [DONE]\n\n"


def main() -> None:
    """Serve from the command line until stopped."""
    parser = argparse.ArgumentParser(description="A stand-in for an OpenAI-compatible endpoint.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", default="test-key", help="the key it accepts")
    parser.add_argument("--script", type=Path, help="a JSON list of steps to answer with, in order")
    arguments = parser.parse_args()
    server = OpenAIServer(arguments.key)
    if arguments.script:
        server.script(*read_script(arguments.script))
    uvicorn.run(server.app, host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
