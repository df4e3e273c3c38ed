"""Tools as the rules see them: which words call for each, and what kind of thing each argument is."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, cast

import msgspec

from shared.models.chat_model import ToolSpec
from shared.models.offline.hearing import Heard, hear
from shared.models.offline.spelling import plain, stem
from shared.models.offline.vocabulary import Act

Kind = Literal[
    "query", "reason", "choice", "booking", "enum", "name", "phone", "email", "date", "time", "when", "count",
    "number", "boolean", "company", "text", "list", "object",
]  # fmt: skip
_BY_NAME: tuple[tuple[Kind, str], ...] = (
    ("query", r"^(query|question|search|keywords|q)$"),
    ("reason", r"^(reason|cause|why)$"),
    ("choice", r"^(slot|slot_id|choice|choice_id|option|option_id)$"),
    ("booking", r"^booking(_id)?$"),
    ("phone", r"phone|mobile|whatsapp"),
    ("email", r"e_?mail"),
    ("company", r"company|organi[sz]ation|business|employer"),
    ("name", r"^name$|_name$|^customer$|^patient$|^guest$"),
    ("when", r"^when$|^at$|date_?time|^start$|^due$"),
    ("date", r"date|^day$"),
    ("time", r"^time$|_time$|^around$"),
    ("count", r"party|people|guests|persons|seats|employees|team_size|size|headcount|users"),
)
_LINKING: tuple[tuple[Act, ...], ...] = (  # what links a message to a tool; the earlier outweighs the later
    ("human",), ("rebook",), ("unbook",), ("callback",), ("ticket",), ("book", "availability"), ("details",),
    ("price", "preparation", "hours", "address", "contact"),
)  # fmt: skip
_MOST_MATCHED = 4096
_ENOUGH = 0.55  # how much of an example a message must share to call its tool


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a tool. `asking` is the schema's own question for it, where it writes `x-ask`."""

    name: str
    kind: Kind
    required: bool
    label: str
    schema: dict[str, object]
    options: tuple[str, ...] = ()
    asking: str | dict[str, str] = ""
    provider: str = ""  # the tool whose choices fill it


@dataclass(frozen=True, slots=True)
class ToolView:
    """A tool and what calls for it."""

    spec: ToolSpec
    arguments: tuple[Argument, ...]
    acts: dict[Act, float]  # 0..1: how much of its examples does this
    examples: tuple[frozenset[str], ...]  # stems of each

    def argument(self, name: str) -> Argument | None:
        """The argument of that name."""
        return next((argument for argument in self.arguments if argument.name == name), None)

    def of_kind(self, *kinds: Kind) -> Argument | None:
        """The first argument of these kinds."""
        return next((argument for argument in self.arguments if argument.kind in kinds), None)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """All tools a desk has."""

    views: dict[str, ToolView]
    rarity: dict[str, float]  # of a stem among the tools
    matched: dict[str, ToolView | None] = field(default_factory=dict)  # by message, as it was found before

    @property
    def search(self) -> ToolView | None:
        """The tool that answers questions: the one that takes the customer's question."""
        return next((view for view in self.views.values() if _required_kind(view, "query")), None)

    def doing(self, act: Act) -> ToolView | None:
        """The tool whose examples do this most."""
        able = [view for view in self.views.values() if view.acts.get(act)]
        return max(able, key=lambda view: view.acts[act], default=None)

    def taking_choices_of(self, tool: str) -> ToolView | None:
        """The tool that takes what this one offers; any that takes offers where the offerer is unknown.

        One that moves what stands comes last: it takes them when it was asked for alone.
        """
        takers = [view for view in self.views.values() if view.of_kind("choice")]
        takers.sort(key=lambda view: "rebook" in view.acts)
        return next(
            (view for view in takers if not tool or any(one.provider == tool for one in view.arguments)), None
        )

    def match(self, heard: Heard) -> ToolView | None:
        """The tool the message calls for, or None."""
        if heard.text not in self.matched:
            if len(self.matched) >= _MOST_MATCHED:
                self.matched.clear()
            scored = [(self._score(view, heard), view) for view in self.views.values()]
            score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
            self.matched[heard.text] = best if score >= _ENOUGH else None
        return self.matched[heard.text]

    def _score(self, view: ToolView, heard: Heard) -> float:
        group = linking(heard)
        done = max((view.acts.get(act, 0.0) for act in group if act in heard.acts), default=0.0)
        said = {one: self.rarity.get(one, 1.0) for one in heard.stems}
        alike = max((self._likeness(said, example) for example in view.examples), default=0.0)
        return (0.6 + 0.4 * done if done else 0.0) + alike * 0.7

    def _likeness(self, said: dict[str, float], example: frozenset[str]) -> float:
        shared = sum(weight for one, weight in said.items() if one in example)
        if not shared:
            return 0.0
        whole = sum(self.rarity.get(one, 1.0) for one in example)
        return shared / math.sqrt(sum(said.values()) * whole)


def linking(heard: Heard) -> tuple[Act, ...]:
    """The acts that decide which tool a message calls for: those of the first kind it does."""
    return next((group for group in _LINKING if heard.does(*group)), ())


def toolbox(tools: tuple[ToolSpec, ...]) -> Toolbox:
    """The tools, read once per set of tools."""
    return _toolbox(msgspec.json.encode(tools))


@lru_cache(maxsize=64)
def _toolbox(encoded: bytes) -> Toolbox:
    tools = msgspec.json.decode(encoded, type=tuple[ToolSpec, ...])
    views = {tool.name: _view(tool, tools) for tool in tools}
    holders = Counter(
        one for view in views.values() for one in frozenset().union(*view.examples) if view.examples
    )
    rarity = {one: math.log(1 + len(views) / count) for one, count in holders.items()}
    return Toolbox(views=views, rarity=rarity)


def _view(tool: ToolSpec, tools: tuple[ToolSpec, ...]) -> ToolView:
    heard = [hear(example) for example in tool.examples] or [hear(tool.description)]
    acts = Counter(act for one in heard for act in linking(one) if act in one.acts)
    return ToolView(
        spec=tool,
        arguments=tuple(_arguments(tool, tools)),
        acts={act: count / len(heard) for act, count in acts.items()},
        examples=tuple(one.stems for one in heard if one.stems),
    )


def _arguments(tool: ToolSpec, tools: tuple[ToolSpec, ...]) -> Iterator[Argument]:
    properties = cast("dict[str, dict[str, object]]", tool.parameters.get("properties") or {})
    required = cast("list[str]", tool.parameters.get("required") or [])
    definitions = cast("dict[str, dict[str, object]]", tool.parameters.get("$defs") or {})
    for name, written in properties.items():
        schema = settled(written, definitions)
        options = tuple(str(option) for option in cast("list[object]", schema.get("enum") or []))
        provider = _provider(tool, name, schema, tools)
        yield Argument(
            name=name,
            kind="choice" if provider else kind_of(name, schema),
            required=name in required,
            label=str(schema.get("x-label") or name.replace("_", " ")),
            schema=schema,
            options=options,
            asking=cast("str | dict[str, str]", schema.get("x-ask") or ""),
            provider=provider,
        )


def settled(schema: dict[str, object], definitions: dict[str, dict[str, object]]) -> dict[str, object]:
    """The schema with its `$ref` followed and `null` left out of `anyOf`, as pydantic writes both."""
    for key in ("anyOf", "oneOf", "allOf"):
        options = cast("list[dict[str, object]]", schema.get(key) or [])
        real = [option for option in options if option.get("type") != "null"]
        if len(real) == 1:
            rest = {name: value for name, value in schema.items() if name != key}
            return settled({**real[0], **rest}, definitions)
    reference = schema.get("$ref")
    if isinstance(reference, str):
        rest = {name: value for name, value in schema.items() if name != "$ref"}
        return settled({**definitions.get(reference.rsplit("/", 1)[-1], {}), **rest}, {})
    return schema


def kind_of(name: str, schema: dict[str, object]) -> Kind:
    """What an argument holds, from its type, format and name."""
    known: dict[object, Kind] = {
        "boolean": "boolean", "object": "object", "array": "list",
        "date": "date", "date-time": "when", "time": "time", "email": "email", "phone": "phone",
    }  # fmt: skip
    if "enum" in schema:
        return "enum"
    for key in (schema.get("format"), schema.get("type")):
        if key in known:
            return known[key]
    by_name = next((kind for kind, pattern in _BY_NAME if re.search(pattern, name.lower())), None)
    by_name = by_name or _by_form(str(schema.get("description", "")))
    if schema.get("type") in ("integer", "number"):
        return "count" if by_name == "count" else "number"
    return "text" if by_name == "count" else by_name


def _by_form(description: str) -> Kind:
    """The kind a description gives away by the form it asks for."""
    form = re.search(r"YYYY-MM-DD(T|)|HH:MM", description)
    if form is None:
        return "text"
    return "time" if form[0] == "HH:MM" else "when" if form[1] else "date"


def _provider(tool: ToolSpec, name: str, schema: dict[str, object], tools: tuple[ToolSpec, ...]) -> str:
    """The other tool whose offers fill this argument: named in its schema or description."""
    told = f"{schema.get('x-from', '')} {schema.get('description', '')}"
    others = [other.name for other in tools if other.name != tool.name]
    for other in others:
        if re.search(rf"\b{re.escape(other)}\b", told):
            return other
    if kind_of(name, schema) != "choice":
        return ""
    words = {stem(word) for word in plain(name.replace("_", " ")).split()}
    alike = (
        other for other in others if words & {stem(word) for word in plain(other.replace("_", " ")).split()}
    )
    return next((other for other in alike if not _takes_choice(other, tools)), "")


def _takes_choice(other: str, tools: tuple[ToolSpec, ...]) -> bool:
    found = next(tool for tool in tools if tool.name == other)
    required = cast("list[str]", found.parameters.get("required") or [])
    return any(kind_of(name, {}) == "choice" for name in required)


def _required_kind(view: ToolView, kind: Kind) -> bool:
    return any(argument.kind == kind and argument.required for argument in view.arguments)
