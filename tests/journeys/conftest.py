"""A fresh installation for each journey, on each backend."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from house import ROOT, SECRET, House, opened

from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving


@pytest.fixture
def configs() -> Path:
    """The folder of the desks' files; a journey that changes them brings its own."""
    return ROOT / "configs"


@pytest.fixture(params=["embedded", pytest.param("google", marks=pytest.mark.emulators)])
async def house(request: pytest.FixtureRequest, tmp_path: Path, configs: Path) -> AsyncIterator[House]:
    """An installation with a Graph API to send to; on `google` the official emulators stand behind it."""
    async with AsyncExitStack() as stack:
        graph = GraphApi(token="t-graph", app_secret=SECRET)
        graph_url = await stack.enter_async_context(serving(graph.app))
        environment = {"FRONTDESK_CONFIGS": str(configs)}
        if request.param == "google":
            from emulated import google_environment  # noqa: PLC0415  loads Google's clients

            environment |= await stack.enter_async_context(google_environment())
        yield await stack.enter_async_context(opened(tmp_path, graph, graph_url, **environment))
