"""When a file goes: the store ends documents by itself, and of each file one says when it is removed."""

from datetime import datetime

from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.ports import Put


def file_end(blob: str, until: datetime) -> Put:
    """The write that has a file removed when its time has come; to be committed before the file is kept."""
    return Put(f"kept_files/{digest(blob)}", {"shape": 1, "blob": blob, "until": stamp(until)})
