"""Google's errors as ours: who must act, and how long to wait, read from the error's own details."""

from typing import Any

from shared.domain.errors import FrontdeskError, Permanent, Transient
from shared.models.failures import ModelRefused
from shared.models.patience import Overloaded

_REFUSALS = (401, 403, 404)
_BUSY = (500, 502, 503, 504)


def error_of(code: int, message: str, body: Any, *, key: str) -> FrontdeskError:
    """The error to raise for an HTTP status, Google's message and its error body.

    `key` is cut out of the message, because Google names a suspended key in full. A busy model may be
    asked again at once unless it says when; a spent quota only when it says when.
    """
    said = f"Gemini: {message or 'no reason given'} ({code})".replace(key, "[key]" if key else "")
    details = _details(body)
    if code in _REFUSALS or _reason(details) == "API_KEY_INVALID":
        return ModelRefused(f"{said}; check the key and what it may use in Google AI Studio")
    if code in _BUSY:
        return Overloaded(said, retry_after=_retry_after(details))
    if code in (408, 429) or code >= 500:
        return Transient(said, retry_after=_retry_after(details))
    if _status(body) == "FAILED_PRECONDITION":
        return ModelRefused(f"{said}; the account lacks billing or the region is not served")
    return Permanent(f"{said}; the request must change")


def _error(body: Any) -> dict[str, Any]:
    error = body.get("error", body) if isinstance(body, dict) else {}
    return error if isinstance(error, dict) else {}


def _status(body: Any) -> Any:
    return _error(body).get("status")


def _details(body: Any) -> list[dict[str, Any]]:
    details = _error(body).get("details")
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _reason(details: list[dict[str, Any]]) -> Any:
    return next((detail["reason"] for detail in details if "reason" in detail), None)


def _retry_after(details: list[dict[str, Any]]) -> float | None:
    """The seconds of RetryInfo's `"17s"` or `"0.5s"`, where it is given at all."""
    for detail in details:
        delay = detail.get("retryDelay")
        if isinstance(delay, str):
            try:
                return max(0.0, float(delay.removesuffix("s")))
            except ValueError:
                return None
    return None
