"""What the tests of runs share: the desk of the tests of conversations, with workflows that a test writes."""

from dataclasses import replace

import pytest

from shared.tools.registry import tool_catalogue
from shared.tools.shape import Catalogue
from tests.unit.desk.conftest import clock, environment, front
from tests.unit.runs.flow import Flow
from tests.unit.runs.till import Till

__all__ = ["clock", "environment", "flow", "front"]


@pytest.fixture
def flow(front):
    """Workflows on that desk."""
    return Flow(front)


@pytest.fixture
async def till(front, monkeypatch):
    """The desk has a till, which a test may have refuse or fall silent."""
    tool = Till()
    tools = Catalogue(tool_catalogue().tools | {tool.NAME: tool})
    monkeypatch.setattr("tests.unit.desk.front.tool_catalogue", lambda: tools)
    front.services = replace(front.services, tools=tools)
    await front.publish(tools={tool.NAME: {}})
    return tool
