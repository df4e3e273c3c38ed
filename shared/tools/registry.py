"""Which tools there are, and how a desk's own are told to a model."""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from shared.domain.errors import Permanent
from shared.models.chat_model import ToolSpec
from shared.tools import (
    book_slot,
    cancel_booking,
    check_slots,
    create_ticket,
    hand_over,
    record_details,
    reschedule_booking,
    schedule_callback,
    search_knowledge,
    start_workflow,
)
from shared.tools.shape import Catalogue, Tool

if TYPE_CHECKING:
    from shared.config.schema import DeskConfig

OWN = (
    search_knowledge,
    check_slots,
    book_slot,
    cancel_booking,
    reschedule_booking,
    record_details,
    create_ticket,
    schedule_callback,
    start_workflow,
    hand_over,
)
OTHERS = "frontdesk.tools"
"""The entry point group under which an installed package registers tools of its own."""
_WORDLESS = ("title", "default", "additionalProperties")


def tool_catalogue() -> Catalogue:
    """Our own tools and those other installed packages register.

    Raises Permanent naming a package's tool that takes a name already given or is not of the shape.
    """
    tools = {module.NAME: cast("Tool", module) for module in OWN}
    for entry in entry_points(group=OTHERS):
        tool = entry.load()
        lacking = [name for name in Tool.__annotations__ if not hasattr(tool, name)]
        if lacking or not hasattr(tool, "run"):
            raise Permanent(f"the tool {entry.name!r} of {entry.value!r} lacks {', '.join(lacking) or 'run'}")
        if tool.NAME in tools:
            raise Permanent(f"the tool {tool.NAME!r} of {entry.value!r} is there already; rename it")
        tools[tool.NAME] = tool
    return Catalogue(tools)


def settings_of(tool: Tool, config: "DeskConfig") -> BaseModel:
    """The tool's settings from the desk's file, with its defaults. Raises Permanent naming what is wrong."""
    entry = config.tools.get(tool.NAME)
    try:
        return tool.Settings.model_validate(entry.settings if entry else {})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, ("tools", tool.NAME, "settings", *first["loc"])))
        raise Permanent(f"{place}: {first['msg']}; correct it in the desk's file") from error


def tools_of(catalogue: Catalogue, config: "DeskConfig") -> Iterator[Tool]:
    """The tools the desk uses and there are, in the order of its file."""
    for name, entry in config.tools.items():
        if entry.enabled and name in catalogue.tools:
            yield catalogue.tools[name]


def specs(catalogue: Catalogue, config: "DeskConfig") -> tuple[ToolSpec, ...]:
    """The desk's tools as a model is told of them; arguments a tool's settings `needs` are required."""
    return tuple(_spec(tool, settings_of(tool, config)) for tool in tools_of(catalogue, config))


@cache
def _parameters(arguments: type[BaseModel]) -> dict[str, Any]:
    """The schema of a tool's arguments, made once: making it takes longer than the rest of a question."""
    schema = arguments.model_json_schema()
    parameters = _plain(schema, schema.get("$defs", {}))
    parameters.pop("description", None)
    return parameters


def _spec(tool: Tool, settings: BaseModel) -> ToolSpec:
    parameters = dict(_parameters(tool.Arguments))
    required = [*parameters.get("required", []), *getattr(settings, "needs", ())]
    if required:
        parameters["required"] = list(dict.fromkeys(required))
    return ToolSpec(
        name=tool.NAME, description=tool.DESCRIPTION, parameters=parameters, examples=tuple(tool.EXAMPLES)
    )


def _plain(schema: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """The schema in the few words every vendor understands: no references, titles, defaults or nulls."""
    if "$ref" in schema:
        target = named[schema["$ref"].rpartition("/")[2]]
        return _plain({**target, **{key: schema[key] for key in schema if key != "$ref"}}, named)
    if "anyOf" in schema:
        (kind,) = [kind for kind in schema["anyOf"] if kind.get("type") != "null"]
        return _plain({**kind, **{key: schema[key] for key in schema if key != "anyOf"}}, named)
    plain = {key: value for key, value in schema.items() if key not in (*_WORDLESS, "$defs", "format")}
    if "properties" in plain:
        plain["properties"] = {name: _plain(each, named) for name, each in plain["properties"].items()}
    if "items" in plain:
        plain["items"] = _plain(plain["items"], named)
    return plain
