"""YAML is read as it is written: types, places, and nothing that grows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config.migrate import written
from shared.config.nodes import find, plain
from shared.config.read import read


def _value(text):
    found = read(f"key: {text}\n", "f.yaml")
    assert found.problems == []
    return plain(found.root)["key"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("22:22", "22:22"),  # YAML 1.1 would make it 1342
        ("no", "no"),  # and this False
        ("yes", "yes"),
        ("on", "on"),
        ("+919876543210", "+919876543210"),  # and this a number
        ("007", "007"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1e3", "1e3"),
        (".5", ".5"),
        ("True", "True"),
        ("NULL", "NULL"),
        ("2026-11-20", "2026-11-20"),
        ("12345678901234567890", "12345678901234567890"),  # longer than any count: an id
        ("12", 12),
        ("-3", -3),
        ("0.15", 0.15),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("नमस्ते", "नमस्ते"),
    ],
)
def test_plain_values_mean_what_they_look_like(text, value):
    """Only true, false, null, whole numbers and decimals are typed; all else stays text."""
    assert value == _value(text)
    assert type(value) is type(_value(text))


def test_each_value_knows_its_place():
    """Keys and values carry line and column, counted from one, in characters."""
    root = read("a:\n  हिन्दी: [x, y]\n", "f.yaml").root

    node = find(root, ("a", "हिन्दी"))
    assert (node.key.line, node.key.column) == (2, 3)
    assert (node.items[1].mark.line, node.items[1].mark.column) == (2, 15)


def test_keys_are_text():
    """A number or a date as key is the text it is."""
    assert plain(read("12: 1\n2027-01-26: 2\n", "f.yaml").root) == {"12": 1, "2027-01-26": 2}


def test_tabs_inside_a_text_block_are_text():
    """Only a tab in the indentation is refused."""
    assert _value("|\n  x\ty\n  \tz") == "x\ty\n\tz\n"


@given(st.binary(max_size=400))
def test_no_bytes_raise(raw):
    """Whatever a file holds, reading it tells problems and raises nothing."""
    found = read(raw, "f.yaml")

    assert found.root is not None or found.problems


_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=30)
_scalars = _texts | st.integers(-(10**15), 10**15) | st.booleans() | st.none()


@given(
    st.dictionaries(
        _texts.filter(lambda key: key != "<<"),
        st.recursive(
            _scalars,
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(_texts.filter(lambda key: key != "<<"), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_is_read_back(data):
    """The YAML we write is read back the same, so a migrated file says what the old one said."""
    found = read(written(data), "f.yaml")

    assert found.problems == []
    assert data == plain(found.root)
