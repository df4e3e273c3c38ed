"""How processes start: receivers light, environments whole or not at all."""

import json
import os
import subprocess
import sys

import pytest

from shared.config.manifest import read_manifest
from shared.console import assets
from tests.house.tree import ROOT

RECEIVERS = [
    handler.name
    for handler in read_manifest(ROOT / "functions" / "manifest.yaml")
    if handler.name.startswith("receive_")
]
HEAVY = (
    "google.cloud.firestore",
    "google.cloud.pubsub",
    "google.cloud.secretmanager",
    "google.cloud.storage",
    "google.cloud.tasks",
    "google.genai",
    "langchain_core",
    "langgraph",
    "livekit",
)
START = """
import sys
import functions.{receiver}
from shared import bootstrap
bootstrap.process().bus
print(*[name for name in sys.modules if name.startswith({heavy!r})])
"""


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_a_receiver_starts_without_graphs_models_and_documents(receiver):
    """On Google Cloud a receiver loads its channel and the bus, and nothing of the desk behind them."""
    environment = {
        "PATH": os.environ["PATH"],
        "FRONTDESK_BACKEND": "google",
        "GOOGLE_CLOUD_PROJECT": "demo-house",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
    }
    script = START.format(receiver=receiver, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert "" == done.stdout.strip()


A_PYTHON = """#!/bin/sh
# A Python whose environments hold nothing but a command; FAILS says what does not work.
case "$2" in
  *exit*) test "$FAILS" != version ;;
  *print*) echo "$SAYS" ;;
  venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo "#!$PWD/$3/bin/python" >"$3/bin/command" ;;
  pip) test "$FAILS" != pip ;;
  *) exec {real} "$@" ;;
esac
"""


@pytest.fixture
def python(tmp_path):
    """A Python that makes environments in no time."""
    path = tmp_path / "bin" / "python3.12"
    path.parent.mkdir()
    path.write_text(A_PYTHON.format(real=sys.executable))
    path.chmod(0o755)
    return path


@pytest.fixture
def folder(tmp_path):
    """Where an environment is to be made; its lock asks for nothing."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "lock.txt").write_text("")
    return folder


def set_up(folder, **environment):
    """Run what `make` runs to set an environment up."""
    command = [ROOT / ".ci" / "venv", "environment", "lock.txt"]
    told = {"PATH": os.environ["PATH"], "FAILS": "", "SAYS": "3.12", **environment}
    return subprocess.run(command, cwd=folder, env=told, capture_output=True, text=True, check=False)


def test_an_environment_is_made_once_and_anew_when_its_lock_changes(folder, python):
    """The second start finds all done, a changed lock is followed, and commands run where they stand."""
    first = set_up(folder, PYTHON=str(python))

    assert (0, "") == (first.returncode, first.stderr)
    assert "Setting up" in first.stdout
    command = folder / "environment" / "bin" / "command"
    assert f"#!{folder}/environment/bin/python\n" == command.read_text("utf-8")

    assert "" == set_up(folder, PYTHON=str(python)).stdout
    (folder / "lock.txt").write_text("# changed\n")
    assert "Setting up" in set_up(folder, PYTHON=str(python)).stdout
    assert ["environment", "lock.txt"] == sorted(path.name for path in folder.iterdir())


def test_a_failed_set_up_leaves_everything_as_it_was(folder, python):
    """Where a package cannot be had, what was there before stays, and nothing half done is left."""
    (folder / "environment").mkdir()
    (folder / "environment" / "old").touch()

    failed = set_up(folder, PYTHON=str(python), FAILS="pip")

    assert 1 == failed.returncode
    assert "could not be installed" in failed.stderr
    assert ["environment", "lock.txt"] == sorted(path.name for path in folder.iterdir())
    assert ["old"] == [path.name for path in (folder / "environment").iterdir()]


def test_a_python_that_does_not_fit_is_told_with_what_to_install(folder, python):
    """The message names the Python that was found, those that fit, and how to get one."""
    refused = set_up(folder, PYTHON=str(python), FAILS="version", SAYS="3.9")

    assert 1 == refused.returncode
    assert "needs Python 3.11, 3.12 or 3.13" in refused.stderr
    assert f"{python} is 3.9" in refused.stderr
    assert "apt install python3" in refused.stderr
    assert ["lock.txt"] == [path.name for path in folder.iterdir()]


def test_a_newer_python_is_found_where_python3_is_too_old(folder, python):
    """`python3` may be old as long as python3.13, 3.12 or 3.11 is on the path."""
    for name in ("python3", "python3.13"):
        (python.parent / name).write_text("#!/bin/sh\nexit 127\n")
        (python.parent / name).chmod(0o755)

    made = set_up(folder, PATH=f"{python.parent}:/usr/bin:/bin")

    assert (0, "") == (made.returncode, made.stderr)
    assert "with Python 3.12," in made.stdout


A_NODE = """#!/bin/sh
# A node or npm that needs no network; FAILS says what does not work.
case "$1" in
  --version) test "$FAILS" != missing ;;
  ci) test "$FAILS" != npm || { echo "registry out of reach"; exit 1; }
    for file in htmx.org/dist/htmx.min.js idiomorph/dist/idiomorph-ext.min.js htmx-ext-sse/dist/sse.min.js \\
      livekit-client/dist/livekit-client.umd.js; do
      mkdir -p "node_modules/$(dirname $file)" && echo "$file" >"node_modules/$file"
    done ;;
esac
"""
LIBRARIES = ["htmx.min.js", "idiomorph-ext.min.js", "livekit-client.umd.js", "lock", "sse.min.js"]


@pytest.fixture
def checkout(tmp_path):
    """As much of a checkout as the browser libraries need, with a node that needs no network."""
    for name in ("node", "npm"):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(A_NODE)
        path.chmod(0o755)
    (tmp_path / ".ci").mkdir()
    (tmp_path / "shared" / "console").mkdir(parents=True)
    for name in (".ci/assets", "package.json", "package-lock.json", "requirements-node.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


def bring(checkout, python="false", **environment):
    """Run what `make` runs to bring the console's browser libraries."""
    told = {"PATH": f"{checkout}/bin:/usr/bin:/bin", "FAILS": "", **environment}
    command = ["/bin/sh", ".ci/assets", python]
    return subprocess.run(command, cwd=checkout, env=told, capture_output=True, text=True, check=False)


def brought(checkout):
    """What is there of them."""
    return sorted(path.name for path in (checkout / "shared" / "console" / "dist").glob("*"))


def test_browser_libraries_are_brought_once_and_anew_when_the_lock_changes(checkout):
    """The second start asks npm for nothing."""
    first, second = bring(checkout), bring(checkout, FAILS="npm")
    (checkout / "package-lock.json").write_text("{}")
    third = bring(checkout, FAILS="npm")

    assert (0, 0, 1) == (first.returncode, second.returncode, third.returncode)
    assert LIBRARIES == brought(checkout)
    assert "registry out of reach" in third.stderr


def test_without_node_and_its_wheel_it_is_said_so(checkout):
    """The message says what was tried; nothing half done is left."""
    refused = bring(checkout, FAILS="missing")

    assert 1 == refused.returncode
    assert "neither is node on the path, nor can its wheel be installed" in refused.stderr
    assert [] == brought(checkout)
    assert [] == [*(checkout / "shared" / "console" / "build").glob("*")]


def test_browser_libraries_are_pinned_whole():
    """Each library of the lock has its checksum, and a page loads those that are brought."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    asked = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]

    assert all(one["integrity"].startswith("sha512-") for one in packages.values())
    assert asked == {name: packages[f"node_modules/{name}"]["version"] for name in asked}
    assert set(LIBRARIES) - {"lock"} == {*assets.LIBRARIES, assets.CALLS}
