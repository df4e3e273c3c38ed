"""Answers that must follow a JSON Schema: signals, summaries, and whatever else can be filled by rules."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from shared.models.chat_model import Answer, Request, Turn
from shared.models.offline.handing_back import left_by_people
from shared.models.offline.hearing import hear
from shared.models.offline.lesson import lesson
from shared.models.offline.signals import signals
from shared.models.offline.slots import take, told
from shared.models.offline.toolbox import Argument, kind_of, settled

_LINES = 8
_RESULT = 120  # letters of a tool's result
_WORDS = 16  # of each message in a summary

_QUOTED = re.compile(r"Notes so far:\n(.*?)\n\nNew part:\n(.*)", re.DOTALL)
_SPOKEN = re.compile(r"^(Customer|Desk|Tool \w+): (.*)$", re.MULTILINE)

Schema = dict[str, object]


def structured(request: Request) -> Answer:
    """The request's schema, filled from the talk; a field the talk does not show is left out or empty."""
    schema = request.schema or {}
    match schema.get("title"):
        case "Signals":
            data = _within(schema, signals(request))
        case "HandBack":
            data = dict(left_by_people(request.turns[-1].text if request.turns else ""))
        case "Summary":
            data = {"summary": summary(request.turns)}
        case "Lesson":
            data = lesson(request.turns[0].text)
        case _:
            data = cast("dict[str, object]", _filled(schema, request))
    return Answer(data=data, model=request.model)


def _within(schema: Schema, found: dict[str, object]) -> dict[str, object]:
    """Only what the schema names; what it requires and the words do not show is null."""
    properties = cast("dict[str, object]", schema.get("properties") or {})
    kept = {name: value for name, value in found.items() if name in properties} if properties else found
    required = cast("list[str]", schema.get("required") or [])
    return {**dict.fromkeys((name for name in required if name not in kept), None), **kept}


def summary(turns: Sequence[Turn]) -> str:
    """Who it is, what they wrote, and what was done; each shortly, the newest kept.

    The talk may also come as one quoted text: notes so far, then lines that begin with who speaks.
    """
    quoted = _QUOTED.fullmatch(turns[0].text) if len(turns) == 1 else None
    if quoted is None:
        return _noted("", (_line(turn) for turn in turns))
    former = "" if quoted[1] == "(none)" else quoted[1]
    return _noted(former, ((who, text) for who, text in _SPOKEN.findall(quoted[2])))


def _noted(former: str, lines: Iterable[tuple[str, str]]) -> str:
    known: dict[str, str] = {}
    notes = [note for note in former.split(" | ") if note]
    for who, text in lines:
        if who == "Customer" and text:
            known |= told(hear(text))
            notes.append(f"{who}: {_first_words(text)}")
        elif who.startswith("Tool ") and '"error"' not in text:
            notes.append(f"Done: {who[5:].replace('_', ' ')} {text[:_RESULT]}".strip())
    head = (
        [f"Known: {', '.join(f'{kind} {value}' for kind, value in sorted(known.items()))}"] if known else []
    )
    heads = [note for note in notes if note.startswith("Known:")]
    others = [note for note in notes if not note.startswith("Known:")]
    return " | ".join(dict.fromkeys([*heads, *head, *others[-_LINES:]]))


def _line(turn: Turn) -> tuple[str, str]:
    if turn.role == "tool" and turn.call is not None:
        return f"Tool {turn.call.name}", json.dumps(turn.result or {}, ensure_ascii=False)
    return turn.role.capitalize(), turn.text


def _first_words(text: str) -> str:
    words = text.split()
    return " ".join(words[:_WORDS]) + ("…" if len(words) > _WORDS else "")


def _filled(
    schema: Schema, request: Request, definitions: Mapping[str, Schema] | None = None, name: str = ""
) -> object:
    """A value of the schema: found in the customer's words, else the least it allows."""
    known = dict(definitions or cast("dict[str, Schema]", schema.get("$defs") or {}))
    schema = settled(schema, known)
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "object" or "properties" in schema:
        properties = cast("dict[str, Schema]", schema.get("properties") or {})
        required = cast("list[str]", schema.get("required") or [])
        values = {key: _filled(inner, request, known, key) for key, inner in properties.items()}
        return {
            key: value for key, value in values.items() if key in required or value not in (None, "", [], {})
        }
    found = _found(schema, request, name)
    return found if found is not None else _least(schema, request, known)


def _found(schema: Schema, request: Request, name: str) -> object | None:
    options = tuple(str(option) for option in cast("list[object]", schema.get("enum") or []))
    kind = kind_of(name, schema)
    argument = Argument(
        name=name, kind=kind, required=True, label=name.replace("_", " "), schema=schema, options=options
    )
    if kind in ("text", "query", "reason", "list", "object", "choice"):
        return None
    now = _now(request.briefing.now)
    said = (hear(turn.text) for turn in reversed(request.turns) if turn.role == "customer")
    return next((value for heard in said if (value := take(argument, heard, now)) is not None), None)


def _least(schema: Schema, request: Request, definitions: Mapping[str, Schema]) -> object:
    """The least value the schema allows; a text is the customer's newest words where it may not be empty."""
    if "default" in schema:
        return schema["default"]
    options = cast("list[object]", schema.get("enum") or [])
    if options:
        return options[0]
    match schema.get("type"):
        case "string":
            least: object = _text(schema, request)
        case "integer" | "number":
            least = _number(schema)
        case "boolean":
            least = False
        case "array":
            item = cast("Schema", schema.get("items") or {})
            least = [
                _filled(item, request, definitions) for _ in range(cast("int", schema.get("minItems") or 0))
            ]
        case _:
            least = None
    return least


def _number(schema: Schema) -> float:
    above = schema.get("exclusiveMinimum")
    least = cast("float", above) + 1 if above is not None else cast("float", schema.get("minimum", 0))
    return int(least) if schema.get("type") == "integer" else least


def _text(schema: Schema, request: Request) -> str:
    least = cast("int", schema.get("minLength") or 0)
    if not least:
        return ""
    said = next((turn.text for turn in reversed(request.turns) if turn.role == "customer" and turn.text), "")
    most = cast("int", schema.get("maxLength") or 400)
    return (said or "unknown").ljust(least, ".")[:most]


def _now(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
