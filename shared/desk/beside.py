"""What a turn is told and may do beside what stands in its desk's file: on a call, what belongs to that."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

import msgspec

from shared.models.chat_model import Request, ToolSpec
from shared.tools.shape import ToolResult


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTool:
    """A tool of the place where the turn runs. No ledger keeps it: a resumed turn may carry it out again."""

    spec: ToolSpec
    run: Callable[[dict[str, object]], Awaitable[dict[str, object]]]

    async def act(self, arguments: dict[str, object]) -> tuple[ToolResult, float]:
        """What a call of it came to, and its milliseconds; what is wrong with the call stands in `error`."""
        began, required = perf_counter(), cast("Sequence[str]", self.spec.parameters.get("required", ()))
        lacking = [name for name in required if name not in arguments]
        if lacking:
            return ToolResult(data={}, error=f"{self.spec.name} needs {', '.join(lacking)}"), 0.0
        told = await self.run(arguments)
        error = told.pop("error", None)
        return ToolResult(data=told, error=str(error) if error else None), (perf_counter() - began) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What one turn has beside its desk's file."""

    lines: tuple[str, ...] = ()
    tools: Mapping[str, OwnTool] = field(default_factory=dict)  # by name

    def added_to(self, request: Request) -> Request:
        """The question with it."""
        return msgspec.structs.replace(
            request,
            system="\n\n".join(filter(None, (request.system, "\n".join(self.lines)))),
            tools=(*request.tools, *(tool.spec for tool in self.tools.values())),
        )


NOTHING = Beside()
