"""Whether the tools that steps of workflows use, and undo themselves by, are given what they take."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from shared.config.block import Free
from shared.config.schema import DeskConfig
from shared.config.workflow_checks import Broken, Path


def argument_checks(config: DeskConfig, forms: Mapping[str, type[BaseModel]] | None) -> Iterator[Broken]:
    """Arguments that a tool has not, and those it needs; `forms` are the tools' own, None is no check."""
    for name, workflow in config.workflows.items():
        for index, node in enumerate(workflow.nodes):
            where: Path = ("workflows", name, "nodes", index)
            undo = node.compensate
            for place, tool, given in (
                (where, node.tool, node.arguments),
                ((*where, "compensate"), undo and undo.tool, undo.arguments if undo else {}),
            ):
                if tool and (form := (forms or {}).get(tool)):
                    yield from _against(form, tool, given, place)


def _against(form: type[BaseModel], tool: str, given: Free, where: Path) -> Iterator[Broken]:
    takes = {field.alias or name: field for name, field in form.model_fields.items()}
    listed = ", ".join(takes) or "none"
    for key in given:
        if key not in takes:
            yield (*where, "arguments", key), f"{key!r}, no argument of {tool}", f"it takes {listed}"
    lacking = [name for name, field in takes.items() if field.is_required() and name not in given]
    if lacking:
        yield (
            (*where, "arguments") if given else (*where, "tool"),
            f"{tool} without {' and '.join(lacking)}",
            f"add to its arguments: {', '.join(lacking)}",
        )
