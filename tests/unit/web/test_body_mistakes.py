"""A body that is not what a resource takes is refused in words that say what would be right."""

import msgspec
import pytest

from shared.api.asked import Nothing, json_as
from shared.api.outreach import Reporting
from shared.api.problems import Refused
from shared.api.runs import Told

NAME = (
    "is made of small letters, digits and _, begins with a letter and has 63 characters at most,"
    " e.g. order_placed"
)


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    one: int = 0
    two: int = 0


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    inner: list[Inner] | None = None


Wide = msgspec.defstruct(
    "Wide", [(f"f{n}", int, 0) for n in range(40)], kw_only=True, forbid_unknown_fields=True
)


@pytest.mark.parametrize(
    ("body", "shape", "words"),
    [
        # a field there is not, with those there are
        ('{"name": "paid", "carries": 1}', Told, "unknown field `carries`; there are name, value, id."),
        # the same, deep in the body
        ('{"inner": [{"tow": 1}]}', Outer, "`tow` - at `$.inner[0]`; there are one, two."),
        # a command without words
        ('{"now": true}', Nothing, "unknown field `now`; it takes none."),
        # so many fields that a list helps nobody
        ('{"g": 1}', Wide, "unknown field `g`."),
        # a name, and what it may consist of
        ('{"desk": "a", "event": "Order Placed!"}', Reporting, f"`$.event` {NAME}."),
        # the same where it is a key
        ('{"desk": "a", "event": "a", "about": {"The Order": 1}}', Reporting, f"a name in `$.about` {NAME}."),
        # all else as it is
        ('{"desk": 1, "event": "a"}', Reporting, "Expected `str`, got `int` - at `$.desk`."),
    ],
)
def test_what_is_wrong_says_what_would_be_right(body, shape, words):
    """Fields are listed where they can be read, and names told without their pattern."""
    with pytest.raises(Refused) as refused:
        json_as(body.encode(), shape)

    assert str(refused.value).endswith(words)
    assert "regex" not in str(refused.value)
