"""Errors of OpenAI-compatible endpoints as ours: who must act, and how long to wait."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from shared.domain.errors import FrontdeskError, Permanent, Transient
from shared.models.failures import ModelRefused
from shared.models.patience import Overloaded

_REFUSALS = (401, 403, 404)
_BUSY = (500, 502, 503, 504, 529)  # the last is Anthropic's "overloaded"


def error_of(response: httpx.Response, provider: str, *, key: str) -> FrontdeskError:
    """The error to raise for a read response that is not 200; `key` is cut out of the vendor's words."""
    code = response.status_code
    said = f"{provider}: {_message(response)} ({code})"
    said = said.replace(key, "[key]") if key else said
    if code in _REFUSALS:
        return ModelRefused(f"{said}; check the key and the models it may use")
    if code in _BUSY:
        return Overloaded(said, retry_after=_retry_after(response))
    if code in (408, 429) or code >= 500:
        return Transient(said, retry_after=_retry_after(response))
    return Permanent(f"{said}; the request must change")


def _message(response: httpx.Response) -> str:
    try:
        body: Any = response.json()
    except ValueError:
        return "no reason given"
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message") if isinstance(error, dict) else error
    return str(message or "no reason given")[:500]


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date."""
    value = response.headers.get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
