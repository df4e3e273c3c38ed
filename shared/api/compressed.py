"""Pages, scripts and data go out compressed to whoever takes it; here, for Google's front end does not.

Receivers of webhooks answer a word or two and stay as they are.
"""

from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp

LEAST = 1_000
"""Bytes below which it is not worth it: they go in one packet anyway."""
_LEVEL = 6  # of 9; the last few hundredths cost twice the time
_PACKED = ("application/octet-stream", "application/pdf")  # files, of which most are compressed within


def compressed(app: ASGIApp) -> ASGIApp:
    """The app, its answers compressed with gzip; streams of events and files pass as they are."""
    excluded = (*DEFAULT_EXCLUDED_CONTENT_TYPES, *_PACKED)
    return GZipMiddleware(app, LEAST, _LEVEL, exclude_content_types=excluded)
