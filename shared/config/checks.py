"""Rules a well-formed desk may still break: money, hours, names that match, parts that need each other."""

import re
from collections.abc import Iterator
from itertools import pairwise

from shared.config.agent_checks import agent_checks
from shared.config.answering_checks import answering_checks
from shared.config.behavior import Question
from shared.config.nodes import Node, Step, problem, walk
from shared.config.problems import Problem
from shared.config.schema import DeskConfig
from shared.config.team_checks import team_checks
from shared.config.workflow_checks import at_place, workflow_checks
from shared.domain.customers import MAY_CALL

_PLACE = re.compile(r"\{\{\s*(\d+)\s*\}\}")

MOST_DISCOUNT = 0.20
"""The discount an AI may ever grant."""


def written_checks(root: Node) -> list[Problem]:
    """Rules about what is written, wherever it stands; they need no valid desk."""
    return [
        problem(node, path, f"a discount authority of {node.value}", f"write {MOST_DISCOUNT:.2f} or less")
        for path, node in walk(root)
        if path and "discount_authority" in str(path[-1]) and _share(node) > MOST_DISCOUNT
    ]


def desk_checks(root: Node, config: DeskConfig, agents: frozenset[str] | None = None) -> list[Problem]:
    """Rules about a valid desk, each told at the line that breaks it; `agents` are those that are shipped."""
    broken = (*_broken(config), *workflow_checks(config, agents), *agent_checks(config, agents))
    return [at_place(root, path, found, fix) for path, found, fix in broken]


_Broken = tuple[tuple[Step, ...], str, str]


def _broken(config: DeskConfig) -> Iterator[_Broken]:
    yield from _channels(config)
    yield from _voice(config)
    yield from _hours(config)
    yield from _behavior(config)
    yield from _surveys(config)
    yield from _budgets(config)
    yield from team_checks(config)
    yield from answering_checks(config)
    yield from _experiments(config)


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


def _voice(config: DeskConfig) -> Iterator[_Broken]:
    voice, spoken = config.voice, {_tongue(one) for one in config.desk.languages}
    if voice.enabled and voice.language and _tongue(voice.language) not in spoken:
        listed = ", ".join(config.desk.languages)
        yield (
            ("voice", "language"),
            f"{voice.language!r}, which the desk does not speak",
            f"write one of {listed}, or add it to desk.languages",
        )
    if voice.outbound.enabled and not (config.channels.phone and config.channels.phone.numbers):
        yield (
            ("voice", "outbound", "enabled"),
            "a desk that calls out and has no number",
            'write channels: {phone: {numbers: ["+91…"]}}',
        )
    details, calls = config.behavior.pii_collection, voice.outbound
    collected = details.enabled and MAY_CALL in details.fields
    if calls.enabled and calls.needs_consent and not collected:
        yield (
            ("voice", "outbound", "needs_consent"),
            "a consent that nobody could give",
            f"add {MAY_CALL} to behavior.pii_collection.fields, or write needs_consent: false",
        )
    if voice.outbound.voicemail == "leave_message" and not voice.outbound.voicemail_message:
        yield (
            ("voice", "outbound", "voicemail"),
            "a message to be left and no words for it",
            "write voicemail_message: …, or voicemail: hang_up",
        )


def _tongue(tag: str) -> str:
    """The language of a tag, without its country: en for en-IN."""
    return tag.partition("-")[0].lower()


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
        yield from _asked_by_template(config, question, where)


def _asked_by_template(config: DeskConfig, question: Question, where: tuple[Step, ...]) -> Iterator[_Broken]:
    """What is wrong with the template of a question that has one."""
    if not question.template:
        return
    own = config.channels.whatsapp
    named = [own.template, *own.templates] if own else []
    approved = {one if isinstance(one, str) else one.name: one for one in named if one}
    if question.template not in approved:
        listed = ", ".join(approved) or "none; add it to channels.whatsapp.templates"
        yield (
            (*where, "template"),
            f"{question.template!r}, no template of channels.whatsapp",
            f"write one of {listed}",
        )
        return
    found = approved[question.template]
    places = len(set(_PLACE.findall(found.text))) if not isinstance(found, str) and found.text else None
    if places is not None and places != len(question.parameters):
        counted = f"{places} place{'' if places == 1 else 's'}"
        yield (
            (*where, "parameters"),
            f"{len(question.parameters)} parameters, for a template with {counted}",
            "write one for each of {{1}}, {{2}}, …, in order" if places else "remove parameters:",
        )


def _budgets(config: DeskConfig) -> Iterator[_Broken]:
    own = config.budgets
    steps = [("conversation", own.conversation), ("hour", own.hour), ("day", own.day), ("month", own.month)]
    for (small, less), (large, more) in pairwise(steps):
        if less > more:
            yield ("budgets", small), f"{small} {less:g}, above {large} {more:g}", f"write {more:g} or less"


def _experiments(config: DeskConfig) -> Iterator[_Broken]:
    for index, experiment in enumerate(config.experiments):
        total = sum(variant.share for variant in experiment.variants)
        if abs(total - 1) > 0.001:
            yield (
                ("experiments", index, "variants"),
                f"shares that add up to {total:g}",
                "make them add up to 1",
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
