"""A desk's text as lines to look at: keys and comments told apart, findings at their lines."""

import pytest

from shared.config.problems import Notice, Problem
from shared.console.supervisor import spelled
from shared.console.yaml_lines import code_lines


@pytest.mark.parametrize(
    ("line", "key", "comment"),
    [
        ("agent:", "agent", None),
        ("  name: Maya # as on the door", "name", "# as on the door"),
        ("  home collection: Mornings", "home collection", None),
        ('      "2026-12-25": closed', '"2026-12-25"', None),
        ("    - {condition: wants_human}", None, None),
        ('  colour: "#0f766e"', "colour", None),
        ('  say: "a # b"', "say", None),
        ("# all of it", None, "# all of it"),
        ("", None, None),
    ],
)
def test_keys_and_comments_are_told_apart(line, key, comment):
    """A key is what stands before a colon, a comment what follows a hash outside quotes."""
    (shown,) = code_lines(line or " ", "desk.yaml")

    parts = {kind: text for kind, text in shown.parts if kind}
    assert (parts.get("key"), parts.get("comment")) == (key, comment)
    assert "".join(text for _, text in shown.parts) == (line or " ")


def test_findings_stand_at_their_lines():
    """A problem and a notice are shown at their own lines; another file's are not."""
    problem = Problem("desk.yaml", 2, 1, "b", "nothing", "write it")
    notice = Notice("desk.yaml", 1, 1, "a", "an old word", "write the new one")
    elsewhere = Problem("base.yaml", 1, 1, "a", "nothing", "write it")

    first, second = code_lines("a: 1\nb:", "desk.yaml", (problem, notice, elsewhere))

    assert (first.notices, first.problems) == ((notice,), ())
    assert (second.notices, second.problems) == ((), (problem,))


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.9, "59 s"), (90, "1 min"), (3720, "1 h 02"), (180_000, "2 d 2 h")]
)
def test_a_wait_is_read_at_a_glance(seconds, words):
    """A length of time has the one or two units that matter."""
    assert spelled(seconds) == words
