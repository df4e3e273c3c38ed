"""How source files are: short, named for what they hold, opened by a sentence, open about what they skip."""

import ast
import re

import pytest

from tests.house.tree import CODE, files, imports, parsed, said

LONGEST = 350
DRAWERS = {"utils", "util", "helpers", "helper", "manager", "common", "base", "core", "misc"}
PRODUCTS = {"secret_manager"}  # as Google calls it
VENDORS = {
    "google.cloud": ("shared/backends/google/",),
    "google.api_core": ("shared/backends/google/",),
    "google.auth": ("shared/backends/google/",),
    "grpc": ("shared/backends/google/",),
    "google.genai": ("shared/models/", "voice_service/"),
    "livekit": ("voice_service/", "shared/integrations/livekit.py"),
    "langgraph": ("shared/agents/", "shared/runs/", "shared/engines/"),
    "sqlite3": ("shared/backends/embedded/",),
}
READS_ENVIRONMENT = {"shared/bootstrap.py"}
SKIPS = ("pytest.skip", "mark.skip", "importorskip", "mark.xfail", "pytest.xfail")
ELSEWHERE = re.compile(
    "|".join(("py" + r"pi\.org", "pythonhosted" + r"\.", "registry" + r"\.npmjs", "--" + "index-url",
              "--" + "find-links", "--" + "extra-index", r"(?<![\w.}])/" + "work/", "/" + "opt/wheels"))
)  # fmt: skip

SOURCES = [
    *files(*CODE, "tests", "benchmarks", suffix=".py"),
    *files("shared", suffix=".js"),
    *files("shared", suffix=".css"),
]
PYTHON = [path for path in SOURCES if path.suffix == ".py"]
OWN = [*files(*CODE, suffix=".py")]


def test_no_file_is_longer_than_a_reader_holds():
    """No source file has more than 350 lines."""
    lengths = {said(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}

    assert {} == {path: length for path, length in lengths.items() if length > LONGEST}


def test_no_file_or_folder_is_a_drawer():
    """A name says the thing: nothing is called utils, helpers, manager, common, base, core or misc."""
    drawers = [
        said(path)
        for path in files()
        if path.stem not in PRODUCTS and DRAWERS.intersection(re.split(r"[/_.-]", said(path)))
    ]

    assert [] == drawers


def test_every_module_opens_with_the_reason_it_exists():
    """Every module of the product has a docstring, and so has every file of tests."""
    assert [] == [said(path) for path in PYTHON if not ast.get_docstring(parsed(path))]


def test_every_test_is_a_sentence_of_the_specification():
    """Every test has a docstring that says what holds."""
    silent = [
        f"{said(path)}:{node.lineno} {node.name}"
        for path in files("tests", suffix=".py")
        if path.name.startswith("test_")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]

    assert [] == silent


def test_no_test_is_skipped():
    """What cannot run here is left out by its mark, out loud; no test hides behind a skip."""
    this = __file__
    hiding = [said(path) for path in files("tests", suffix=".py") if str(path) != this
              and any(word in path.read_text("utf-8") for word in SKIPS)]  # fmt: skip

    assert [] == hiding


@pytest.mark.parametrize("path", OWN, ids=said)
def test_the_environment_is_read_at_the_edge_alone(path):
    """Only bootstrap reads environment variables; the rest is handed its settings."""
    module = parsed(path)
    reads = {ast.unparse(node) for node in ast.walk(module) if isinstance(node, ast.Attribute)}
    reads |= set(imports(module))

    if said(path) not in READS_ENVIRONMENT:
        assert set() == reads & {"os.environ", "os.environb", "os.getenv", "os.putenv"}


def test_no_committed_file_names_a_registry_or_a_place_on_somebodys_machine():
    """Where packages come from, and where a checkout lies, is each machine's own business."""
    found = [
        f"{said(path)}: {match.group()}"
        for path in files()
        if path.suffix not in {".png", ".jpg", ".ico", ".woff2", ".pdf"}
        for match in ELSEWHERE.finditer(path.read_text("utf-8"))
    ]

    assert [] == found


@pytest.mark.parametrize(("vendor", "home"), VENDORS.items(), ids=VENDORS)
def test_a_vendors_library_is_imported_in_its_own_place_alone(vendor, home):
    """Whoever wants to change a vendor finds it in one place."""
    elsewhere = {
        said(path)
        for path in OWN
        for name in imports(parsed(path))
        if f"{name}.".startswith(f"{vendor}.") and not said(path).startswith(home)
    }

    assert set() == elsewhere
