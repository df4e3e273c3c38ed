"""Fills a workflow's expressions and templates from what a run knows."""

from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from shared.config.templates import render
from shared.domain.errors import Permanent
from shared.runs.state import Map, RunState


def known(state: RunState, source: str | None = None) -> Map:
    """What expressions may name; `output` is what `source` came to.

    A step's output is found as `step.field` and as `step.output.field`.
    """
    names: Map = {step: _both_ways(output) for step, output in state["outputs"].items()}
    names |= {"input": state["input"], "context": state["context"], "run": _facts(state)}
    if source is not None:
        names["output"] = state["outputs"].get(source)
    return names


def _both_ways(output: Any) -> Map:
    return {**output, "output": output} if isinstance(output, dict) else {"output": output}


def _facts(state: RunState) -> Map:
    outputs = [output for output in state["outputs"].values() if isinstance(output, dict)]
    sure = [output["confidence"] for output in outputs if isinstance(output.get("confidence"), int | float)]
    asked = any(output.get("handover") is True for output in outputs)
    return {
        "id": state["run"],
        "confidence": min(sure, default=None),
        "errors": sum(armed["kind"] == "retry" and armed["tries"] for armed in state["armed"].values())
        + sum(not entry.get("success", True) for entry in state["trace"]),
        "said": _said(state["input"]),
        "handover": asked or any(effect["effect"] == "hand_over" for effect in state["effects"]),
        "error": next(iter(state["failed"].values()), None),
    }


def _said(given: Map) -> str:
    """What the customer said that the run was begun with, in small letters."""
    words = (given.get(key) for key in ("customer_message", "message", "text"))
    return next((word.casefold() for word in words if isinstance(word, str)), "")


def holds(expression: str, names: Mapping[str, Any]) -> bool:
    """Whether an expression is true as JMESPath means it: not null, false, or empty."""
    found = _searched(expression, names, strict=False)
    return found is not None and found is not False and found not in ("", [], {})


def value(expression: str, names: Mapping[str, Any]) -> Any:
    """What an expression finds; None for what is not there. Raises Permanent where that fails."""
    return _searched(expression, names, strict=True)


def _searched(expression: str, names: Mapping[str, Any], *, strict: bool) -> Any:
    try:
        return jmespath.search(expression, names)
    except (JMESPathError, TypeError) as error:  # a function over what is not there; words beside a number
        if strict:
            why = "it compares words with a number" if isinstance(error, TypeError) else error
            raise Permanent(f"{expression!r} cannot be worked out: {why}; correct the workflow") from error
        return None


def filled(written: Any, names: Mapping[str, Any]) -> Any:
    """A free mapping with its templates filled and each {from: expression} replaced by what it finds."""
    if isinstance(written, dict):
        if set(written) == {"from"} and isinstance(written["from"], str):
            return value(written["from"], names)
        return {key: filled(child, names) for key, child in written.items()}
    if isinstance(written, list | tuple):
        return [filled(child, names) for child in written]
    if isinstance(written, str) and ("{{" in written or "{%" in written):
        return render(written, names)
    return written
