"""One value of a desk's text changes where it stands; everything else stays to the letter."""

import pytest
import yaml

from shared.config.amend_text import with_item, with_value

TEXT = """\
# the desk
agent:
  name: Maya # as on the door
  guidelines:
    - Be brief. # always
    - |
      Say prices
      with currency.
  # below the rules
knowledge: {files: [a.md, "b.csv"]}
empty:
last: {}
"""


def _with(change):
    """The text's lines that a change took away, and those it brought."""
    before, after = TEXT.splitlines(), change.splitlines()
    return [one for one in before if one not in after], [one for one in after if one not in before]


def test_a_rule_joins_the_end_of_a_block_list():
    """The new item stands below the last one, however that is written, and above what follows."""
    done = with_item(TEXT, ("agent", "guidelines"), 'Never say: "no"', [])

    assert _with(done) == ([], ['    - "Never say: \\"no\\""'])
    assert yaml.safe_load(done)["agent"]["guidelines"][-1] == 'Never say: "no"'
    assert done.index("Never say") < done.index("# below the rules")


def test_a_file_joins_a_list_on_one_line():
    """A list in brackets gets its item before the bracket closes."""
    done = with_item(TEXT, ("knowledge", "files"), "c.md", [])

    assert '{files: [a.md, "b.csv", "c.md"]}' in done


def test_a_list_nobody_wrote_is_written_whole():
    """Where the file inherits a list, it is written out with the new item."""
    done = with_item(TEXT, ("agent", "objectives"), "two", ["one", "two"])

    assert yaml.safe_load(done)["agent"]["objectives"] == ["one", "two"]
    assert yaml.safe_load(done)["knowledge"] == {"files": ["a.md", "b.csv"]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("agent", "name"), "Mira"),
        (("agent", "model", "temperature"), 0.2),
        (("knowledge", "top"), 3),
        (("last", "one", "two"), True),
        (("empty",), "no more"),
    ],
)
def test_a_value_is_replaced_or_joins_its_block(path, value):
    """A value takes the place of another, or a new key joins where it belongs; comments stay."""
    done = with_value(TEXT, path, value)

    found = yaml.safe_load(done)
    for step in path:
        found = found[step]
    assert found == value
    assert "# as on the door" in done
    assert "# below the rules" in done


@pytest.mark.parametrize("path", [("agent",), ("agent", "guidelines"), ("agent", "name", "first")])
def test_what_cannot_be_changed_in_place_is_left(path):
    """A block is not replaced and a text has no keys: the text comes back as it was."""
    assert with_value(TEXT, path, "x") == TEXT


def test_a_text_that_is_no_yaml_is_left():
    """What cannot be read is not touched."""
    assert with_value("a: [", ("a",), 1) == "a: ["
