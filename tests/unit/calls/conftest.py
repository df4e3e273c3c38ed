"""A desk with a voice and a caller, for every test of this folder."""

import pytest

from tests.unit.calls.line import Line, ring
from tests.unit.calls.scripted import ScriptedModel
from tests.unit.desk.conftest import clock, environment, front  # noqa: F401  fixtures
from tests.unit.desk.front import Front


@pytest.fixture
def model() -> ScriptedModel:
    """What the desk thinks with; a test writes its script."""
    return ScriptedModel()


@pytest.fixture
async def line(front: Front, model: ScriptedModel) -> Line:  # noqa: F811
    """A call that has begun."""
    return await ring(front, model)
