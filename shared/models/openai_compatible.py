"""Any endpoint that speaks OpenAI's chat completions, over plain HTTP.

OpenAI's own package would add two megabytes and a second of import for one POST and its event stream.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, Literal

import httpx

from shared.domain.errors import Transient
from shared.domain.identity import new_id
from shared.models.chat_model import Answer, Delta, Request, ToolCall, Usage
from shared.models.failures import Unusable
from shared.models.openai_errors import error_of
from shared.models.openai_messages import body_of, our_name
from shared.models.patience import Overloaded, Pieces, RetryBudget, ask_patiently, whole
from shared.models.structured import read_structured

_CHECK_TIMEOUT = 10.0  # seconds
_STOPS: dict[str, Literal["end", "tools", "length", "safety"]] = {
    "stop": "end",
    "tool_calls": "tools",
    "function_call": "tools",
    "length": "length",
    "content_filter": "safety",
}


class OpenAICompatible:
    """The ChatModel of one endpoint. `base_url` ends before `/chat/completions`, usually in `/v1`.

    `provider` is the catalogue's name of the endpoint; `key` may be empty for one's own machine.
    """

    def __init__(
        self, provider: str, *, base_url: str, key: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        self.provider = provider
        self._url = base_url.rstrip("/")
        self._key = key
        self._headers = {"Content-Type": "application/json", **(headers or {})}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        # OpenAI's newer models refuse the field that everybody else still reads.
        self._limit_field = "max_completion_tokens" if provider == "openai" else "max_tokens"
        self._budget = RetryBudget()
        self._http: httpx.AsyncClient | None = None

    async def close(self) -> None:
        """Close the connections; the adapter opens new ones if asked again."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    def stream(self, request: Request) -> AsyncIterator[Delta | Answer]:
        """See ChatModel."""
        return self._asked(request, shown=request.schema is None)

    async def answer(self, request: Request) -> Answer:
        """See ChatModel."""
        return await whole(self._asked(request, shown=False))

    async def check(self) -> None:
        """See ChatModel. Lists the models, which costs nothing."""
        try:
            async with asyncio.timeout(_CHECK_TIMEOUT):
                response = await self._opened().get(f"{self._url}/models")
        except (TimeoutError, httpx.HTTPError) as error:
            raise self._broken(error) from None
        if response.status_code != httpx.codes.OK:
            raise error_of(response, self.provider, key=self._key)

    def _asked(self, request: Request, *, shown: bool) -> AsyncIterator[Delta | Answer]:
        return ask_patiently(
            lambda: self._ask(request), seconds=request.timeout, budget=self._budget, shown=shown
        )

    async def _ask(self, request: Request) -> Pieces:
        """One asking, from the first byte sent to the whole answer."""
        body = json.dumps(body_of(request, limit_field=self._limit_field))
        heard = _Heard(self.provider)
        try:
            async with self._opened().stream(
                "POST", f"{self._url}/chat/completions", content=body
            ) as response:
                if response.status_code != httpx.codes.OK:
                    await response.aread()
                    raise error_of(response, self.provider, key=self._key)
                async for event in _events(response):
                    for delta in heard.take(self._decoded(event)):
                        yield delta
        except httpx.HTTPError as error:
            raise self._broken(error) from None
        answer = heard.answer(request)
        for call in answer.calls:
            yield Delta(call=call)
        yield answer

    def _decoded(self, event: str) -> dict[str, Any]:
        try:
            chunk = json.loads(event)
        except ValueError:
            raise Unusable(f"{self.provider}: the answer broke off inside its JSON; ask again") from None
        if not isinstance(chunk, dict) or "error" in chunk:
            raise Overloaded(f"{self.provider}: the stream ended in an error; try later")
        return chunk

    def _broken(self, error: Exception) -> Transient:
        return Overloaded(f"{self.provider}: the connection failed ({type(error).__name__}); try later")

    def _opened(self) -> httpx.AsyncClient:
        if self._http is None:
            # The deadline around each asking is ours; httpx's five seconds would cut slow thinkers off.
            self._http = httpx.AsyncClient(headers=self._headers, timeout=None)  # noqa: S113
        return self._http


class _Heard:
    """What has come of one answer so far."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._text: list[str] = []
        self._calls: dict[int, dict[str, str]] = {}
        self._usage = Usage()
        self._model = ""
        self._finish = ""

    def take(self, chunk: dict[str, Any]) -> list[Delta]:
        """Add a chunk; what of it the customer may see at once."""
        self._model = chunk.get("model") or self._model
        if usage := chunk.get("usage"):
            self._usage = _usage(usage)
        choice = next(iter(chunk.get("choices") or ()), None)
        if choice is None:
            return []
        self._finish = choice.get("finish_reason") or self._finish
        delta = choice.get("delta") or {}
        if delta.get("refusal"):
            self._finish = "content_filter"
        for part in delta.get("tool_calls") or ():
            self._add(part)
        text = delta.get("content") or ""
        self._text.append(text)
        return [Delta(text=text)] if text else []

    def answer(self, request: Request) -> Answer:
        """The whole. Raises Unusable where there is none to speak of."""
        stop, model = self._stop(), self._model or request.model
        if stop == "safety":
            return Answer(stop=stop, usage=self._usage, model=model)
        text = "".join(self._text)
        whole = sorted(self._calls.items()) if stop != "length" else ()
        calls = tuple(self._call(parts, request) for _, parts in whole)
        if stop != "length" and not (text or calls):
            raise Unusable(f"{self._provider}: the answer was empty; ask again")
        wanted = request.schema if stop == "end" else None
        data = read_structured(text, wanted) if wanted is not None else None
        return Answer(text=text, calls=calls, data=data, usage=self._usage, model=model, stop=stop)

    def _stop(self) -> Literal["end", "tools", "length", "safety"]:
        if not self._finish:
            raise Unusable(f"{self._provider}: the stream broke off before its end; ask again")
        stop = _STOPS.get(self._finish, "end")
        # Some endpoints end a tool call with a plain "stop".
        return "tools" if self._calls and stop == "end" else stop

    def _add(self, part: dict[str, Any]) -> None:
        known = self._calls.setdefault(
            part.get("index", len(self._calls)), {"id": "", "name": "", "arguments": ""}
        )
        function = part.get("function") or {}
        known["id"] = part.get("id") or known["id"]
        known["name"] += function.get("name") or ""
        known["arguments"] += function.get("arguments") or ""

    def _call(self, parts: dict[str, str], request: Request) -> ToolCall:
        try:
            arguments = json.loads(parts["arguments"] or "{}")
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict) or not parts["name"]:
            raise Unusable(f"{self._provider}: the tool call was malformed; ask again")
        name = our_name(parts["name"], request.tools)
        return ToolCall(id=parts["id"] or new_id(), name=name, arguments=arguments)


async def _events(response: httpx.Response) -> AsyncGenerator[str, None]:
    """The data of each event. httpx's own lines also end at U+2028, which JSON text may hold."""
    rest = b""
    async for block in response.aiter_bytes():
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            data = line.removeprefix(b"data:").strip()
            if line.startswith(b"data:") and data != b"[DONE]":
                yield data.decode("utf-8", "replace")


def _usage(told: dict[str, Any]) -> Usage:
    details = told.get("prompt_tokens_details") or {}
    return Usage(
        input=told.get("prompt_tokens") or 0,
        cached=details.get("cached_tokens") or 0,
        output=told.get("completion_tokens") or 0,
    )
