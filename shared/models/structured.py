"""Reads a structured answer: vendors promise the schema, we check it."""

import json

from shared.models.failures import Unusable


def read_structured(text: str, schema: dict[str, object]) -> dict[str, object]:
    """The JSON object in a model's `text`, valid against `schema`; a Markdown fence around it is no harm.

    Raises Unusable saying where it departs from the schema, never quoting what the model wrote.
    """
    try:
        data = json.loads(_unfenced(text))
    except (ValueError, RecursionError):
        raise Unusable("the model's structured answer is no JSON; ask again") from None
    if place := departs(data, schema):
        raise Unusable(f"the model's answer breaks its schema at {place}; ask again")
    if not isinstance(data, dict):
        raise Unusable("the model's structured answer is no JSON object; ask again")
    return data


def departs(data: object, schema: dict[str, object]) -> str:
    """The first place where data departs from a schema, `$.intent`; empty where it follows it."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a tenth of a second to import

    error = next(Draft202012Validator(schema).iter_errors(data), None)
    return error.json_path if error is not None else ""


def _unfenced(text: str) -> str:
    text = text.strip()
    if text.startswith("```") and text.endswith("```"):
        return text[3:-3].removeprefix("json")
    return text
