"""Rules about a desk's team: one general member, names that are each their own, and parts the desk has."""

from collections.abc import Iterator

from shared.config.agent import Specialist
from shared.config.nodes import Step
from shared.config.schema import DeskConfig

Broken = tuple[tuple[Step, ...], str, str]


def team_checks(config: DeskConfig) -> Iterator[Broken]:
    """Every rule broken, as (path, what was found, the fix)."""
    team = config.agent.team
    general = [member.name for member in team if member.general]
    if team and len(general) != 1:
        yield (
            ("agent", "team"),
            f"a team with {len(general)} general members",
            "write general: true for exactly one",
        )
    names = [member.name for member in team]
    for index, member in enumerate(team):
        if member.name in names[:index]:
            yield (
                ("agent", "team", index, "name"),
                f"the member {member.name!r} a second time",
                "give each its own name",
            )
        yield from _member(config, index, member, names)


def _member(config: DeskConfig, index: int, member: Specialist, names: list[str]) -> Iterator[Broken]:
    where = ("agent", "team", index)
    for unknown in (tool for tool in member.tools if tool not in config.tools):
        yield (
            (*where, "tools"),
            f"the tool {unknown!r}, which the desk has not",
            "add it under tools:, or remove it here",
        )
    for unknown in (file for file in member.knowledge if file not in config.knowledge.files):
        yield (
            (*where, "knowledge"),
            f"the file {unknown!r}, which the desk does not read",
            "add it under knowledge.files, or remove it here",
        )
    if member.backup is not None and (member.backup == member.name or member.backup not in names):
        yield (
            (*where, "backup"),
            f"the backup {member.backup!r}, no other member of the team",
            "write the name of another member",
        )
