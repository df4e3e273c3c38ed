"""What the papers say is so: commands, folders, variables and versions they name exist."""

import re
import tomllib

import pytest

from shared.cli.__main__ import COMMANDS
from shared.config.settings import Settings
from shared.config.validate import validate
from tests.house.tree import ROOT, files

README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PAPERS = {
    "README.md": README,
    "ARCHITECTURE.md": ARCHITECTURE,
    "CHANGELOG.md": (ROOT / "CHANGELOG.md").read_text("utf-8"),
}
TARGETS = set(re.findall(r"^([a-z0-9]+):.*## ", MAKEFILE, re.MULTILINE))
CODE = re.compile(r"```sh\n(.*?)```|`([^`\n]+)`", re.DOTALL)
A_DESK = """
version: "1.0"
tenant: {id: paper, name: Paper}
desk: {id: paper, name: Paper, timezone: UTC}
channels: {webchat: {}}
tools: {create_ticket: {}}
"""
NOT_SETTINGS = {"PYTHON", "FULL", "CI"}


@pytest.mark.parametrize("paper", PAPERS)
def test_commands_that_papers_name_exist(paper):
    """Whoever types what a paper says gets what it promises."""
    code = "\n".join(block or word for block, word in CODE.findall(PAPERS[paper]))
    commands = {command.NAME for command in COMMANDS}

    assert set(re.findall(r"\bmake ([a-z0-9]+)", code)) <= TARGETS
    assert set(re.findall(r"(?:\bfrontdesk|shared\.cli) ([a-z][a-z-]*)", code)) <= commands
    assert [] == [path for path in re.findall(r"(?<![\w/.])(\.ci/\w+)", code) if not (ROOT / path).is_file()]


def test_the_readme_names_every_target():
    """What `make` offers, the README tells."""
    told = set(re.findall(r"\bmake ([a-z0-9]+)", README))

    assert TARGETS - told <= {"help", "lint", "format", "types", "floors"}


def test_variables_that_the_readme_names_are_settings():
    """A variable to set is one that is read."""
    variables = {one.metadata["name"] for one in Settings.__dataclass_fields__.values()}
    told = set(re.findall(r"\b([A-Z][A-Z]+(?:_[A-Z]+)+|PORT|HOST|PYTHON|FULL)(?=[=`,. ])", README))

    assert told - NOT_SETTINGS <= variables


def test_the_readmes_workflows_are_well_formed():
    """Whoever copies the example into a desk's file gets a workflow without a mistake."""
    (block,) = re.findall(r"```yaml\n(workflows:.*?)```", README, re.DOTALL)
    validated = validate(f"{A_DESK}{block}", base_reader=lambda path: (ROOT / "configs" / path).read_bytes())

    assert () == validated.problems


def test_files_that_papers_name_exist():
    """A path in a paper leads somewhere."""
    paths = {
        path
        for text in PAPERS.values()
        for path in re.findall(
            r"`((?:configs|shared|functions|tests|benchmarks|\.ci)/[\w./-]+)`|\]\(([\w./-]+)\)", text
        )
        for path in path
        if path
    }

    assert [] == sorted(path for path in paths if not (ROOT / path).exists())


def test_the_architecture_lists_the_folders_there_are():
    """The tree of ARCHITECTURE.md and the folders of the repository are the same."""
    tree = re.search(r"```text\n(functions/.*?)```", ARCHITECTURE, re.DOTALL).group(1)
    listed = {line.split()[0].rstrip("/") for line in tree.splitlines() if line and not line.startswith(" ")}
    there = set()
    for path in files():
        folders = path.relative_to(ROOT).parts[:-1]
        there |= {"/".join(folders[:depth]) for depth in range(1, min(len(folders), 2) + 1)}

    assert [] == sorted(one for one in listed if not (ROOT / one).exists())
    assert [] == sorted(one for one in there if one not in listed and one.split("/")[0] != "configs")


def test_the_changelog_tells_of_the_version():
    """The version of pyproject.toml is the newest of the changelog."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    assert version == re.search(r"^## \[([\d.]+)\]", PAPERS["CHANGELOG.md"], re.MULTILINE).group(1)


def test_the_licence_is_there_whole():
    """LICENSE holds the text that pyproject.toml names."""
    licence = (ROOT / "LICENSE").read_text("utf-8")

    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
