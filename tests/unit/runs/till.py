"""A tool that moves money, as an installed package may bring one: it may refuse, or act and not answer."""

from typing import Any

from pydantic import BaseModel

from shared.domain.errors import Transient
from shared.tools.shape import ToolResult


class Till:
    """It keeps what it was asked for, each time with the name under which it acted."""

    NAME = "use_till"
    DESCRIPTION = "Charges, or pays back."
    EXAMPLES = ("Charge it", "charge 5", "pay it back")
    TIMEOUT = 2.0
    REACH = "acts"

    class Settings(BaseModel):
        """Nothing to set."""

    class Arguments(BaseModel):
        """What for."""

        what: str

    def __init__(self) -> None:
        self.acted: list[tuple[str, str]] = []
        self.refuses: set[str] = set()
        self.silent: dict[str, int] = {}

    async def run(self, arguments: Any, context: Any) -> ToolResult:
        what = arguments.what
        self.acted.append((what, context.call_id))
        if self.silent.get(what, 0):
            self.silent[what] -= 1
            raise Transient(f"the till did not answer whether it did {what!r}")
        if what in self.refuses:
            return ToolResult(data={}, error=f"the till refuses {what!r}")
        return ToolResult(data={"receipt": context.call_id})

    def did(self, what: str) -> int:
        """How often it was asked for."""
        return sum(one == what for one, _ in self.acted)

    def names(self, what: str) -> set[str]:
        """The names under which it acted; as many as the things it truly did."""
        return {name for one, name in self.acted if one == what}


def at_till(id_: str, what: str, **more: Any) -> dict[str, Any]:
    """A step that uses it."""
    return {"id": id_, **asked(what), **more}


def asked(what: str) -> dict[str, Any]:
    """What a step or its compensation asks it for."""
    return {"tool": "use_till", "arguments": {"what": what}}
