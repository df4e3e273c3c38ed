"""Shows the operator's settings without giving a secret away."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from shared.config.settings import Settings

_SECRET = re.compile(r"_(KEY|PASSWORD|SECRET|TOKEN)$")
_PASSWORD = re.compile(r"(?<=://)[^@/\s]*@")
_OURS = "FRONTDESK_"


def shown_settings(settings: Settings, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each variable with how it stands and what it is for."""
    for one in fields(Settings):
        name, use = one.metadata["name"], one.metadata["use"]
        yield name, f"{_state(name, getattr(settings, one.name), environment)} · {use}"


def unread(environment: Mapping[str, str]) -> list[str]:
    """Variables that are named like ours and are none."""
    known = {one.metadata["name"] for one in fields(Settings)}
    return sorted(name for name in environment if name.startswith(_OURS) and name not in known)


def without_secret(name: str, value: str) -> str:
    """A value as anybody may see it."""
    if not value:
        return "not set"
    return f"set, {len(value)} characters" if _SECRET.search(name) else _PASSWORD.sub("…@", value)


def _state(name: str, value: str, environment: Mapping[str, str]) -> str:
    if not value:
        return "not connected"
    return without_secret(name, value) + ("" if environment.get(name) else " (default)")
