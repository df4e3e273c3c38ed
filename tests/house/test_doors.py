"""The doors and the page that wires them are one: `functions/*.py` and `functions/manifest.yaml`."""

import ast
import re
import sys

import pytest

from shared.config.manifest import read_manifest
from shared.config.settings import Settings
from shared.domain import events
from tests.house.reach import reached
from tests.house.tree import ROOT, parsed

DOORS = sorted(path for path in (ROOT / "functions").glob("*.py") if not path.stem.startswith("__"))
HANDLERS = {handler.name: handler for handler in read_manifest(ROOT / "functions" / "manifest.yaml")}
VARIABLES = {one.metadata["name"] for one in Settings.__dataclass_fields__.values()}
ROUTERS = {
    "serve_api": (ROOT / "shared/api/resources.py", "resources"),
    "serve_console": (ROOT / "shared/console/site.py", "site"),
    "serve_chat": (ROOT / "shared/api/chat.py", "routes"),
    "serve_voice": (ROOT / "shared/api/voice.py", "doors"),
}
FACTS = {
    "ReplyReady": {"reply-ready"},
    "Happened": {"happened"},
    "MediaWaiting": {"media-waiting"},
    "TurnStarted": {"turn-started"},
    "RunDue": {"run-due"},
    "RunWanted": {"run-wanted"},
    "told_again": {"message-changed", "delivery-reported"},
}

each_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.stem)
each_handler = pytest.mark.parametrize("handler", HANDLERS.values(), ids=HANDLERS)


def test_every_door_is_wired_and_every_wire_has_its_door():
    """A handler's file and its entry in the manifest come and go together."""
    assert {door.stem for door in DOORS} == set(HANDLERS)


@each_door
def test_a_door_exports_one_handle_and_is_short(door):
    """A door decodes, makes one call and returns: one `handle`, nothing else, at most 30 lines."""
    module = parsed(door)
    defined = [node for node in module.body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)]

    assert [ast.AsyncFunctionDef] == [type(node) for node in defined]
    assert "handle" == defined[0].name
    assert ["functions_framework.aio.http"] == [ast.unparse(each) for each in defined[0].decorator_list]
    assert len(door.read_text("utf-8").splitlines()) <= 30


@each_door
def test_a_door_is_named_by_a_verb_and_hides_no_standard_module(door):
    """The framework loads a door under its bare name, which would hide a standard module of that name."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", door.stem)
    assert door.stem not in sys.stdlib_module_names


@each_door
def test_a_doors_docstring_says_what_the_manifest_says(door):
    """Trigger, what it publishes and its roles stand at the head of the file as they are wired."""
    handler = HANDLERS[door.stem]
    said_there = ast.get_docstring(parsed(door))
    trigger, publishes, roles = re.search(
        r"Trigger: (.+?)\. Publishes: (.+?)\.\s+Roles: (.+?)\.$", said_there, re.DOTALL
    ).groups()

    assert bool(handler.paths) == ("HTTP" in trigger)
    assert bool(handler.queue) == ("timer" in trigger)
    assert bool(handler.schedule) == ("schedule" in trigger)
    assert [handler.topic] * bool(handler.topic) == re.findall(r"\[([\w-]+)\]", trigger)
    assert list(handler.publishes) == re.findall(r"\[([\w-]+)\]", publishes)
    assert list(handler.roles) == re.split(r",\s+", roles)


@each_handler
def test_a_handler_has_means_that_platforms_accept(handler):
    """Times, counts and sizes are within what Cloud Functions, Pub/Sub and Cloud Tasks take."""
    assert handler.paths or handler.topic or handler.queue or handler.schedule
    assert 1 <= handler.ack_deadline <= 600
    assert 1 <= handler.concurrency <= 1000
    assert 0 <= handler.min_instances <= handler.max_instances <= 1000
    assert 0 < handler.min_backoff <= handler.max_backoff <= 600
    assert re.fullmatch(r"(128|256|512)Mi|[1248]Gi", handler.memory)
    assert handler.cpu in (0.5, 1, 2, 4)
    assert handler.cpu >= 1 or handler.concurrency == 1


@each_door
def test_a_handler_may_do_what_its_code_does(door):
    """Whatever is on the way from a door: a fact is listed, an alarm may be set, a secret may be read.

    A relay that is refused is not lost, but it waits for the sweep; a secret that is missing means less is
    done in the cloud than on a laptop, and nothing says so.
    """
    handler = HANDLERS[door.stem]
    names = reached((door, "handle"), *([ROUTERS[door.stem]] if door.stem in ROUTERS else []))
    facts = {topic for name in names & set(FACTS) for topic in FACTS[name]}

    assert facts - {handler.topic} <= set(handler.publishes)
    assert not handler.publishes or "pubsub.publisher" in handler.roles
    assert "Alarm" not in names or "cloudtasks.enqueuer" in handler.roles
    assert not ({"secret_of"} & names or handler.secrets) or "secretmanager.secretAccessor" in handler.roles
    assert not {"suggest", "propose", "approve"} & names or "GEMINI_API_KEY" in handler.secrets


@each_handler
def test_a_handlers_secrets_are_settings(handler):
    """A secret a handler is given has a place where it is read."""
    assert set(handler.secrets) <= VARIABLES


def test_every_topic_is_a_fact_that_somebody_hears():
    """What is published has a listener, and both are facts of the domain."""
    facts = {
        one.topic()
        for one in vars(events).values()
        if isinstance(one, type) and one.__mro__[1] is events.Event
    }
    heard = {handler.topic for handler in HANDLERS.values() if handler.topic}

    assert heard <= facts
    for handler in HANDLERS.values():
        assert set(handler.publishes) <= heard, handler.name


def test_a_public_path_belongs_to_one_handler():
    """No method and path is wired twice."""
    wired = [(route.method, route.path) for handler in HANDLERS.values() for route in handler.paths]

    assert len(set(wired)) == len(wired)


def test_a_receiver_publishes_and_reaches_nothing_else():
    """A receiver may publish, and read what leads to an account's own secret; no role lets it write."""
    receivers = [handler for name, handler in HANDLERS.items() if name.startswith("receive_")]

    assert receivers
    roles = ("pubsub.publisher", "datastore.viewer", "secretmanager.secretAccessor")
    assert {roles} == {handler.roles for handler in receivers}
