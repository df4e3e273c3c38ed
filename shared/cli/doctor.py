"""`doctor`: what this installation has and lacks, with what to do about each, and never a secret's value."""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shared.bootstrap import Process
from shared.cli.layout import columns, heading, say
from shared.cli.shape import FOUND, OK
from shared.cli.shown_settings import shown_settings, unread, without_secret
from shared.domain.errors import FrontdeskError

if TYPE_CHECKING:
    from shared.config.board import DeskState
    from shared.config.publish import FileResult

NAME = "doctor"
HELP = "say what needs action and what is in order; with --all every setting, desk and address"
EXAMPLE = "frontdesk doctor --strict"
PATIENCE = 5.0
"""Seconds whatever is asked has to answer."""
_VENDORS_CALL = ("whatsapp", "instagram", "sms")
_META_CALLS = ("whatsapp", "instagram")
_CONNECTED = "connected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one part of the installation came to."""

    name: str
    state: str  # in a line
    lacks: Sequence[str] = ()  # without which something does not work
    notices: Sequence[str] = ()  # what somebody should look at, though everything works
    show: Callable[[], None]  # prints all there is to tell


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("--all", action="store_true", help="every setting, desk and address as well")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 where something a published desk needs is missing"
    )


async def run(process: Process, chosen: Namespace) -> int:
    """Print what needs action first, then how the rest stands, in a line or whole."""
    settings, backend, model = _settings(process), await _backend(process), await _model(process)
    states = await _states(process)
    parts = (settings, backend, model, await _desks(process, states), await _webhooks(process, states))
    lacks = [one for part in parts for one in part.lacks]
    needs = [*lacks, *(one for part in parts for one in part.notices)]
    print(f"Needs action: {len(needs)}" if needs else "Nothing needs action.")
    for one in needs:
        say(one, indent="  - ", rest="    ")
    if chosen.all:
        for part in parts:
            part.show()
    else:
        heading("How it stands")
        columns([(part.name, part.state) for part in parts])
        print()
        say("Every setting, desk and address: `frontdesk doctor --all`")
    return FOUND if lacks and chosen.strict else OK


def _settings(process: Process) -> Part:
    rows = list(shown_settings(process.settings, process.environment))
    given = sum(bool(process.environment.get(name)) for name, _ in rows)

    def show() -> None:
        heading("Settings, from the environment and .env")
        columns(rows)

    return Part(
        name="settings",
        state=f"{given} of {len(rows)} given, in the environment or .env",
        notices=[
            f"{name} is set, and nothing reads it; check its spelling" for name in unread(process.environment)
        ],
        show=show,
    )


async def _backend(process: Process) -> Part:
    settings, ports = process.settings, process.ports
    where = f"folder {settings.data}" if settings.embedded else f"project {settings.project}"
    pings = {"store": ports.store.ping, "bus": ports.bus.ping, "timers": ports.timers.ping}
    states = dict(zip(pings, await asyncio.gather(*map(_answers, pings.values())), strict=True))
    silent = [name for name, state in states.items() if state]

    def show() -> None:
        heading(f"Backend: {settings.backend}, {where}")
        columns([(name, state or "answers") for name, state in states.items()])

    how = f"{', '.join(silent)} not answering" if silent else "answers"
    return Part(
        name="backend",
        state=f"{settings.backend}, {where}: {how}",
        lacks=[f"the {name} does not answer: {states[name]}" for name in silent],
        show=show,
    )


async def _answers(ping: Callable[[], Awaitable[None]]) -> str:
    """Why it does not; empty where it does."""
    try:
        async with asyncio.timeout(PATIENCE):
            await ping()
    except TimeoutError:
        return f"no answer within {PATIENCE:.0f} s"
    except FrontdeskError as error:
        return str(error)
    return ""


async def _model(process: Process) -> Part:
    state = await (await process.board()).model()
    how = (
        "answers by rules, on this machine alone; set GEMINI_API_KEY for a language model"
        if state.offline
        else "its key is accepted"
    )

    def show() -> None:
        heading(f"Model: {state.label}")
        say(state.trouble or how, indent="  ! " if state.trouble else "  ", rest="    ")

    return Part(
        name="model",
        state=f"{state.label}: {'does not answer' if state.trouble else how}",
        lacks=[f"{state.label} does not answer: {state.trouble}"] if state.trouble else (),
        show=show,
    )


async def _states(process: Process) -> "list[DeskState]":
    board = await process.board()
    await board.saw(await asyncio.to_thread(_files, process))
    return await board.list()


async def _desks(process: Process, states: "Sequence[DeskState]") -> Part:
    """Each desk's channels and parts."""
    rows = {
        state.desk: [
            *await _channels(process, state),
            *((p.kind, f"{p.name}: {p.why}") for p in state.missing),
        ]
        for state in states
    }

    def show() -> None:
        heading("Desks")
        for state in states:
            runs = f"version {state.version}" if state.version else "never published"
            say(f"{state.desk} ({state.name}), {runs}", indent="  ")
            if rows[state.desk]:
                columns([(f"  {name}", said) for name, said in rows[state.desk]])
        if not states:
            say(none, indent="  ")

    none = "none yet; `frontdesk new NAME` writes one, `frontdesk publish` runs it"
    published = sum(bool(state.version) for state in states)
    return Part(
        name="desks",
        state=f"{published} of {len(states)} published" if states else none,
        lacks=_lacking(rows),
        notices=[
            f"{state.file} has problems: `frontdesk validate` tells them"
            for state in states
            if state.problems
        ],
        show=show,
    )


def _lacking(rows: Mapping[str, Sequence[tuple[str, str]]]) -> list[str]:
    """What desks' parts lack, each once, with all the desks that lack it."""
    desks: dict[tuple[str, str], list[str]] = {}
    for desk, parts in rows.items():
        for part in parts:
            if part[1] != _CONNECTED:
                desks.setdefault(part, []).append(desk)
    return [f"{', '.join(whose)}: {name}: {said}" for (name, said), whose in desks.items()]


async def _channels(process: Process, state: "DeskState") -> list[tuple[str, str]]:
    """Each channel, and each vendor of a voice, with what would connect it."""
    from shared.config.speech_vendors import speech_lacks, speech_missing

    published = await (await process.services()).versions.published(state.desk) if state.version else None
    lacks = speech_lacks(process.settings)
    voices = {
        (f"voice {vendor}", f"set {setting}")
        for _, vendor, setting in (speech_missing(published.config, lacks) if published else ())
    }
    silent = [(p.name, p.why) for p in published.missing if p.kind == "channel"] if published else []
    own = [(one.name, f"set {one.missing}" if one.missing else _CONNECTED) for one in state.channels]
    return own + silent + sorted(voices)


def _files(process: Process) -> "list[FileResult]":
    """What the desks' files would come to; nothing is published."""
    from shared.config.publish import FileResult, desk_files, validate_file

    folder, catalogue = Path(process.settings.configs), process.catalogue()
    results = []
    for path in desk_files(folder):
        validated = validate_file(path, catalogue, folder=folder)[1]
        results.append(
            FileResult(
                file=path.relative_to(folder).as_posix(),
                outcome="unchanged" if validated.config else "invalid",
                desk=validated.config.desk.id if validated.config else "",
                problems=validated.problems,
            )
        )
    return results


async def _webhooks(process: Process, states: "Sequence[DeskState]") -> Part:
    """The addresses to enter at vendors, and whether these can call them."""
    settings = process.settings
    token = without_secret("META_VERIFY_TOKEN", settings.meta_verify_token)
    how = f"{settings.address} {await _unreachable(process) or 'answers'}"
    called = {channel.name for state in states for channel in state.channels}
    secure = settings.address.startswith("https://")

    def show() -> None:
        heading("Webhooks to enter at Meta, Twilio and LiveKit")
        columns(
            [
                (handler.name.removeprefix("receive_").replace("_", " "), f"{settings.address}{route.path}")
                for handler in process.handlers
                if handler.name.startswith("receive_")
                for route in handler.paths
                if route.method == "POST"
            ]
        )
        say(f"Meta asks for the verify token META_VERIFY_TOKEN: {token}", indent="  ")
        say(how, indent="  ")
        if not secure:
            say(
                "! vendors call https alone; set FRONTDESK_PUBLIC_URL to the https address that leads here",
                indent="  ",
                rest="    ",
            )

    lacks = []
    if not secure and called.intersection(_VENDORS_CALL):
        lacks.append("FRONTDESK_PUBLIC_URL: an https address that leads here; vendors call https alone")
    if called.intersection(_META_CALLS) and not settings.meta_verify_token:
        lacks.append("META_VERIFY_TOKEN: any word of your own, entered here and at Meta alike")
    return Part(name="address", state=how, lacks=lacks, show=show)


async def _unreachable(process: Process) -> str:
    """Why our public address does not lead to us; empty where it does."""
    import httpx

    http = (await process.services()).http
    try:
        answer = await http.get(f"{process.settings.address}/health", timeout=PATIENCE)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"does not answer ({type(error).__name__}); is `make run` serving?"
    alive = answer.status_code == 200 and '"alive"' in answer.text
    return "" if alive else f"answers with {answer.status_code}, and not as Frontdesk does"
