"""Dependencies are declared where they are imported, and locked as they are declared."""

import re
import sys
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import CODE, ROOT, files, imports, parsed

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUNTIME = PROJECT["project"]["dependencies"]
VOICE = [
    one
    for name, extra in PROJECT["project"]["optional-dependencies"].items()
    if name.startswith("voice")
    for one in extra
]
DEVELOPMENT = PROJECT["dependency-groups"]["dev"]
NODE = PROJECT["dependency-groups"]["node"]
PIPECAT = PROJECT["dependency-groups"]["pipecat"]
CREWAI = PROJECT["dependency-groups"]["crewai"]
DBOS = PROJECT["dependency-groups"]["dbos"]
LOCKS = {
    "requirements.txt": RUNTIME,
    "requirements-dev.txt": [*RUNTIME, *VOICE, *DEVELOPMENT],
    "voice_service/requirements.txt": [*RUNTIME, *VOICE],
    "requirements-node.txt": NODE,  # stands alone: fetched for the moment by .ci/assets
    "benchmarks/requirements-pipecat.txt": PIPECAT,  # stands alone: a yardstick in an environment of its own
    "benchmarks/requirements-crewai.txt": CREWAI,  # the same
    "benchmarks/requirements-dbos.txt": DBOS,  # likewise
}
ALONE = {lock for lock in LOCKS if "node" in lock or lock.startswith("benchmarks/")}
IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "google-api-core": "google.api_core",
    "google-auth": "google.auth",
    "google-cloud-firestore": "google.cloud.firestore",
    "google-cloud-secret-manager": "google.cloud.secretmanager",
    "google-cloud-speech": "google.cloud.speech",
    "google-cloud-storage": "google.cloud.storage",
    "google-cloud-tasks": "google.cloud.tasks",
    "google-cloud-texttospeech": "google.cloud.texttospeech",
    "google-genai": "google.genai",
    "grpcio": "grpc",
    "langgraph-checkpoint": "langgraph.checkpoint",
    "langgraph-checkpoint-conformance": "langgraph.checkpoint.conformance",
    "langgraph-checkpoint-sqlite": "langgraph.checkpoint.sqlite",
    "livekit-agents": "livekit.agents",
    "livekit-api": "livekit.api",
    "opentelemetry-api": "opentelemetry",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry.exporter.otlp.proto.http",
    "opentelemetry-sdk": "opentelemetry.sdk",
    "livekit-plugins-deepgram": "livekit.plugins.deepgram",
    "livekit-plugins-elevenlabs": "livekit.plugins.elevenlabs",
    "livekit-plugins-google": "livekit.plugins.google",
    "livekit-plugins-openai": "livekit.plugins.openai",
    "pipecat-ai": "pipecat",
    "protobuf": "google.protobuf",
    "pyjwt": "jwt",
    "python-dotenv": "dotenv",
    "pyyaml": "yaml",
}
NOT_IMPORTED = {
    "httptools": "uvicorn takes it where it is installed",
    "uvloop": "uvicorn takes it where it is installed",
    "tzdata": "zoneinfo reads it where the system has no zones",
    "coverage": "a command",
    "import-linter": "a command",
    "mypy": "a command",
    "ruff": "a command",
    "uv": "a command",
    "pytest-asyncio": "a plugin of pytest",
    "pytest-rerunfailures": "a plugin of pytest",
    "types-jmespath": "read by mypy",
    "types-jsonschema": "read by mypy",
    "types-pyyaml": "read by mypy",
}


def named(requirements) -> dict[str, str]:
    """Distribution to the name it is imported by."""
    names = [canonicalize_name(Requirement(one).name) for one in requirements]
    return {name: IMPORTED_AS.get(name, name.replace("-", "_")) for name in names}


def foreign(*folders) -> Iterator[str]:
    """What files of those folders import from elsewhere."""
    ours = {"shared", "functions", "voice_service", "tests", "benchmarks"}
    ours |= {path.stem for path in files("tests", suffix=".py")}
    for path in files(*folders, suffix=".py"):
        for name in imports(parsed(path)):
            if name.partition(".")[0] not in ours | sys.stdlib_module_names:
                yield name


def within(name, parent) -> bool:
    """Whether an import is of a package; Google's versioned modules are `firestore_v1` and the like."""
    return re.match(rf"{re.escape(parent)}(_v\d\w*)?(\.|$)", name) is not None


@pytest.mark.parametrize(
    ("folders", "declared"),
    [
        (CODE, [*RUNTIME, *VOICE]),
        (("tests", "benchmarks"), [*RUNTIME, *VOICE, *DEVELOPMENT, *PIPECAT, *CREWAI, *DBOS]),
    ],
    ids=["product", "tests"],
)
def test_what_is_imported_is_declared(folders, declared):
    """Nothing is used only because something else happens to bring it."""
    known = named(declared).values()
    undeclared = {
        name for name in foreign(*folders)
        if name != "google" and not any(within(name, parent) for parent in known)
    }  # fmt: skip

    assert set() == undeclared


@pytest.mark.parametrize(
    ("folders", "declared"),
    [(CODE, RUNTIME), (("tests", "benchmarks"), [*DEVELOPMENT, *PIPECAT, *DBOS])],
    ids=["product", "tests"],
)
def test_what_is_declared_is_used(folders, declared):
    """No dependency is carried along that nothing imports, save those whose use is another."""
    used = set(foreign(*folders))
    idle = {
        name for name, imported in named(declared).items()
        if name not in NOT_IMPORTED and not any(within(each, imported) for each in used)
    }  # fmt: skip

    assert set() == idle


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_what_is_declared(lock):
    """A lock names every declared dependency in a version that the declaration allows, with its hashes."""
    text = (ROOT / lock).read_text("utf-8")
    pinned = {
        canonicalize_name(name): (version, hashes)
        for name, version, hashes in re.findall(
            r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)[^\\\n]*((?: \\\n    --hash=sha256:\w{64})+)",
            text,
            re.MULTILINE,
        )
    }

    for requirement in map(Requirement, LOCKS[lock]):
        version, hashes = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), (
            f"{requirement} is locked as {version}: run make locks"
        )
        assert hashes
    assert set(pinned) == set(map(canonicalize_name, re.findall(r"^([\w.-]+).*==", text, re.MULTILINE)))


def test_locks_agree_with_each_other():
    """What development and voice share with the runtime they have in the same version."""
    pins = {
        lock: dict(re.findall(r"^([\w.-]+)\S*==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))
        for lock in LOCKS
    }
    runtime = pins["requirements.txt"]

    for lock in LOCKS.keys() - ALONE:
        others = pins[lock]
        assert runtime == {name: others.get(name) for name in runtime}, lock


def test_voice_brings_what_the_declaration_says():
    """The voice service's lock has LiveKit's agents; the runtime's has its API alone."""
    assert "livekit-agents==" in (ROOT / "voice_service" / "requirements.txt").read_text("utf-8")
    assert "livekit-agents" not in (ROOT / "requirements.txt").read_text("utf-8")


def test_types_of_dependencies_that_are_used():
    """Stubs are there for packages that are."""
    runtime = named(RUNTIME)
    stubs = [name.removeprefix("types-") for name in named(DEVELOPMENT) if name.startswith("types-")]

    assert set(stubs) <= set(runtime)
