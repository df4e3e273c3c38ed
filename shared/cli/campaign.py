"""`campaign`: draws up campaigns from files, and steers those there are."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shared.bootstrap import Process
from shared.cli.history import known
from shared.cli.layout import clock_of, columns, say
from shared.cli.shape import FOUND, OK, WrongUse
from shared.cli.whole_id import whole_id
from shared.domain.campaigns import Campaign
from shared.domain.colleagues import Actor
from shared.domain.errors import Permanent

if TYPE_CHECKING:
    from shared.desk.campaigns.draft import Preview
    from shared.desk.services import Services

NAME = "campaign"
HELP = "write to many, or call them, from a CSV file"
EXAMPLE = (
    "frontdesk campaign check corner-bakery people.csv --name Cakes --template cakes --agreed 'order form'"
)

BY = Actor(name="the command line", role="owner")
STEERED = ("start", "pause", "resume", "cancel")
_MISTAKES = 20


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="WHAT")
    for verb, told in (("check", "tell what a file would come to; keeps nothing"), ("draft", "draw one up")):
        one = verbs.add_parser(verb, help=told)
        one.add_argument("desk", metavar="DESK", help="the desk's id")
        one.add_argument(
            "file", metavar="FILE", type=Path, help="CSV: phone, language, and what fills the words"
        )
        one.add_argument("--name", required=True, metavar="WORDS", help="what people call it")
        one.add_argument("--agreed", required=True, metavar="WORDS", help="how these people agreed to it")
        one.add_argument("--template", default="", metavar="NAME", help="the approved template")
        one.add_argument(
            "--text", default="", metavar="WORDS", help="free words, or the first words of a call"
        )
        one.add_argument("--calls", action="store_true", help="call them instead of writing")
        one.add_argument("--service", action="store_true", help="they need it: no cap on how often")
        one.add_argument(
            "--hours", default="", metavar="HOURS", help='by their own clock, "daily 10:00-18:00"'
        )
        one.add_argument("--rate", type=int, default=30, metavar="N", help="a minute (default: 30)")
        one.add_argument("--begins", default="", metavar="TIME", help="UTC, 2026-12-01T09:00")
    for verb in (*STEERED, "show", "export"):
        one = verbs.add_parser(verb, help=f"{verb} one")
        one.add_argument("desk", metavar="DESK", help="a desk of its business")
        one.add_argument("campaign", metavar="ID", help="the campaign's id, or how it begins")
    verbs.add_parser("list", help="list them").add_argument(
        "desk", metavar="DESK", help="a desk of its business"
    )


async def run(process: Process, chosen: Namespace) -> int:
    """Do it, and say how it stands."""
    from shared.desk.campaigns import control
    from shared.desk.campaigns.export import exported

    services = await process.services()
    tenant = await known(services.versions, chosen.desk)
    store = services.tenant(tenant)
    find = f"`frontdesk campaign list {chosen.desk}` lists them"
    try:
        id_ = await whole_id(store, "campaigns", chosen.campaign, find=find) if "campaign" in chosen else ""
        match chosen.verb:
            case "check" | "draft":
                return await _drawn(services, tenant, chosen)
            case "list":
                _table([*(await control.campaigns(store, limit=100)).items])
            case "show":
                _table([await control.find_campaign(store, id_)])
            case "export":
                async for part in exported(store, id_):
                    print(part, end="")
            case verb:
                steer = getattr(control, verb)
                _table([await steer(services, tenant, id_, by=BY)])
    except WrongUse:
        raise
    except Permanent as error:
        say(f"not done: {error}", rest="  ")
        return FOUND
    return OK


async def _drawn(services: "Services", tenant: str, chosen: Namespace) -> int:
    from shared.desk.campaigns.draft import draft, preview
    from shared.desk.campaigns.wanted import Wanted

    try:
        content = chosen.file.read_bytes()
    except OSError as error:
        raise WrongUse(f"{chosen.file} cannot be read: {error.strerror}") from error
    wanted = Wanted(
        desk=chosen.desk,
        name=chosen.name,
        means="calls" if chosen.calls else "messages",
        kind="service" if chosen.service else "marketing",
        text=chosen.text,
        template=chosen.template,
        agreed=chosen.agreed,
        hours=chosen.hours,
        per_minute=chosen.rate,
        begins=_begins(chosen.begins),
    )
    if chosen.verb == "check":
        return _told(await preview(services, tenant, wanted, content))
    made, seen = await draft(services, tenant, wanted, content, by=BY)
    if made is None:
        return _told(seen)
    _told(seen)
    say(f"drafted {made.id}; `frontdesk campaign start {chosen.desk} {made.id}` begins it", rest="  ")
    return OK


def _begins(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError as error:
        raise WrongUse(f"--begins {text!r} is no time; write 2026-12-01T09:00") from error


def _told(seen: "Preview") -> int:
    for mistake in seen.mistakes[:_MISTAKES]:
        say(str(mistake), rest="  ")
    if seen.mistakes:
        many = "1 mistake" if len(seen.mistakes) == 1 else f"{len(seen.mistakes)} mistakes"
        say(f"{many}; nothing was kept")
        return FOUND
    say(
        f"{seen.total} rows: {seen.reached} to reach, {seen.duplicates} twice in it, {seen.opted_out} want "
        f"none, {seen.unreached} cannot be; about {seen.cost:.2f} USD, {seen.minutes:.0f} minutes at "
        "this rate"
    )
    for notice in seen.notices:
        say(notice, rest="  ")
    say(f"the first reads: {seen.example}", rest="  ")
    return OK if seen.reached else FOUND


def _table(found: list[Campaign]) -> None:
    if not found:
        say("no campaign was ever drawn up")
        return
    rows: list[tuple[str, ...]] = [
        ("ID", "STATE", "REACHED", "FAILED", "TRYING", "WAITING", "SINCE (UTC)", "NAME")
    ]
    for one in found:
        counts = (str(one.counts.get(state, 0)) for state in ("reached", "failed", "trying", "waiting"))
        rows.append((one.id, one.state, *counts, clock_of(one.created_at), one.name))
    columns(rows)
    for one in found:
        if one.reason:
            say(f"{one.id} is {one.state}: {one.reason}", rest="  ")
