"""Rules about a desk's agents and crews: who is named is there, and what they are told can be followed."""

from collections.abc import Iterator

from rapidfuzz import process

from shared.config.agents import AgentSpec, CrewSpec
from shared.config.nodes import Step
from shared.config.schema import DeskConfig

Broken = tuple[tuple[Step, ...], str, str]


def agent_checks(config: DeskConfig, shipped: frozenset[str] | None) -> Iterator[Broken]:
    """Every rule broken, as (path, what was found, the fix); `shipped` None = nobody knows those here."""
    known = None if shipped is None else shipped | config.agents.keys()
    for name, spec in config.agents.items():
        yield from _agent(name, spec, config, known)
    for name, crew in config.crews.items():
        if name in config.agents or name in (shipped or ()):
            yield ("crews", name), f"a crew with the name of the agent {name!r}", "give it another name"
        yield from _crew(name, crew, known)


def _agent(name: str, spec: AgentSpec, config: DeskConfig, known: frozenset[str] | None) -> Iterator[Broken]:
    where = ("agents", name)
    if spec.fallback == name:
        yield (*where, "fallback"), "an agent that is its own backup", "name another agent"
    elif spec.fallback and known is not None and spec.fallback not in known:
        yield (*where, "fallback"), *no_agent(spec.fallback, known)
    for index, tool in enumerate(spec.tools):
        there = [
            own for own in config.tools if own == tool or (tool.endswith(".*") and own.startswith(tool[:-1]))
        ]
        if not there:
            yield (
                (*where, "tools", index),
                f"the tool {tool!r}, which the desk has not",
                "add it under tools:, or remove it here",
            )
    if spec.output_schema is not None and (why := _unusable(spec.output_schema)):
        yield (*where, "output_schema"), why, "write a JSON Schema of type: object"


def _crew(name: str, crew: CrewSpec, known: frozenset[str] | None) -> Iterator[Broken]:
    where = ("crews", name)
    if known is not None:
        for index, member in enumerate(crew.members):
            if member not in known:
                yield (*where, "members", index), *no_agent(member, known)
        if crew.lead and crew.lead not in known:
            yield (*where, "lead"), *no_agent(crew.lead, known)
    judges = crew.pattern == "consensus" and crew.agree_by == "judge"
    if crew.lead is None and (crew.pattern == "hierarchical" or judges):
        yield where, "a crew that needs a lead and has none", "write lead: and an agent's name"


def no_agent(name: str, known: frozenset[str]) -> tuple[str, str]:
    """What is found where an agent is named that nobody knows, and the fix."""
    near = process.extractOne(name, sorted(known), score_cutoff=60)
    write = f"did you mean {near[0]}?" if near else f"write one of {', '.join(sorted(known))}"
    return f"{name!r}, no agent that is known", write


def _unusable(schema: dict[str, object]) -> str:
    """Why an answer cannot have a form; empty where it can."""
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 - a tenth of a second to import

    if schema.get("type") != "object":
        return "a form that is no object"
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return f"no JSON Schema at {error.json_path}"
    return ""
