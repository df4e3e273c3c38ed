"""Every tool is of the one shape, and a desk's tools are told in words every model's vendor accepts."""

import re
import unicodedata
from types import SimpleNamespace

import jsonschema
import pytest
from pydantic import BaseModel

from shared.config.schema import DeskConfig
from shared.domain.errors import Permanent
from shared.tools import registry
from shared.tools.registry import settings_of, specs, tool_catalogue
from shared.tools.shape import Catalogue

CATALOGUE = tool_catalogue()
NAMES = (
    "search_knowledge",
    "check_slots",
    "book_slot",
    "cancel_booking",
    "reschedule_booking",
    "record_details",
    "create_ticket",
    "schedule_callback",
    "start_workflow",
    "hand_over",
)
PLAIN_WORDS = {
    "type",
    "description",
    "properties",
    "required",
    "enum",
    "items",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "maxItems",
    "pattern",
}


def config(**tools):
    return DeskConfig.model_validate(
        {"tenant": {"id": "acme", "name": "Acme"}, "desk": {"id": "front", "name": "Front"}, "tools": tools}
    )


def words_of(schema):
    for name, value in schema.items():
        yield name
        if name == "properties":
            for each in value.values():
                yield from words_of(each)
        elif name == "items":
            yield from words_of(value)


def test_the_catalogue_names_every_tool():
    """The tools there are, by the names a desk's file uses."""
    assert tuple(CATALOGUE.tools) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_tool_is_of_the_shape(name):
    """Name, description, examples in English, Hindi and romanised Hindi, settings, arguments, a timeout."""
    tool = CATALOGUE.tools[name]
    hindi = [each for each in tool.EXAMPLES if re.search("[\u0900-\u097f]", each)]

    assert name == tool.NAME
    assert 40 < len(tool.DESCRIPTION) < 500
    assert issubclass(tool.Settings, BaseModel)
    assert issubclass(tool.Arguments, BaseModel)
    assert 0 < tool.TIMEOUT <= 30
    assert len(hindi) >= 2
    assert len(tool.EXAMPLES) - len(hindi) >= 5
    assert len(set(tool.EXAMPLES)) == len(tool.EXAMPLES)
    assert all(unicodedata.is_normalized("NFC", each) or hindi for each in tool.EXAMPLES)


@pytest.mark.parametrize("name", NAMES)
def test_every_argument_is_described_in_plain_words(name):
    """The schema has no references, titles, defaults, unions or nulls, and tells what each argument is."""
    (spec,) = specs(CATALOGUE, config(**{name: {}}))
    jsonschema.Draft202012Validator.check_schema(spec.parameters)

    assert set(words_of(spec.parameters)) <= PLAIN_WORDS
    assert spec.parameters["type"] == "object"
    assert all(each.get("description") for each in spec.parameters["properties"].values())
    assert set(spec.parameters.get("required", ())) <= spec.parameters["properties"].keys()


def test_a_desk_tells_its_own_tools_in_its_own_order():
    """Only enabled tools that exist are told; one still wanted is not."""
    told = specs(
        CATALOGUE, config(hand_over={}, book_slot={"enabled": False}, symptom_checker={}, check_slots={})
    )

    assert [spec.name for spec in told] == ["hand_over", "check_slots"]


def test_what_a_booking_needs_is_required_of_the_model():
    """The desk's `needs` are required arguments, so that a model asks for them first."""
    (spec,) = specs(CATALOGUE, config(book_slot={"settings": {"needs": ["name", "party_size"]}}))

    assert spec.parameters["required"] == ["slot", "name", "party_size"]


def test_wrong_settings_are_told_by_their_place():
    """A setting that cannot be is named with its place in the desk's file."""
    with pytest.raises(
        Permanent, match=r"tools\.check_slots\.settings\.capacity: .*correct it in the desk's file"
    ):
        settings_of(CATALOGUE.tools["check_slots"], config(check_slots={"settings": {"capacity": 0}}))


class TestOtherPackages:
    """Installed packages may bring tools of their own."""

    @staticmethod
    def entries(monkeypatch, *tools):
        entries = [SimpleNamespace(name="x", value="pkg:x", load=lambda tool=tool: tool) for tool in tools]
        monkeypatch.setattr(
            registry, "entry_points", lambda group: entries if group == "frontdesk.tools" else []
        )

    def test_a_tool_of_the_shape_joins_the_catalogue(self, monkeypatch):
        """An entry point that is of the shape is a tool like ours."""
        shape = vars(CATALOGUE.tools["hand_over"])
        tool = SimpleNamespace(
            **{**{k: v for k, v in shape.items() if not k.startswith("__")}, "NAME": "ring_bell"}
        )
        self.entries(monkeypatch, tool)

        assert tool_catalogue().tools["ring_bell"] is tool

    def test_a_tool_that_is_not_of_the_shape_is_refused_by_name(self, monkeypatch):
        """What is missing is named, with the package it is missing from."""
        self.entries(
            monkeypatch, SimpleNamespace(NAME="bell", DESCRIPTION="", EXAMPLES=(), Settings=BaseModel)
        )
        with pytest.raises(Permanent, match=r"'x' of 'pkg:x' lacks Arguments, TIMEOUT"):
            tool_catalogue()

    def test_a_name_is_taken_once(self, monkeypatch):
        """No package can put itself in the place of another tool."""
        self.entries(monkeypatch, CATALOGUE.tools["hand_over"])
        with pytest.raises(Permanent, match="'hand_over' of 'pkg:x' is there already"):
            tool_catalogue()


def test_an_empty_catalogue_tells_nothing():
    """A desk whose tools do not exist has none to tell."""
    assert specs(Catalogue(), config(check_slots={})) == ()
