"""A fresh installation for each journey."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from house import SECRET, House, opened

from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A fresh installation with a Graph API to send to."""
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    async with serving(graph.app) as graph_url, opened(tmp_path, graph, graph_url) as house:
        yield house
