"""What a process says of its work: one line an event, with fields; personal words never stand in it.

The standard library's logging, because receivers start in the time that a nicer one takes to import.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_NUMBER = re.compile(r"\+\d{5,13}(?=\d\d)")
"""A telephone number but for its end: libraries write rooms' names, and LiveKit's rule puts it into them."""
_SEVERITY = {"WARNING": "WARNING", "ERROR": "ERROR", "CRITICAL": "CRITICAL", "DEBUG": "DEBUG"}


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """What a record carries beside its message."""
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


class JsonLines(logging.Formatter):
    """One JSON object a line, as Cloud Logging reads it."""

    def format(self, record: logging.LogRecord) -> str:
        """`{"severity", "time", "logger", "message", ...fields}`; an exception goes in as text."""
        line: dict[str, object] = {
            "severity": _SEVERITY.get(record.levelname, "INFO"),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _NUMBER.sub("+…", json.dumps(line, ensure_ascii=False, default=str))


class ForPeople(logging.Formatter):
    """`16:03:00 message.recorded  desk=front-desk`, for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, what happened, its fields; a traceback below where there is one."""
        at = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        mark = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        told = " ".join(f"{key}={value}" for key, value in fields_of(record).items())
        line = f"{at} {mark}{record.getMessage()}  {told}".rstrip()
        line = f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line
        return _NUMBER.sub("+…", line)


def configure(*, people: bool, stream: TextIO = sys.stderr) -> None:
    """Log to `stream`, for a person at a terminal or for Cloud Logging."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ForPeople() if people else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("httpx", "httpcore", "google_genai", "google.auth", "watchfiles", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
