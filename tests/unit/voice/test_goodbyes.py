"""How a call is closed by the desk, and when it is not."""

from types import SimpleNamespace
from typing import Any

import pytest

from voice_service.course import Course


@pytest.fixture
def course() -> Any:
    """A call whose desk says goodbye; `comes` is whether a colleague takes it meanwhile."""
    made: Any = Course.__new__(Course)
    made.comes, made.finished = False, []

    async def played(*_: object, **__: object) -> None:
        made.talk.frozen = made.talk.frozen or made.comes

    async def finish(outcome: str, _: str) -> None:
        made.finished.append(outcome)

    made._finish, made.people = finish, SimpleNamespace(phase="desk")
    made.talk = SimpleNamespace(
        state=SimpleNamespace(change=lambda **_: None),
        said_since=lambda _: True,
        speaking=SimpleNamespace(played=played, say=lambda _: None, ask=lambda _: None),
        frozen=False,
    )
    return made


@pytest.mark.parametrize("comes", [False, True])
async def test_a_goodbye_ends_the_call_unless_a_colleague_came_meanwhile(course: Any, *, comes: bool) -> None:
    """Be it the model's own or ours: whoever took the call keeps it."""
    course.comes = comes
    await course.hang_up("all settled")
    course.talk.frozen = False
    await course._close_with("say goodbye", "silence", "")

    assert ([] if comes else ["completed", "completed"]) == course.finished


async def test_the_longest_time_ends_a_call_that_a_colleague_has(course: Any) -> None:
    """It was theirs before the goodbye began, and the bound is a bound."""
    course.talk.frozen = True
    await course._close_with("say goodbye", "the longest time of a call", "")

    assert ["completed"] == course.finished
