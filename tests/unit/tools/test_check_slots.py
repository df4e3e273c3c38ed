"""Which times are offered, under which names, and what is said where there are none."""

import pytest


def times(result):
    return [each["time"] for each in result.data["slots"]]


async def test_the_next_free_times_come_across_the_days(desk):
    """Without a day a few times of each coming day are offered, after the lead time, in local words."""
    result = await desk.call("check_slots")

    assert times(result) == [
        "Fri 20 Nov, 11:00",
        "Fri 20 Nov, 14:00",
        "Fri 20 Nov, 16:00",
        "Sat 21 Nov, 09:00",
        "Sat 21 Nov, 11:30",
        "Sat 21 Nov, 15:00",
    ]
    assert result.confidence == 1.0


async def test_choices_are_the_slots_short_names_and_labels(desk):
    """What a customer may tap carries the slot's name, of few letters nobody confuses."""
    result = await desk.call("check_slots")

    assert [(each["slot"], each["time"]) for each in result.data["slots"]] == list(result.choices)
    assert all(len(name) == 5 and not set(name) & set("IO01") for name, _ in result.choices)
    assert len({name for name, _ in result.choices}) == len(result.choices)


async def test_labels_follow_the_customers_language(desk):
    """A customer who writes Hindi reads the days in Hindi."""
    result = await desk.call("check_slots", language="hi-IN", date="monday")

    assert times(result)[0] == "सोम 23 नव, 09:00"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"date": "2026-11-23", "period": "morning"}, ["Mon 23 Nov, 09:00", "Mon 23 Nov, 12:30"]),
        ({"date": "monday", "period": "afternoon"}, ["Mon 23 Nov, 12:00", "Mon 23 Nov, 16:30"]),
        ({"date": "tomorrow", "period": "evening"}, ["Sat 21 Nov, 17:00", "Sat 21 Nov, 17:30"]),
        ({"date": "Today"}, ["Fri 20 Nov, 11:00", "Fri 20 Nov, 17:30"]),
    ],
)
async def test_a_day_and_a_part_of_it_bound_the_times(desk, asked, expected):
    """Dates, today, tomorrow and weekdays are understood in the desk's zone."""
    desk.written = {"tools": {"check_slots": {"show": 10}}}
    result = await desk.call("check_slots", **asked)
    found = times(result)

    assert found[0] == expected[0]
    assert found[-1] <= expected[1]
    assert {each.split(",")[0] for each in found} == {expected[0].split(",")[0]}
    assert "note" not in result.data


async def test_times_nearest_to_the_one_named_come(desk):
    """A customer who names a time of day gets the times around it."""
    desk.written = {"tools": {"check_slots": {"show": 3}}}
    result = await desk.call("check_slots", date="monday", around="10:30")

    assert times(result) == ["Mon 23 Nov, 10:00", "Mon 23 Nov, 10:30", "Mon 23 Nov, 11:00"]


async def test_a_closed_day_gets_the_next_times_and_a_note(desk):
    """Where nothing is free at the time asked for, the next free times come and the result says so."""
    result = await desk.call("check_slots", date="sunday")

    assert times(result)[0] == "Fri 20 Nov, 11:00"
    assert result.data["note"].startswith("Nothing is free at the time asked for")
    assert result.error is None


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("someday", "date: 'someday' is no day; write YYYY-MM-DD, today, tomorrow or a weekday"),
        ("2026-11-19", "date: 2026-11-19 cannot be booked; days from 2026-11-20 to 2026-11-26 can"),
        ("2026-12-24", "date: 2026-12-24 cannot be booked; days from 2026-11-20 to 2026-11-26 can"),
        ("2026-02-30", "date: '2026-02-30' is no day"),
    ],
)
async def test_a_day_that_cannot_be_is_told_with_the_days_that_can(desk, day, told):
    """The model is told its mistake and what to write."""
    assert (await desk.call("check_slots", date=day)).error.startswith(told)


async def test_a_desk_with_nothing_free_says_so(desk):
    """With no opening in the days ahead there are no choices, and the note offers another way."""
    desk.written = {"tools": {"check_slots": {"days_ahead": 1, "hours": {"sunday": "10:00-12:00"}}}}
    result = await desk.call("check_slots")

    assert result.choices == ()
    assert result.data["note"].startswith("Nothing is free in the next 1 days")


async def test_taken_places_are_not_offered(desk):
    """A slot leaves the offers when its last place is booked, whoever asks."""
    desk.written = {
        "tools": {
            "check_slots": {"capacity": 2, "hours": {"monday": "09:00-10:00"}},
            "book_slot": {"needs": []},
        }
    }
    seen = []
    for customer in ("asha", "rohan"):
        offered = await desk.call("check_slots", by=customer)
        seen.append(times(offered))
        await desk.call("book_slot", by=customer, slot=offered.choices[0][0])

    assert seen == [["Mon 23 Nov, 09:00", "Mon 23 Nov, 09:30"]] * 2
    assert times(await desk.call("check_slots", by="meena")) == ["Mon 23 Nov, 09:30"]


async def test_slots_of_another_length_respect_standing_bookings(desk):
    """After a desk changes its slot length, a time that would overlap a booking is not offered."""
    hours = {"monday": "09:00-11:00"}
    desk.written = {
        "tools": {"check_slots": {"slot_minutes": 30, "hours": hours}, "book_slot": {"needs": []}}
    }
    offered = await desk.call("check_slots")
    await desk.call("book_slot", slot=offered.choices[1][0])
    desk.written = {"tools": {"check_slots": {"slot_minutes": 60, "hours": hours}}}

    assert times(await desk.call("check_slots")) == ["Mon 23 Nov, 10:00"]


async def test_the_same_slot_has_the_same_name_in_a_conversation_and_another_elsewhere(desk):
    """Asking again changes no name; another conversation's names are its own."""
    first, again = await desk.call("check_slots"), await desk.call("check_slots")
    other = await desk.call("check_slots", by="rohan")

    assert first.choices == again.choices
    assert not {name for name, _ in first.choices} & {name for name, _ in other.choices}


async def test_a_slot_on_the_day_clocks_change_begins_at_its_local_time(desk):
    """Where clocks go forward a slot still begins at the hour on the wall."""
    desk.written = {
        "desk": {"timezone": "Europe/Berlin"},
        "tools": {"check_slots": {"days_ahead": 3, "lead_minutes": 0, "hours": {"sunday": "09:00-10:00"}}},
    }
    desk.clock.at = desk.clock.at.replace(year=2027, month=3, day=26)

    assert times(await desk.call("check_slots")) == ["Sun 28 Mar, 09:00", "Sun 28 Mar, 09:30"]


async def test_a_time_at_which_no_slot_begins_is_told_from_one_that_is_taken(desk):
    """Off the grid, the result says when times begin; a time of the grid needs no such word."""
    desk.written = {"tools": {"check_slots": {"slot_minutes": 90}}}
    off = (await desk.call("check_slots", date="monday", around="11:00")).data
    on = (await desk.call("check_slots", date="monday", around="10:30")).data

    assert off["begins"] == ["09:00", "10:30", "14:00", "15:30"]
    assert "times begin" in off["note"]
    assert "begins" not in on
