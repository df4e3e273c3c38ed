"""`doctor`: what this installation has and lacks, with what to do about each, and never a secret's value."""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import httpx

from shared.bootstrap import Process
from shared.cli.layout import columns, heading, say
from shared.cli.shape import FOUND, OK
from shared.cli.shown_settings import shown_settings, unread, without_secret
from shared.config.board import DeskState
from shared.config.publish import FileResult, desk_files, validate_file
from shared.config.speech_vendors import speech_lacks, speech_missing
from shared.domain.errors import FrontdeskError

NAME = "doctor"
HELP = "say what is connected, what is missing, and what to do about it"
EXAMPLE = "frontdesk doctor --strict"
PATIENCE = 5.0
"""Seconds whatever is asked has to answer."""
_VENDORS_CALL = ("whatsapp", "instagram", "sms")
_META_CALLS = ("whatsapp", "instagram")
_CONNECTED = "connected"


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 where something a published desk needs is missing"
    )


async def run(process: Process, chosen: Namespace) -> int:
    """Print the page."""
    _settings(process)
    lacks = [*await _backend(process), *await _model(process)]
    states = await _states(process)
    lacks += [*await _desks(process, states), *await _webhooks(process, states)]
    heading(f"Missing: {len(lacks)}")
    for one in lacks:
        say(one, indent="  - ", rest="    ")
    return FOUND if lacks and chosen.strict else OK


def _settings(process: Process) -> None:
    print("Settings, from the environment and .env")
    columns(list(shown_settings(process.settings, process.environment)))
    for name in unread(process.environment):
        say(f"! {name} is set, and nothing reads it; check its spelling", indent="  ", rest="    ")


async def _backend(process: Process) -> list[str]:
    settings, ports = process.settings, process.ports
    where = f"folder {settings.data}" if settings.embedded else f"project {settings.project}"
    heading(f"Backend: {settings.backend}, {where}")
    pings = {"store": ports.store.ping, "bus": ports.bus.ping, "timers": ports.timers.ping}
    states = dict(zip(pings, await asyncio.gather(*map(_answers, pings.values())), strict=True))
    columns([(name, state or "answers") for name, state in states.items()])
    return [f"the {name} does not answer: {state}" for name, state in states.items() if state]


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


async def _model(process: Process) -> list[str]:
    state = await (await process.board()).model()
    heading(f"Model: {state.label}")
    if state.trouble:
        say(state.trouble, indent="  ! ", rest="    ")
        return [f"{state.label} does not answer: {state.trouble}"]
    say(
        "answers by rules, on this machine alone; set GEMINI_API_KEY for a language model"
        if state.offline
        else "its key is accepted",
        indent="  ",
    )
    return []


async def _states(process: Process) -> list[DeskState]:
    board = await process.board()
    await board.saw(await asyncio.to_thread(_files, process))
    return await board.list()


async def _desks(process: Process, states: Sequence[DeskState]) -> list[str]:
    """Each desk's channels and parts."""
    heading("Desks")
    if not states:
        say("none yet; `frontdesk new NAME` writes one, `frontdesk publish` runs it", indent="  ")
    lacks: list[str] = []
    for state in states:
        runs = f"version {state.version}" if state.version else "never published"
        say(f"{state.desk} ({state.name}), {runs}", indent="  ")
        rows = [*await _channels(process, state), *((p.kind, f"{p.name}: {p.why}") for p in state.missing)]
        if rows:
            columns([(f"  {name}", said) for name, said in rows])
        if state.problems:
            say(f"! {state.file} has problems: `frontdesk validate` tells them", indent="    ", rest="      ")
        lacks += [f"{state.desk}: {name}: {said}" for name, said in rows if said != _CONNECTED]
    return lacks


async def _channels(process: Process, state: DeskState) -> list[tuple[str, str]]:
    """Each channel, and each vendor of a voice, with what would connect it."""
    published = await (await process.services()).versions.published(state.desk) if state.version else None
    lacks = speech_lacks(process.settings)
    voices = {
        (f"voice {vendor}", f"set {setting}")
        for _, vendor, setting in (speech_missing(published.config, lacks) if published else ())
    }
    silent = [(p.name, p.why) for p in published.missing if p.kind == "channel"] if published else []
    own = [(one.name, f"set {one.missing}" if one.missing else _CONNECTED) for one in state.channels]
    return own + silent + sorted(voices)


def _files(process: Process) -> list[FileResult]:
    """What the desks' files would come to; nothing is published."""
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


async def _webhooks(process: Process, states: Sequence[DeskState]) -> list[str]:
    """The addresses to enter at vendors, and whether these can call them."""
    settings = process.settings
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
    token = without_secret("META_VERIFY_TOKEN", settings.meta_verify_token)
    say(f"Meta asks for the verify token META_VERIFY_TOKEN: {token}", indent="  ")
    trouble = await _unreachable(process)
    say(f"{settings.address} {trouble or 'answers'}", indent="  ")
    called = {channel.name for state in states for channel in state.channels}
    lacks = []
    if not settings.address.startswith("https://"):
        say(
            "! vendors call https alone; set FRONTDESK_PUBLIC_URL to the https address that leads here",
            indent="  ",
            rest="    ",
        )
        if called.intersection(_VENDORS_CALL):
            lacks.append("FRONTDESK_PUBLIC_URL: an https address, or vendors cannot call")
    if called.intersection(_META_CALLS) and not settings.meta_verify_token:
        lacks.append("META_VERIFY_TOKEN: any word of your own, entered here and at Meta alike")
    return lacks


async def _unreachable(process: Process) -> str:
    """Why our public address does not lead to us; empty where it does."""
    http = (await process.services()).http
    try:
        answer = await http.get(f"{process.settings.address}/health", timeout=PATIENCE)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"does not answer ({type(error).__name__}); is `make run` serving?"
    alive = answer.status_code == 200 and '"alive"' in answer.text
    return "" if alive else f"answers with {answer.status_code}, and not as Frontdesk does"
