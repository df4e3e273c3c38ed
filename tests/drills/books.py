"""What an installation's database holds, read beside the server and without asking it."""

import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.backends.embedded.encoding import decode
from shared.domain.states import FROZEN

TENANT = "tenants/krishna-diagnostics/"
WAITS = ("queued", "sending")
PATIENT = (
    "resolve_send",
    "fetch_media",
    "end_takeover",
    "reassign_silent",
    "weigh_silence",
    "reach_out",
    "advance_run",
)
"""Handlers that wait for somebody else or for their hour, and hold nobody up: a vendor, media not here,
a person, a customer who may be silent, what is to be said tomorrow.
"""


@dataclass(frozen=True)
class Books:
    """One reading: every document by its whole path, and every job as (handler, state, error)."""

    documents: dict[str, dict[str, Any]]
    jobs: list[tuple[str, str, str]]

    @classmethod
    def read(cls, data: Path) -> "Books":
        """The books in a data folder."""
        connection = sqlite3.connect(f"file:{data / 'frontdesk.sqlite'}?mode=ro", uri=True, timeout=10)
        try:
            connection.execute("BEGIN")
            rows = connection.execute("SELECT collection || '/' || name, data FROM documents").fetchall()
            jobs = connection.execute("SELECT handler, state, error FROM jobs").fetchall()
        finally:
            connection.close()
        return cls({path: decode(data) for path, data in rows}, jobs)

    def of(self, *pattern: str) -> list[dict[str, Any]]:
        """The lab's documents whose path fits, part by part; `*` fits any."""
        found = []
        for path, data in self.documents.items():
            parts = path.removeprefix(TENANT).split("/")
            fits = path.startswith(TENANT) and len(parts) == len(pattern)
            if fits and all(want in ("*", part) for want, part in zip(pattern, parts, strict=True)):
                found.append(data)
        return found

    @property
    def conversations(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The heads by where they stand."""
        return {
            ("conversations", path.rpartition("/")[2]): head
            for path, head in self.documents.items()
            if path.startswith(TENANT + "conversations/") and path.count("/") == 3
        }

    @property
    def heads(self) -> list[dict[str, Any]]:
        """The heads of all conversations."""
        return self.of("conversations", "*")

    @property
    def messages(self) -> list[dict[str, Any]]:
        """All messages, by sequence where there is one conversation."""
        return sorted(self.of("conversations", "*", "messages", "*"), key=lambda one: one["seq"])

    @property
    def uncertain(self) -> bool:
        """Whether a send's outcome is still unknown and its wait not over."""
        return any(message["status"] == "uncertain" for message in self.messages)

    @property
    def left(self) -> dict[str, int]:
        """What is still to be done, counted."""
        left = Counter(
            f"job of {job}" for job, state, _ in self.jobs if state == "waiting" and job not in PATIENT
        )
        left["intent"] = sum("/outbox/" in path for path in self.documents)
        left["message to send"] = sum(message["status"] in WAITS for message in self.messages)
        left["conversation to answer"] = sum(
            head["answered"] < head["pending"] and head["state"] not in FROZEN for head in self.heads
        )
        return {what: count for what, count in left.items() if count}

    @property
    def at_rest(self) -> bool:
        """Whether nothing is left to do."""
        return not self.left
