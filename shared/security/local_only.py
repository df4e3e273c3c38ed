"""What is open without sign-in, and only to a browser on this very machine."""

from ipaddress import ip_address

from starlette.requests import Request

from shared.domain.errors import Permanent


class SignInNeeded(Permanent):
    """The caller has to say who they are."""


_PASSED_ON = ("forwarded", "via", "x-real-ip", "cf-connecting-ip")


def is_here(host: str | None) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return False


def is_open(request: Request, *, local_only_open: bool) -> bool:
    """Whether the request comes from this machine, names it, and was passed on by nobody.

    The name matters too: a foreign page whose name resolves to 127.0.0.1, and a tunnel, both come from here.
    A proxy that writes our own address into the name is known by the headers it adds; one that adds none is
    not, so conversations are open this way only until somebody owns the installation.
    """
    caller = request.client.host if request.client else None
    here = is_here(caller) and is_here(request.url.hostname)
    return local_only_open and here and not _passed_on(request)


def _passed_on(request: Request) -> bool:
    return any(name in _PASSED_ON or name.startswith("x-forwarded-") for name in request.headers)


def demand(request: Request, *, local_only_open: bool) -> None:
    """Returns where the request is let in. Raises SignInNeeded elsewhere."""
    if not is_open(request, local_only_open=local_only_open):
        raise SignInNeeded(
            "Without sign-in this is served only on a loopback address with the embedded backend; "
            "open http://127.0.0.1 on the machine itself, without a proxy."
        )
