"""Gemini through Google's own client, always streamed, so that a hang shows and one path serves all."""

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Literal, cast

import httpx

from shared.domain.errors import FrontdeskError, Transient
from shared.domain.identity import new_id
from shared.models.chat_model import Answer, Delta, Request, ToolCall, Usage
from shared.models.failures import Unusable
from shared.models.gemini_contents import config_of, contents_of
from shared.models.gemini_errors import error_of
from shared.models.patience import Overloaded, Pieces, RetryBudget, ask_patiently, whole
from shared.models.structured import read_structured

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import GenerateContentResponse, Part

    _Chunks = AsyncGenerator[GenerateContentResponse, None]

_BLOCKED = frozenset(
    (
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "MODEL_ARMOR",
    )
)
_CHECK_TIMEOUT = 10.0  # seconds


class Gemini:
    """The ChatModel of the Gemini API. `base_url` replaces Google's own address, e.g. in tests."""

    provider = "gemini"

    def __init__(self, key: str, *, base_url: str | None = None) -> None:
        self._key = key
        self._base_url = base_url
        self._budget = RetryBudget()
        self._http: httpx.AsyncClient | None = None
        self._client: Client | None = None

    async def warm(self) -> None:
        """Do now what the first request would wait for: import Google's client, which takes a second."""
        await asyncio.to_thread(_imported)
        self._opened()

    async def close(self) -> None:
        """Close the connections; the adapter opens new ones if asked again."""
        http, self._http, self._client = self._http, None, None
        if http is not None:
            await http.aclose()

    def stream(self, request: Request) -> AsyncIterator[Delta | Answer]:
        """See ChatModel."""
        return self._asked(request, shown=request.schema is None)

    async def answer(self, request: Request) -> Answer:
        """See ChatModel."""
        return await whole(self._asked(request, shown=False))

    async def check(self) -> None:
        """See ChatModel. Lists one model, which costs nothing."""
        try:
            async with asyncio.timeout(_CHECK_TIMEOUT):
                await self._opened().aio.models.list(config={"page_size": 1})
        except TimeoutError:
            raise Transient("Gemini did not answer the check; try later") from None
        except _vendor_failures() as error:
            raise self._told(error) from None

    def _asked(self, request: Request, *, shown: bool) -> AsyncIterator[Delta | Answer]:
        return ask_patiently(
            lambda: self._ask(request), seconds=request.timeout, budget=self._budget, shown=shown
        )

    async def _ask(self, request: Request) -> Pieces:
        """One asking, from the first byte sent to the whole answer."""
        heard = _Heard()
        try:
            chunks = await self._opened().aio.models.generate_content_stream(
                model=request.model,
                contents=cast("Any", contents_of(request.turns)),  # a dict of its own shape
                config=cast("Any", config_of(request)),
            )
            async with aclosing(cast("_Chunks", chunks)):
                async for chunk in chunks:
                    for delta in heard.take(chunk):
                        yield delta
        except _vendor_failures() as error:
            raise self._told(error) from None
        yield heard.answer(request)

    def _told(self, error: Exception) -> FrontdeskError:
        if isinstance(error, httpx.HTTPError):
            return Overloaded(f"Gemini: the connection failed ({type(error).__name__}); try later")
        if isinstance(error, _imported().errors.APIError):
            return error_of(error.code, error.message or "", error.details, key=self._key)
        return Unusable("Gemini's answer broke off inside its JSON; ask again")

    def _opened(self) -> "Client":
        if self._client is None:
            genai = _imported()
            # No timeout is told to Google, which refuses those under ten seconds; the deadline is ours.
            self._http = httpx.AsyncClient()
            options = genai.types.HttpOptions(base_url=self._base_url, httpx_async_client=self._http)
            self._client = genai.Client(api_key=self._key, vertexai=False, http_options=options)
        return self._client


class _Heard:
    """What has come of one answer so far."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._calls: list[ToolCall] = []
        self._usage = Usage()
        self._model = ""
        self._finish = ""

    def take(self, chunk: "GenerateContentResponse") -> list[Delta]:
        """Add a chunk; what of it the customer may see."""
        self._model = chunk.model_version or self._model
        if chunk.usage_metadata is not None:
            self._usage = _usage(chunk.usage_metadata)
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason is not None:
            self._finish = "SAFETY"
        candidate = chunk.candidates[0] if chunk.candidates else None
        if candidate is None:
            return []
        if candidate.finish_reason is not None:
            self._finish = candidate.finish_reason.value
        parts = (candidate.content.parts if candidate.content else None) or []
        return [delta for part in parts if (delta := self._part(part)) is not None]

    def answer(self, request: Request) -> Answer:
        """The whole. Raises Unusable where there is none to speak of."""
        model = self._model or request.model
        if self._finish in _BLOCKED:
            return Answer(stop="safety", usage=self._usage, model=model)
        text, calls = "".join(self._text), tuple(self._calls)
        stop = self._stop(something=bool(text or calls))
        wanted = request.schema if stop == "end" else None
        data = read_structured(text, wanted) if wanted is not None else None
        return Answer(text=text, calls=calls, data=data, usage=self._usage, model=model, stop=stop)

    def _stop(self, *, something: bool) -> Literal["end", "tools", "length"]:
        if not self._finish:
            raise Unusable("Gemini's stream broke off before its end; ask again")
        if self._finish == "MAX_TOKENS":
            return "length"
        if self._finish != "STOP" or not something:
            raise Unusable(f"Gemini stopped with {self._finish} and nothing to use; ask again")
        return "tools" if self._calls else "end"

    def _part(self, part: "Part") -> Delta | None:
        if part.function_call is not None:
            call = _call(part)
            self._calls.append(call)
            return Delta(call=call)
        if part.text and not part.thought:
            self._text.append(part.text)
            return Delta(text=part.text)
        return None


def _call(part: "Part") -> ToolCall:
    called = part.function_call
    if called is None or not called.name:
        raise Unusable("Gemini called a tool without naming it; ask again")
    signature = base64.b64encode(part.thought_signature).decode() if part.thought_signature else None
    return ToolCall(
        id=called.id or new_id(), name=called.name, arguments=called.args or {}, signature=signature
    )


def _usage(told: Any) -> Usage:
    """Thinking is paid for as output, and what tools fed in as input."""
    return Usage(
        input=(told.prompt_token_count or 0) + (told.tool_use_prompt_token_count or 0),
        cached=told.cached_content_token_count or 0,
        output=(told.candidates_token_count or 0) + (told.thoughts_token_count or 0),
    )


def _vendor_failures() -> tuple[type[Exception], ...]:
    errors = _imported().errors
    return httpx.HTTPError, errors.APIError, errors.UnknownApiResponseError


def _imported() -> Any:
    from google import genai  # noqa: PLC0415 - a second to import, wanted only where Gemini is connected

    return genai
