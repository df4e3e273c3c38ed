"""Rules a well-formed desk may still break: money, hours, names that match, parts that need each other."""

from collections.abc import Iterator
from itertools import pairwise

from shared.config.nodes import Node, Step, find, nearest, problem, walk
from shared.config.problems import Problem
from shared.config.schema import DeskConfig

MOST_DISCOUNT = 0.20
"""The discount an AI may ever grant."""


def written_checks(root: Node) -> list[Problem]:
    """Rules about what is written, wherever it stands; they need no valid desk."""
    return [
        problem(node, path, f"a discount authority of {node.value}", f"write {MOST_DISCOUNT:.2f} or less")
        for path, node in walk(root)
        if path and "discount_authority" in str(path[-1]) and _share(node) > MOST_DISCOUNT
    ]


def desk_checks(root: Node, config: DeskConfig) -> list[Problem]:
    """Rules about a valid desk, each told at the line that breaks it."""
    return [_at(root, path, found, fix) for path, found, fix in _broken(config)]


_Broken = tuple[tuple[Step, ...], str, str]


def _broken(config: DeskConfig) -> Iterator[_Broken]:
    yield from _channels(config)
    yield from _hours(config)
    yield from _behavior(config)
    yield from _surveys(config)
    yield from _budgets(config)
    yield from _team(config)
    yield from _experiments(config)
    yield from _workflows(config)


def _channels(config: DeskConfig) -> Iterator[_Broken]:
    own = config.channels
    blocks = [getattr(own, name) for name in type(own).model_fields]
    if not any(block and block.enabled for block in blocks):
        yield ("channels",), "no channel that is enabled", "enable one, e.g. webchat: {enabled: true}"
    voice = config.voice
    if voice.enabled and not (voice.voice_id or voice.llm or voice.tts or voice.mode):
        yield (
            ("voice",),
            "a voice that is enabled and not described",
            "write voice_id: …, or llm:, stt: and tts:",
        )
    spoken = [name for name in ("phone", "room") if (block := getattr(own, name)) and block.enabled]
    if spoken and not voice.enabled:
        yield (
            ("channels", spoken[0]),
            "a spoken channel without a voice",
            "write voice: {enabled: true, voice_id: …}",
        )


def _hours(config: DeskConfig) -> Iterator[_Broken]:
    hours = config.desk.hours
    if hours and not any(config.desk.opening.week or ()) and not any(hours.holidays.values()):
        yield ("desk", "hours"), "hours without one open day", "write when it is open, or remove hours:"
    longest = max(
        (span.end - span.start for day in config.desk.opening.week or () for span in day), default=1440
    )
    for name, tool in config.tools.items():
        minutes = tool.settings.get("slot_minutes")
        if not isinstance(minutes, int) or isinstance(minutes, bool):
            continue
        where = ("tools", name, "settings", "slot_minutes")
        if not 5 <= minutes <= 1440:
            yield where, f"slots of {minutes} minutes", "write 5 to 1440"
        elif minutes > longest and "hours" not in tool.settings:
            yield where, f"slots of {minutes} minutes, longer than any opening", f"write {longest} or less"


def _behavior(config: DeskConfig) -> Iterator[_Broken]:
    own = config.behavior
    if own.debounce_seconds > own.debounce_max_seconds:
        yield (
            ("behavior", "debounce_seconds"),
            f"{own.debounce_seconds:g}, above debounce_max_seconds {own.debounce_max_seconds:g}",
            f"write {own.debounce_max_seconds:g} or less",
        )
    kinds = {handoff.type for handoff in own.escalation.handoff}
    for index, trigger in enumerate(own.escalation.triggers):
        if "type" in trigger.model_fields_set and trigger.type not in kinds:
            where = ("behavior", "escalation", "triggers", index, "type")
            yield (
                where,
                f"{trigger.type!r}, no handoff of this file",
                f"write one of {', '.join(sorted(kinds))}",
            )


def _surveys(config: DeskConfig) -> Iterator[_Broken]:
    seen: set[str] = set()
    for index, question in enumerate(config.behavior.surveys.questions):
        where = ("behavior", "surveys", "questions", index)
        if question.id in seen:
            yield (*where, "id"), f"the question {question.id!r} a second time", "give each its own id"
        seen.add(question.id)
        if question.type == "multiple_choice" and len(question.options) < 2:
            yield where, "a choice without options", "write options: [first, second]"
        if question.scale:
            low, high = map(int, question.scale.split("-"))
            if low >= high:
                yield (*where, "scale"), f"the scale {question.scale}", 'write the lower mark first: "1-5"'


def _budgets(config: DeskConfig) -> Iterator[_Broken]:
    own = config.budgets
    steps = [("conversation", own.conversation), ("hour", own.hour), ("day", own.day), ("month", own.month)]
    for (small, less), (large, more) in pairwise(steps):
        if less > more:
            yield ("budgets", small), f"{small} {less:g}, above {large} {more:g}", f"write {more:g} or less"


def _team(config: DeskConfig) -> Iterator[_Broken]:
    general = [member.name for member in config.agent.team if member.general]
    if config.agent.team and len(general) != 1:
        yield (
            ("agent", "team"),
            f"a team with {len(general)} general members",
            "write general: true for exactly one",
        )
    for index, member in enumerate(config.agent.team):
        for unknown in (tool for tool in member.tools if tool not in config.tools):
            where = ("agent", "team", index, "tools")
            yield (
                where,
                f"the tool {unknown!r}, which the desk has not",
                "add it under tools:, or remove it here",
            )
    if config.agent.workflow and config.agent.workflow not in config.workflows:
        yield (
            ("agent", "workflow"),
            f"{config.agent.workflow!r}, no workflow of this file",
            "write it in workflows:",
        )


def _experiments(config: DeskConfig) -> Iterator[_Broken]:
    for index, experiment in enumerate(config.experiments):
        total = sum(variant.share for variant in experiment.variants)
        if abs(total - 1) > 0.001:
            yield (
                ("experiments", index, "variants"),
                f"shares that add up to {total:g}",
                "make them add up to 1",
            )


def _workflows(config: DeskConfig) -> Iterator[_Broken]:
    for name, workflow in config.workflows.items():
        nodes = {node.id for node in workflow.nodes}
        listed = ", ".join(sorted(nodes))
        if workflow.start and workflow.start not in nodes:
            yield ("workflows", name, "start"), f"{workflow.start!r}, no node of it", f"write one of {listed}"
        for index, edge in enumerate(workflow.edges):
            for key, end in (("from", edge.source), ("to", edge.target)):
                if end not in nodes and not (key == "to" and end == "end"):
                    yield (
                        ("workflows", name, "edges", index, key),
                        f"{end!r}, no node of it",
                        f"write one of {listed}",
                    )


def _share(node: Node) -> float:
    """A share as a number: 0.25, or the text `25%`; 0 where it is neither."""
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    number = (node.text or "").strip().removesuffix("%").strip()
    try:
        return float(number) / (100 if (node.text or "").strip().endswith("%") else 1)
    except ValueError:
        return 0.0


def _at(root: Node, path: tuple[Step, ...], found: str, fix: str) -> Problem:
    node = find(root, path) or nearest(root, path)[0]
    return problem(node, path, found, fix)
