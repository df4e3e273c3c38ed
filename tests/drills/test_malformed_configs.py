"""A wrong desk file is told so completely that its author needs nobody: place, path, what, and the fix."""

import time
from datetime import date

import pytest
from pydantic import Field

from shared.config.block import Block
from shared.config.catalogue import Catalogue, ModelInfo
from shared.config.validate import Validated, validate
from tests.drills.malformed_configs import BASES, CASES, SAMPLE, Case

FILE = "sample/desk.yaml"


class _Slots(Block):
    calendar: str = Field(description="The calendar's name.")
    slot_minutes: int = Field(30, ge=5)


CATALOGUE = Catalogue(
    tools={"check_slots": _Slots, "check_pricing": None},
    integrations={"zendesk": None},
    channels={"webchat": None, "whatsapp": None},
    models={"gemini-3-flash": ModelInfo(provider="google"), "gemini-3-lite": ModelInfo(provider="google")},
    secrets=frozenset(
        f"sample-clinic__{name}" for name in ("ZENDESK_API_KEY", "whatsapp-sample", "zendesk-sample")
    ),
    today=date(2026, 11, 20),
)


def judge(content: bytes) -> Validated:
    return validate(content, CATALOGUE, file=FILE, base_reader=BASES.get)


def test_the_sample_itself_is_right():
    """The file every row starts from has no problem, so each row's problem is the row's own."""
    judged = judge(SAMPLE.encode())

    assert (judged.problems, judged.notices) == ((), ())
    assert judged.config is not None


def test_there_are_two_hundred():
    """The table holds two hundred ways to be wrong at least, all different."""
    assert len(CASES) >= 200
    assert len({case.content for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=[f"{number}: {case.name}" for number, case in enumerate(CASES)])
def test_each_is_told_completely(case: Case):
    """A wrong file never raises; its problem stands at its line and path and says what to write."""
    started = time.perf_counter()
    judged = judge(case.content)
    took = time.perf_counter() - started

    told = "\n".join(map(str, judged.problems))
    assert judged.config is None
    assert any(
        problem.line == case.line and (case.path is None or problem.path == case.path)
        for problem in judged.problems
    ), f"expected line {case.line}, path {case.path}; told:\n{told}"
    for problem in judged.problems:
        assert problem.file
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.path
        assert problem.found.strip()
        assert problem.fix.strip()
        assert "\n" not in str(problem)
        assert "Traceback" not in str(problem)
    assert took < 2


def test_all_problems_come_in_one_pass():
    """A file with several mistakes names them all at once, in the order of its lines."""
    text = SAMPLE
    for old, new in [
        ("currency: INR", "curency: INR"),
        ("name: Maya", "name: 3"),
        ("min_score: 0.2", "min_score: 7"),
    ]:
        text = text.replace(old, new)

    judged = judge(text.encode())

    assert [one.path for one in judged.problems] == ["desk.curency", "agent.name", "knowledge.min_score"]


def test_no_problem_repeats_a_secret():
    """What is refused as a secret in clear is never said again, in no message."""
    text = SAMPLE.replace("secret://whatsapp-sample", "hunter2hunter2").replace(
        "In the yard.", "sk-" + "Q7" * 16
    )

    told = "\n".join(map(str, judge(text.encode()).problems))

    assert "secret" in told
    assert "hunter2" not in told
    assert "Q7Q7" not in told
