"""Which skills are offered where a colleague's are written, and which nobody asks for."""

import pytest

from shared.console.skill_choice import offered
from shared.desk.skills import Sought, sought
from tests.unit.people.conftest import TENANT

SOUGHT = Sought(departments=("customer_support",), special=("Cardiology",), languages=("en", "pt-BR"))


@pytest.mark.parametrize(
    ("skill", "asked"),
    [
        ("Customer Support", True),  # a department, spelled otherwise
        ("cardiology", True),
        ("pt", True),  # a language, by the part that assigns
        ("PT-br", True),
        ("support", False),  # part of a department is another one
        ("Portuguese", False),  # a language goes by its tag
        ("", False),
    ],
)
def test_a_skill_counts_where_a_desk_would_find_somebody_by_it(skill, asked):
    """As colleagues are chosen: in any spelling, languages by their tag."""
    assert SOUGHT.asks(skill) is asked


def test_what_somebody_has_is_ticked_and_the_rest_is_theirs_to_write():
    """Nothing they have is lost, and nothing is offered twice."""
    skills = offered(SOUGHT, ("Customer-Support", "pt", "first aid"))

    assert [True] == [one.had for one in skills.departments]
    assert [False] == [one.had for one in skills.special]
    assert [("en", False), ("pt-BR", True)] == [(one.skill, one.had) for one in skills.languages]
    assert ["first aid"] == skills.others


async def test_what_the_desks_of_a_business_ask_for_is_read_from_what_they_run(shift):
    """Departments, special skills and languages, each once; of another business nothing."""
    support = {"type": "agent", "departments": ["customer_support", "Customer Support"]}
    doctor = {"type": "doctor", "specialization": ["cardiology"]}
    await shift.publish(behavior={"escalation": {"handoff": [support, doctor]}})
    versions = shift.services.versions

    assert Sought(
        departments=("customer_support",), special=("cardiology",), languages=("en", "hi")
    ) == await sought(versions, TENANT)
    assert Sought(departments=(), special=(), languages=()) == await sought(versions, "another")
