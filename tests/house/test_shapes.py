"""Things of one kind have one shape: backends, channels, tools and commands."""

from dataclasses import fields
from importlib import import_module

import pytest

from shared.channels.registry import channel_named
from shared.cli.__main__ import COMMANDS
from shared.ports import Ports
from shared.tools.registry import OWN
from tests.house.tree import ROOT, module_names, parsed

CHANNEL = {"NAME", "Settings", "limits", "verify", "parse", "account", "send"}
ABLE = {"fetch", "typing", "lookup", "service"}
OWN_WORDS = {
    "webchat": {"SESSION", "visitor", "language"}
}  # here we are the vendor as well: our API asks whose session it is
COMMAND = {"NAME", "HELP", "EXAMPLE", "arguments", "run"}
TOOL = {"NAME", "DESCRIPTION", "EXAMPLES", "Settings", "Arguments", "TIMEOUT", "run"}
CARRIERS = {
    "webchat": ("webchat", None),
    "whatsapp": ("whatsapp", "meta"),
    "twilio_whatsapp": ("whatsapp", "twilio"),
    "instagram": ("instagram", "meta"),
    "twilio_sms": ("sms", "twilio"),
    "phone": ("phone", "livekit_sip"),
    "room": ("room", "livekit_web"),
}


def named(folder):
    """The modules of a folder that carry a NAME, which makes them channels or tools."""
    return {
        path.stem
        for path in (ROOT / "shared" / folder).glob("*.py")
        if path.stem != "shape" and "NAME" in module_names(parsed(path))
    }


@pytest.mark.parametrize("backend", ["embedded", "google"])
def test_a_backend_has_a_file_for_every_port(backend):
    """Both backends have the same files: one for each port, one to open them, one for who is calling."""
    optional = {"together"}  # of a backend that keeps everything in one file
    ports = {field.name for field in fields(Ports)} - optional
    found = {path.stem for path in (ROOT / "shared" / "backends" / backend).glob("*.py")}

    assert ports | {"open", "identity"} <= found


def test_every_channel_is_found_by_its_name():
    """A channel's file is one that a desk can name, and what a desk can name has its file."""
    assert named("channels") == set(CARRIERS)
    for module, (channel, provider) in CARRIERS.items():
        assert channel_named(channel, provider) is import_module(f"shared.channels.{module}")


@pytest.mark.parametrize("channel", CARRIERS)
def test_a_channel_has_the_shapes_names_and_no_other(channel):
    """A channel exports what the shape asks for, may add what the shape allows, and nothing more."""
    public = set(import_module(f"shared.channels.{channel}").__all__)

    assert public >= CHANNEL
    assert public <= CHANNEL | ABLE | OWN_WORDS.get(channel, set())


@pytest.mark.parametrize("channel", CARRIERS)
def test_a_channel_has_samples_of_what_its_vendor_sends(channel):
    """What a channel reads is shown by files in the vendor's own form, and by the facts expected of them."""
    assert list((ROOT / "tests" / "payloads" / channel).iterdir())
    assert (ROOT / "tests" / "unit" / "channels" / "expected" / f"{channel}.json").is_file()


def test_every_tool_is_registered_under_the_name_of_its_file():
    """A tool's file is in the registry, and its name is the file's."""
    registered = {tool.NAME: tool.__name__.rpartition(".")[2] for tool in OWN}

    assert named("tools") == set(registered.values())
    assert all(name == file for name, file in registered.items())


@pytest.mark.parametrize("tool", OWN, ids=lambda tool: tool.NAME)
def test_a_tool_has_the_shapes_names(tool):
    """A tool has everything the shape asks for, with words for the model and examples for the offline one."""
    assert set(dir(tool)) >= TOOL
    assert tool.DESCRIPTION
    assert len(tool.EXAMPLES) >= 3
    assert 0 < tool.TIMEOUT <= 30


def test_every_command_is_its_file():
    """A command's file is offered by the command line under the file's own name."""
    offered = {command.NAME: command.__name__.rpartition(".")[2] for command in COMMANDS}

    assert named("cli") == set(offered.values())
    assert all(name.replace("-", "_") == file for name, file in offered.items())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.NAME)
def test_a_command_has_the_shapes_names(command):
    """A command says what it does in one line and shows how it is asked."""
    assert set(dir(command)) >= COMMAND
    assert len(command.HELP.splitlines()) == 1
    assert command.EXAMPLE.startswith(f"frontdesk {command.NAME}")
