"""The backend on Google Cloud: one class a port, and one reading of Google's errors for all of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.domain.errors import NotConnected, Permanent, Transient

BUSY = 1.0  # seconds before a busy service is worth asking again


@contextmanager
def answers(doing: str) -> Iterator[None]:
    """Turn what Google's clients raise while `doing` something into our two families.

    The clients are imported here, because whoever gets this far has loaded one of them already.
    """
    from google.api_core import exceptions as google  # noqa: PLC0415
    from google.auth import exceptions as auth  # noqa: PLC0415

    try:
        yield
    except auth.DefaultCredentialsError as error:
        raise NotConnected(
            f"{doing}: no Google credentials here; run `gcloud auth application-default login`"
        ) from error
    except (
        google.Aborted,
        google.Cancelled,
        google.InternalServerError,
        google.RetryError,
        google.ServiceUnavailable,
        google.TooManyRequests,
        google.Unknown,
        google.GatewayTimeout,
        auth.TransportError,
        auth.RefreshError,
    ) as error:
        raise Transient(f"{doing}: Google is busy or out of reach", retry_after=BUSY) from error
    except google.GoogleAPICallError as error:
        raise Permanent(f"{doing}: refused by Google: {error.message}") from error
    except (UnicodeEncodeError, ValueError, TypeError) as error:
        raise Permanent(f"{doing}: not something Google can hold: {error}") from error
