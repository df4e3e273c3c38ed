"""The command line as a whole: help, exit codes, and sentences in place of tracebacks."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.cli.__main__ import COMMANDS

ROOT = Path(__file__).parents[3]
HEAVY = ("google.", "httpx", "langchain_core", "langgraph", "livekit", "openai", "starlette")
THERE = ("google.cloud",)  # a namespace that is there when Python starts
HELPS = """
import contextlib, os, sys
from shared.cli.__main__ import COMMANDS, main
sys.stdout, told = open(os.devnull, "w"), sys.stdout
for asked in (["--help"], *([one.NAME, "--help"] for one in COMMANDS)):
    with contextlib.suppress(SystemExit):
        main(asked)
print(*[name for name in sys.modules if name.startswith({heavy}) and name not in {there}], file=told)
"""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.NAME)
def test_every_command_explains_itself(terminal, command):
    """--help says what a command does and shows it once; a command's file is named for it."""
    said = terminal.run(command.NAME, "--help")

    assert 0 == said.code
    assert f"Example:\n  {command.EXAMPLE}" in said.out
    assert command.NAME.replace("-", "_") == command.__name__.rpartition(".")[2]


def test_help_loads_none_of_what_commands_work_with():
    """Whoever asks what there is, or how it is asked for, waits for no graph, model or vendor's library."""
    done = subprocess.run(
        [sys.executable, "-c", HELPS.format(heavy=HEAVY, there=THERE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "" == done.stdout.strip()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "x", "write a number"),
        ("FRONTDESK_BACKEND", "moon", "write embedded or google"),
        ("FRONTDESK_BACKEND", "google", "GOOGLE_CLOUD_PROJECT is not set"),
    ],
)
def test_a_setting_that_cannot_be_is_wrong_use(terminal, name, value, why):
    """The setting is named with what to write; the exit code is 2."""
    terminal.variables.setenv(name, value)

    said = terminal.run("dead")

    assert 2 == said.code
    assert why in said.complaint


def test_nothing_asked_is_wrong_use(terminal):
    """Without a command, or with one there is not, usage is shown; the exit code is 2."""
    for argv in ((), ("dance",)):
        said = terminal.run(*argv)

        assert 2 == said.code
        assert said.err.startswith("usage: frontdesk")


def test_nothing_asked_lists_every_command(terminal):
    """Without a command each is told with what it does, as --help tells them."""
    assert terminal.run("--help").out == terminal.run().err


def test_the_readme_lists_every_command():
    """Whoever reads it knows what there is."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [] == [one.NAME for one in COMMANDS if f"\nfrontdesk {one.NAME} " not in readme]


def test_a_folder_that_cannot_be_used_is_a_sentence(terminal):
    """What the machine refuses is told with the place, without a traceback."""
    Path("file").touch()
    terminal.variables.setenv("FRONTDESK_DATA", "file/below")

    said = terminal.run("dead")

    assert 1 == said.code
    assert said.err.startswith("frontdesk: file/below: ")


def test_the_page_of_doctor_fits_a_terminal_of_80_columns(terminal):
    """What is printed for people is broken into lines; an address is not."""
    terminal.new()
    terminal.run("publish")

    wide = [line for line in terminal.run("doctor", "--all").out.splitlines() if len(line) > 80]

    assert [] == wide


def test_the_module_runs_and_whoever_stops_reading_sees_no_traceback(terminal):
    """`python -m shared.cli` is the same program; a pipe closed early is nothing to talk about."""
    program = subprocess.Popen(
        [sys.executable, "-u", "-m", "shared.cli", "doctor", "--all"],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = program.stdout.readline()
    program.stdout.close()
    complaint = program.stderr.read()
    program.stderr.close()

    assert program.wait(timeout=30) in (0, 1)
    assert "Nothing needs action.\n" == first
    assert "" == complaint
