"""What a desk asks for and this installation has not: no error, the desk says what it cannot do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rapidfuzz import process

from shared.config.agent import ModelChoice
from shared.config.catalogue import Catalogue, ModelInfo
from shared.config.nodes import Node, Step, nearest, notice, problem
from shared.config.problems import Notice, Problem
from shared.config.schema import DeskConfig, IntegrationEntry, ToolEntry

NEAR_ITS_END = timedelta(days=60)
"""From so long before a model's end a desk is warned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something a desk names that is not there; an issue is filed for it, the desk says it cannot do it."""

    kind: Literal["tool", "integration", "channel", "agent"]
    name: str
    why: str
    description: str = ""  # what it should do, where the file says
    issue: str | None = None  # the issue that asks for it, where the file says


def missing_parts(root: Node, config: DeskConfig, catalogue: Catalogue) -> list[tuple[Missing, Notice]]:
    """Everything missing, each with a notice at its line."""
    found = [
        *_entries("tool", config.tools, catalogue.tools),
        *_entries("integration", config.integrations, catalogue.integrations),
        *_channels(config, catalogue),
    ]
    return [
        (part, notice(nearest(root, path)[0], path, f"{part.kind} {part.name!r}: {part.why}", fix))
        for part, path, fix in found
    ]


_Found = tuple[Missing, tuple[Step, ...], str]


def _entries(
    kind: Literal["tool", "integration"],
    entries: "dict[str, ToolEntry] | dict[str, IntegrationEntry]",
    known: Mapping[str, object] | None,
) -> Iterator[_Found]:
    names = None if known is None else list(known)
    for name, entry in entries.items():
        wanted = entry.wanted
        if wanted is None and (names is None or name in names or not entry.enabled):
            continue
        if names is not None and name in names:
            continue
        near = process.extractOne(name, names or [], score_cutoff=70)
        fix = f"perhaps {near[0]}?" if near else "the desk says that it cannot do this"
        yield (
            Missing(
                kind=kind,
                name=name,
                why="not there yet",
                description=wanted.description if wanted else "",
                issue=wanted.issue if wanted else None,
            ),
            (f"{kind}s", name),
            fix,
        )


def _channels(config: DeskConfig, catalogue: Catalogue) -> Iterator[_Found]:
    needs = {
        "whatsapp": "phone_number_id",
        "instagram": "account_id",
        "sms": "phone_number",
        "email": "address",
    }
    for name in type(config.channels).model_fields:
        block = getattr(config.channels, name)
        if block is None or not block.enabled:
            continue
        path = ("channels", name)
        if catalogue.channels is not None and name not in catalogue.channels:
            missing = Missing(kind="channel", name=name, why="not installed here")
            yield missing, path, "it stays silent until it is"
        elif name in needs and not block.account:
            of_twilio = getattr(block, "provider", "") == "twilio"
            key = "phone_number or messaging_service_sid" if of_twilio else needs[name]
            missing = Missing(kind="channel", name=name, why=f"no {key}, so nobody reaches it")
            yield missing, path, f"write {key.split()[0]}: …, or enabled: false"
        elif name == "phone" and not block.numbers:
            yield Missing(kind="channel", name=name, why="no numbers"), path, 'write numbers: ["+91…"]'


def model_findings(root: Node, config: DeskConfig, catalogue: Catalogue) -> list[Problem]:
    """Unknown models as problems; ended, ending and unconnected ones as notices."""
    models = catalogue.models
    if models is None:
        return []
    named: list[tuple[tuple[Step, ...], str | None]] = []
    for where, choice in _choices(config):
        named.append(((*where, "model"), choice.model))
        named += [((*where, "fallbacks", index), name) for index, name in enumerate(choice.fallbacks)]
    named.append((("voice", "llm", "model"), config.voice.llm.model if config.voice.llm else None))
    found = [
        finding
        for path, name in named
        if name
        for finding in _model(nearest(root, path)[0], path, name, models.get(name), catalogue)
    ]
    return [*found, *_spoken_model(root, config, models)]


def _choices(config: DeskConfig) -> Iterator[tuple[tuple[Step, ...], ModelChoice]]:
    """Every place of the file that chooses what is thought with."""
    yield ("agent", "model"), config.agent.model
    for index, member in enumerate(config.agent.team):
        if member.model is not None:
            yield ("agent", "team", index, "model"), member.model
    for name, spec in config.agents.items():
        if spec.model is not None:
            yield ("agents", name, "model"), spec.model


def _spoken_model(root: Node, config: DeskConfig, models: Mapping[str, ModelInfo]) -> Iterator[Problem]:
    """A model that does not fit the mode in which the desk speaks."""
    voice, path = config.voice, ("voice", "llm", "model")
    name = voice.llm.model if voice.llm else None
    info = models.get(name) if name else None
    if info is None or voice.mode is None or info.realtime == (voice.mode == "realtime"):
        return
    speaking = ", ".join(one for one, known in models.items() if known.realtime)
    if info.realtime:
        fix = "write mode: realtime, or another model"
    else:
        fix = f"write mode: orchestrated, or one of {speaking}"
    what = "speaks for itself" if info.realtime else "does not speak"
    yield problem(nearest(root, path)[0], path, f"{name!r}, which {what}, in mode {voice.mode}", fix)


def _model(
    node: Node, path: tuple[Step, ...], name: str, info: ModelInfo | None, catalogue: Catalogue
) -> Iterator[Problem]:
    if info is None:
        names = list(catalogue.models or ())
        near = process.extractOne(name, names, score_cutoff=60)
        write = f"write {near[0]}" if near else f"write one of {', '.join(names)}"
        yield problem(
            node, path, f"the unknown model {name!r}", f"{write}, or a profile: fast, balanced, powerful"
        )
        return
    successor = f"{info.successor} answers in its place" if info.successor else "name another model"
    today = catalogue.today or date.max
    if catalogue.today and info.ends and info.ends <= today:
        yield notice(node, path, f"the model {name!r} ended on {info.ends}", successor)
    elif catalogue.today and info.ends and info.ends - today <= NEAR_ITS_END:
        yield notice(node, path, f"the model {name!r} ends on {info.ends}", f"then {successor}")
    if not info.connected:
        yield notice(
            node,
            path,
            f"the model {name!r} of {info.provider}, which is not connected here",
            "the desk's profile answers in its place until it is",
        )
