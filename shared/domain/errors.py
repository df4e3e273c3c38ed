"""Two families of error, because the platform retries by family and by nothing else."""


class FrontdeskError(Exception):
    """Something went wrong and the message says what, where and what to do next."""

    money = 0.0
    """USD that it cost until it went wrong, where somebody counted."""


class Permanent(FrontdeskError):
    """Trying again cannot help: the input or the configuration must change first."""


class Transient(FrontdeskError):
    """Trying again later may help; `retry_after` is in seconds, `None` where nobody said."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AlreadyExists(Permanent):
    """A document that was to be created is there already; `path` names it."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path!r} exists already")
        self.path = path


class PreconditionFailed(Transient):
    """A document changed, or went, since it was read; `path` names it. Read it again and decide anew."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path!r} changed since it was read")
        self.path = path


class NotThere(Permanent):
    """What was asked for by its name does not exist."""


class Contested(Permanent):
    """Somebody else was first; the message says who, and what can be done about it."""


class Forged(Permanent):
    """A webhook's signature is missing or wrong. The message never says which check failed."""


class Malformed(Permanent):
    """A request body or document is not of the form it claims; the message names the place."""


class NotConnected(Permanent):
    """A part that is optional was called without its setting; the message names the setting."""
