"""What people type into a form as a value."""

import pytest

from shared.console.typed import fields_read, nested, value_of
from shared.domain.errors import Permanent


def test_json_is_json_and_words_are_words():
    """A number counts as one, a telephone number with its plus does not, and quotes make words."""
    typed = ("12", "true", '{"a": 1}', "+919812345678", '"0042"', "Sunita Rao", " ")

    assert [12, True, {"a": 1}, "+919812345678", "0042", "Sunita Rao", None] == [
        value_of(one) for one in typed
    ]


def test_a_workflow_asks_for_the_fields_it_reads():
    """Each once, as deep as it is read."""
    text = "{{ input.name }} input.visit.start > `1` && input.visit input.name xinput.no"

    assert ("name", "visit.start") == fields_read(text)


def test_fields_become_the_object_they_describe():
    """What was left empty is left out; a field that is a value and an object at once is refused."""
    assert {"visit": {"start": "9:00", "n": 2}} == nested({"visit.start": "9:00", "visit.n": "2", "name": ""})
    with pytest.raises(Permanent, match="visit"):
        nested({"visit": "today", "visit.start": "9:00"})
