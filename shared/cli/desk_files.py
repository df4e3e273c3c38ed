"""Which desks' files a command is about, and how it tells what is wrong in them."""

from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from shared.cli.shape import WrongUse
from shared.config.settings import Settings

if TYPE_CHECKING:
    from shared.config.availability import Missing
    from shared.config.problems import Problem


def takes_files(parser: ArgumentParser) -> None:
    """Declare `[FILE…]`."""
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="desks' files (default: all of FRONTDESK_CONFIGS)"
    )


def chosen_files(settings: Settings, named: Sequence[str]) -> list[Path]:
    """The files named, or all of the folder. Raises WrongUse where one, or the folder, is not there."""
    from shared.config.publish import desk_files

    folder = Path(settings.configs)
    for name in named:
        if not Path(name).is_file():
            raise WrongUse(f"{name}: there is no such file; name a desk's file, e.g. {_example(folder)}")
    if named:
        return [Path(name) for name in named]
    if not folder.is_dir():
        raise WrongUse(
            f"{folder}: there is no such folder; set FRONTDESK_CONFIGS to the folder of the desks' files"
        )
    found = desk_files(folder)
    if not found:
        raise WrongUse(f"{folder}: no desk's file is there yet; `frontdesk new NAME` writes one")
    return found


def folder_of(path: Path, settings: Settings) -> Path:
    """The folder a file is read in: that of the desks' files, or its own where it stands elsewhere."""
    folder = Path(settings.configs)
    return folder if path.resolve().is_relative_to(folder.resolve()) else path.parent


def inside(path: Path, settings: Settings) -> Path:
    """A file that may be published. Raises WrongUse where it is not among the desks' files."""
    folder = Path(settings.configs)
    if path.resolve().is_relative_to(folder.resolve()):
        return path
    raise WrongUse(
        f"{path}: the file is not in {folder}; move it there, or set FRONTDESK_CONFIGS to its folder"
    )


def tell(problems: "Iterable[Problem]", folder: Path) -> None:
    """Print each with its file as people find it, one a line as editors read it."""
    for problem in problems:
        print(replace(problem, file=str(folder / problem.file)))


def lacking(missing: "Sequence[Missing]") -> str:
    """What a desk cannot do yet, in words; empty where nothing is missing."""
    kinds = dict.fromkeys(part.kind for part in missing)
    return "; ".join(f"{kind} {', '.join(p.name for p in missing if p.kind == kind)}" for kind in kinds)


def _example(folder: Path) -> str:
    from shared.config.publish import desk_files

    return str(next(iter(desk_files(folder)), folder / "corner-bakery" / "corner-bakery.yaml"))
