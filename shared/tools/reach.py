"""What a tool may do to the world: look, act for the customer at hand, or reach where harm is done."""

from collections.abc import Iterable
from typing import Literal

Reach = Literal["looks", "acts", "dangerous"]

_DANGEROUS = frozenset({"execute_code", "modify_database", "send_email", "make_payment", "delete_resource"})
"""Names that are dangerous whatever their tool says of itself, and whatever system's it is."""


def reach_of(tool: object) -> Reach:
    """A tool's own `REACH`, "acts" where it gives none."""
    own = getattr(tool, "REACH", "acts")
    if getattr(tool, "NAME", "").rpartition(".")[2] in _DANGEROUS or own not in ("looks", "acts"):
        return "dangerous"
    return "looks" if own == "looks" else "acts"


def looks(tool: object) -> bool:
    """Whether it only looks: it may run where nothing is to be booked or promised."""
    return reach_of(tool) == "looks"


def needs_leave(names: Iterable[str]) -> str:
    """The rule by which calls of these tools wait for a person, as the desk's file has it."""
    return " and ".join(f"tools.{name}.grant: each_time" for name in dict.fromkeys(names))


def ungranted(tool: object, grant: str | None) -> str:
    """Why a tool may not act by itself, and what to write; empty where the file's `grant` lets it."""
    if reach_of(tool) != "dangerous" or grant == "once":
        return ""
    name = getattr(tool, "NAME", "the tool")
    if grant == "each_time":
        return f"{name} waits until a person allows this call; nothing was done yet, so say so or hand over"
    return (
        f"{name} is dangerous and has no grant; write grant: once or grant: each_time under tools.{name} in"
        " the desk's file"
    )
