"""Opening hours as people write them are read where they are certain, and refused where not."""

import pytest
from pydantic import ValidationError

from shared.config.hours import Hours
from shared.config.hours_prose import read_days, read_hours

NINE_TO_FIVE = ("09:00-17:00",)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("monday", ("monday",)),
        ("mon-wed", ("monday", "tuesday", "wednesday")),
        ("Fri to Mon", ("friday", "saturday", "sunday", "monday")),
        ("sat, sun", ("saturday", "sunday")),
        ("weekends", ("saturday", "sunday")),
        ("t", None),  # Tuesday or Thursday
        ("someday", None),
    ],
)
def test_days_are_read(words, days):
    """Days come alone, in ranges, in lists and in groups."""
    assert days == read_days(words)


def test_hours_in_words_with_their_zone():
    """`9am-5pm EST` is every day, in New York, and says how it was understood."""
    hours, remark = read_hours("9am-5pm EST")

    assert hours.pop("timezone") == "America/New_York"
    assert {NINE_TO_FIVE} == set(hours.values())
    assert len(hours) == 7
    assert "every day" in remark


def test_a_line_per_group_of_days():
    """Several groups, split by semicolons, each with its ranges."""
    hours = Hours.model_validate("Mon-Fri 9am-1pm and 2pm-6pm; Sat 10:00-14:00").model_dump()

    assert hours["tuesday"] == ("09:00-13:00", "14:00-18:00")
    assert hours["saturday"] == ("10:00-14:00",)
    assert hours["sunday"] == ()


@pytest.mark.parametrize(
    "text", ["", "by appointment", "9-5", "9am-5pm IST", "Mon 9am", "13pm-15pm", "Mon-Fri 9am-5pm or so"]
)
def test_uncertain_hours_are_refused(text):
    """What may mean two things is refused with the structured form to write."""
    with pytest.raises(ValueError, match="monday-friday"):
        read_hours(text)


def test_a_day_is_named_once():
    """Two keys that name one day are refused."""
    with pytest.raises(ValidationError, match="monday is written twice"):
        Hours.model_validate({"mon-wed": "09:00-17:00", "monday": "closed"})


def test_hours_stored_are_hours_read():
    """What is stored of hours is read back as the same hours."""
    hours = Hours.model_validate({"daily": "18:00-01:00", "holidays": {"2027-01-01": "closed"}})

    assert hours == Hours.model_validate_json(hours.model_dump_json())
    assert hours.opening("UTC").week[0][0].end == 1500
