"""Who of several colleagues is given a conversation."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.assignment import choose
from shared.domain.colleagues import GONE_AFTER, Colleague
from shared.domain.handovers import Handover
from shared.domain.instants import stamp

NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
NEEDS = {"departments": ("customer_support",), "specialization": ("cardiology",)}


def who(name, **more):
    given = {"skills": ("Customer Support",), "presence": "online", "seen_at": stamp(NOW), **more}
    return Colleague(id=name, name=name.title(), **given)


def asked(**more):
    return Handover(
        id="h",
        desk="front",
        conversation="talk",
        customer="asha",
        channel="webchat",
        asked_at=stamp(NOW),
        **{**NEEDS, **more},
    )


LOADED = {"holding": ("a", "b", "c", "d")}


@pytest.mark.parametrize(
    ("better", "worse", "language", "knew"),
    [
        ({"skills": ("customer support", "Cardiology"), **LOADED}, {}, "hi", ("worse",)),  # special skill
        ({"skills": ("customer support", "hi"), **LOADED}, {}, "hi-IN", ("worse",)),  # the language
        ({**LOADED}, {}, "en", ("better",)),  # knew the customer
        ({**LOADED}, {**LOADED}, "en", ("better", "worse")),  # the latest who did
        ({"holding": ("a",)}, {"holding": ("a", "b")}, "en", ()),  # less to do
        (
            {"holding": ("a", "b"), "capacity": 10},
            {"holding": ("a",), "capacity": 2},
            "en",
            (),
        ),  # of what they can
        ({"given_at": "2026-11-20"}, {"given_at": "2026-11-21"}, "en", ()),  # the longest without
    ],
)
def test_of_two_who_fit_the_better_one_is_chosen(better, worse, language, knew):
    """Special skill, then language, then who knew the customer, then load, then who waits longest."""
    people = [who("worse", **worse), who("better", **better)]

    assert "better" == choose(asked(), people, NOW, language=language, knew=knew).id


@pytest.mark.parametrize(
    "lacks",
    [
        {"skills": ("billing",)},
        {"presence": "away"},
        {"presence": "offline"},
        {"seen_at": stamp(NOW - GONE_AFTER)},
        {"seen_at": ""},
        {"holding": ("a",), "capacity": 1},
        {"removed": True},
    ],
)
def test_who_cannot_take_it_is_not_asked(lacks):
    """The skill, being there, and room are each needed."""
    assert choose(asked(), [who("arun", **lacks)], NOW) is None


def test_who_let_it_pass_is_not_asked_again():
    """An offer is made to each colleague once."""
    assert choose(asked(passed=("arun",)), [who("arun")], NOW) is None


def test_where_no_skill_is_asked_for_anybody_fits():
    """A handover without departments is everybody's."""
    anybody = who("arun", skills=(), seen_at=stamp(NOW - GONE_AFTER + timedelta(seconds=1)))

    assert "arun" == choose(asked(departments=()), [anybody], NOW).id
