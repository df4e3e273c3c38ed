"""Running one tool call: checked, bounded in time, and told to the model so that it can mend its mistakes."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

import msgspec
from pydantic import BaseModel, ValidationError

from shared.domain.errors import FrontdeskError, Transient
from shared.models.chat_model import ToolCall
from shared.tools.reach import reach_of, ungranted
from shared.tools.shape import Catalogue, Tool, ToolContext, ToolResult

_MOST_MISTAKES = 5  # more than these nobody mends at once

OUT_OF_REACH = "out_of_reach"
"""The key that marks the result of a tool that could not do its work, whatever it was told."""


async def run_tool(
    catalogue: Catalogue, call: ToolCall, context_of: Callable[[Tool], ToolContext]
) -> ToolResult:
    """What the call came to. Mistakes, refusals and a tool out of reach are results with `error`.

    `context_of` is called only for a call whose arguments are right. A tool that outlives its TIMEOUT
    is cancelled; what it creates is named by `call_id`, so the same call may run again.
    """
    checked = check(catalogue, call)
    if isinstance(checked, ToolResult):
        return checked
    tool, arguments = checked
    try:
        context = context_of(tool)
        if reach_of(tool) == "dangerous" and (why := _forbidden(tool, context)):
            return _refused(why)
        async with asyncio.timeout(tool.TIMEOUT):
            return await tool.run(arguments, context)
    except TimeoutError:
        return _failed(f"{tool.NAME} took longer than {tool.TIMEOUT:g} seconds; say so, or hand over")
    except Transient as error:
        return _failed(f"{tool.NAME} is out of reach just now ({error}); try once more, or hand over")
    except FrontdeskError as error:
        return _failed(str(error))


def check(catalogue: Catalogue, call: ToolCall) -> tuple[Tool, BaseModel] | ToolResult:
    """The tool and its arguments, or a result whose error names each field, what was found and the fix."""
    tool = catalogue.tools.get(call.name)
    if tool is None:
        return _refused(f"there is no tool {call.name!r}; there are {', '.join(sorted(catalogue.tools))}")
    unknown = sorted(call.arguments.keys() - tool.Arguments.model_fields.keys())
    try:
        arguments = tool.Arguments.model_validate(call.arguments)
    except ValidationError as error:
        mistakes = [_mistake(dict(found)) for found in error.errors()]
    else:
        mistakes = []
    mistakes += [f"{name}: {tool.NAME} has no such argument; leave it out" for name in unknown]
    return _refused("; ".join(mistakes[:_MOST_MISTAKES])) if mistakes else (tool, arguments)


def canonical(catalogue: Catalogue, call: ToolCall) -> str:
    """The call's arguments in one spelling, for the name of its effect: sorted, compact, nulls left out.

    Arguments that are right are spelt as the tool reads them, so `"3"` and `3` are the same.
    """
    checked = check(catalogue, call)
    arguments: Any = call.arguments
    if not isinstance(checked, ToolResult):
        arguments = checked[1].model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def told(result: ToolResult) -> dict[str, object]:
    """The result as the model reads it: its data, with `error` where the tool refused."""
    return {**result.data, "error": result.error} if result.error else result.data


def pack(result: ToolResult) -> dict[str, object]:
    """The result as a document keeps it; read back by `unpack`."""
    return cast("dict[str, object]", msgspec.to_builtins(result))


def unpack(data: dict[str, object]) -> ToolResult:
    """A result that was kept. Raises msgspec.ValidationError for anything else."""
    return msgspec.convert(data, ToolResult)


def _forbidden(tool: Tool, context: ToolContext) -> str:
    """Why a dangerous tool may not act now; empty where it may."""
    entry = context.config.tools.get(tool.NAME)
    return "" if context.allowed else ungranted(tool, entry.grant if entry else None)


def _mistake(found: dict[str, Any]) -> str:
    place = ".".join(map(str, found["loc"])) or "arguments"
    if found["type"] == "missing":
        return f"{place}: it is required; ask the customer if they have not said it"
    return f"{place}: found {str(found['input'])[:80]!r}; {found['msg'].removeprefix('Value error, ')}"


def _refused(error: str) -> ToolResult:
    return ToolResult(data={}, error=error)


def _failed(error: str) -> ToolResult:
    return ToolResult(data={OUT_OF_REACH: True}, error=error)
