"""`new`: a desk begins with a short file that runs at once."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from shared.bootstrap import Process
from shared.cli.layout import say
from shared.cli.shape import OK, WrongUse
from shared.domain.errors import Permanent

NAME = "new"
HELP = "write the file a new desk begins with"
EXAMPLE = "frontdesk new corner-bakery"


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("name", metavar="NAME", help="the desk's id: small letters, digits and -")
    parser.add_argument("--tenant", metavar="T", help="id of the business whose desk it is (default: NAME)")
    parser.add_argument("--title", metavar="WORDS", help="the desk's name for people (default: from NAME)")


async def run(process: Process, chosen: Namespace) -> int:
    """Write the file, never over another."""
    from shared.config.publish import desk_files
    from shared.config.starter import new_desk_text

    try:
        text = new_desk_text(chosen.name, chosen.title, tenant=chosen.tenant)
    except Permanent as error:
        raise WrongUse(str(error)) from error
    folder = Path(process.settings.configs)
    path = folder / (chosen.tenant or chosen.name) / f"{chosen.name}.yaml"
    for other in desk_files(folder):
        if other.stem == chosen.name:
            raise Permanent(f"{other}: a desk of that name is there already; edit it, or choose another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as stream:
        stream.write(text)
    print(f"Wrote {path}")
    say("Edit first: desk.facts, desk.hours and the agent's objectives; then add knowledge files.")
    say(f"Check it:   frontdesk validate {path}", rest=" " * 12)
    say(
        f"Try it:     {process.settings.address}/chat/{chosen.name}  (while `make run` serves on this port)",
        rest=" " * 12,
    )
    return OK
