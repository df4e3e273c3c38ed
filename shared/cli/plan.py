"""`plan`: what publishing would change, before it does."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from shared.bootstrap import Process
from shared.cli.desk_files import chosen_files, inside, takes_files, tell
from shared.cli.layout import say
from shared.cli.shape import FOUND, OK
from shared.domain.errors import Permanent

if TYPE_CHECKING:
    from shared.config.validate import Validated
    from shared.config.versions import Published, Versions

NAME = "plan"
HELP = "show what publishing would change, desk by desk"
EXAMPLE = "frontdesk plan"

arguments = takes_files


async def run(process: Process, chosen: Namespace) -> int:
    """Print each desk's difference to what runs now."""
    from shared.config.publish import validate_file

    paths = [inside(path, process.settings) for path in chosen_files(process.settings, chosen.files)]
    folder, catalogue = Path(process.settings.configs), process.catalogue()
    versions = (await process.services()).versions
    found = OK
    for path in paths:
        validated = validate_file(path, catalogue, folder=folder)[1]
        if validated.config is None:
            print(f"{path}: cannot be published:")
            tell(validated.problems, folder)
            found = FOUND
            continue
        try:
            await _plan(path, validated, versions)
        except Permanent as error:
            say(f"{path}: cannot be published: {error}", rest="  ")
            found = FOUND
    return found


async def _plan(path: Path, validated: "Validated", versions: "Versions") -> None:
    """Print one desk's outlook and difference. Raises Permanent where it could not be published."""
    from shared.config.difference import diff

    assert validated.config is not None  # noqa: S101 - its caller asked
    outlook, desk = await versions.outlook(validated), validated.config.desk.id
    now = await versions.published(desk)
    match outlook.outcome:
        case "unchanged":
            say(f"{desk}: unchanged, version {outlook.version} runs ({path})", rest="  ")
            return
        case "kept":
            say(f"{desk}: version {outlook.version}, made elsewhere, stays ({path})", rest="  ")
        case "differs":
            say(
                f"{desk}: version {outlook.version} was made elsewhere, and the file changed since; "
                f"only `frontdesk publish --overwrite {path}` takes the file",
                rest="  ",
            )
        case "published" if now:
            say(f"{desk}: version {now.version} would become {outlook.version} ({path})", rest="  ")
        case "published":
            say(f"{desk}: new, would be version {outlook.version} ({path})", rest="  ")
    if now:
        names = (f"version {now.version}", str(path))
        print(diff(now.config, validated.config, names=names), end="")
        _knowledge(now, validated, await _texts(versions, now))


async def _texts(versions: "Versions", now: "Published") -> dict[str, bytes | None]:
    return {path: await versions.knowledge(now.tenant, sha) for path, sha in now.knowledge.items()}


def _knowledge(now: "Published", validated: "Validated", known: dict[str, bytes | None]) -> None:
    """Print which knowledge files hold something else; those that came or went stand in the difference."""
    for path, content in validated.knowledge.items():
        if path in now.knowledge and known[path] != content:
            print(f"  knowledge changed: {path}")
