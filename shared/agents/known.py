"""Which agents a desk has by name, and how they are found by what they can."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError
from rapidfuzz import process

from shared.agents.shape import Agent
from shared.config.agents import AgentSpec, AgentType, CostTier
from shared.config.schema import DeskConfig
from shared.domain.errors import NotThere, Permanent

_DATA = Path(__file__).with_name("shipped.yaml")


@cache
def shipped(path: Path = _DATA) -> Mapping[str, Agent]:
    """The agents every desk has. Raises Permanent naming what is wrong in the file."""
    try:
        written = msgspec.yaml.decode(path.read_bytes(), type=dict[str, dict[str, object]])
        return {
            name: Agent(name, AgentSpec.model_validate_json(msgspec.json.encode(each)), shipped=True)
            for name, each in written.items()
        }
    except (msgspec.MsgspecError, ValidationError) as error:
        raise Permanent(f"{path.name}: {error}; mend that entry") from error


def agents_of(config: DeskConfig) -> dict[str, Agent]:
    """A desk's agents by name: its own, and those shipped that it does not replace."""
    return dict(shipped()) | {name: Agent(name, spec) for name, spec in config.agents.items()}


def named(config: DeskConfig, name: str) -> Agent:
    """An agent of a desk. Raises NotThere naming the one most alike."""
    known = agents_of(config)
    if name in known:
        return known[name]
    near = process.extractOne(name, list(known), score_cutoff=60)
    instead = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
    raise NotThere(
        f"no agent is called {name!r}; {instead} Describe a new one under agents: in the desk's file"
    )


def search(
    config: DeskConfig,
    *,
    capability: str | None = None,
    type: AgentType | None = None,  # noqa: A002  the key's own name
    cost_tier: CostTier | None = None,
) -> list[Agent]:
    """The desk's agents that have all of what is asked for, by name."""
    return [
        agent
        for _, agent in sorted(agents_of(config).items())
        if (capability is None or capability in agent.spec.capabilities)
        and (type is None or type == agent.spec.type)
        and (cost_tier is None or cost_tier == agent.spec.tier)
    ]


def tuned(agent: Agent, changes: Mapping[str, Any]) -> Agent:
    """The agent with some of its keys, already checked, otherwise for one question."""
    return replace(agent, spec=agent.spec.model_copy(update=dict(changes)))
