"""A real browser and a real server on a free port for each test."""

import asyncio
import shutil
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from tests.browser.pages import Visitor

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--headless=new", "--no-sandbox"]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@dataclass
class Server:
    """The scripted desk in a process of its own, which a test may kill and start again."""

    folder: Path
    desks: tuple[str, ...] = ("sunrise", "olive")
    port: int = 0
    process: asyncio.subprocess.Process | None = None
    client: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)

    def __post_init__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    async def start(self):
        words = ["tests/browser/scripted_desk.py", str(self.port), str(self.folder), *self.desks]
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
        )
        async with asyncio.timeout(20):
            while not await self._answers():  # noqa: ASYNC110 - a process has no event to wait for
                await asyncio.sleep(0.05)

    async def _answers(self):
        try:
            return (await self.client.get(f"{self.address}/widget.js")).is_success
        except httpx.TransportError:
            return False

    async def kill(self):
        """As a power cut would."""
        self.process.kill()
        await self.process.wait()

    async def change(self, what):
        """`publish/{desk}` or `break/{desk}`."""
        (await self.client.post(f"{self.address}/harness/{what}")).raise_for_status()


@asynccontextmanager
async def running(server):
    await server.start()
    try:
        yield server
    finally:
        if server.process.returncode is None:
            server.process.terminate()
            await server.process.wait()
        await server.client.aclose()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(tmp_path_factory):
    """One for all tests that leave it as it is: visitors do not see each other."""
    async with running(Server(tmp_path_factory.mktemp("server"))) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def own_server(tmp_path):
    """One to kill, or whose desks change."""
    async with running(Server(tmp_path)) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def empty_server(tmp_path):
    """One without a desk."""
    async with running(Server(tmp_path, desks=())) as one:
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser():
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("Chromium is missing: apt-get install chromium, or leave these out with -m 'not browser'")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser, server):
    """A function that opens a fresh browser profile; its keywords are Playwright's of a context."""
    errors, contexts = [], []

    async def begin(at=server, **profile):
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **profile})
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return Visitor(page, at.address)

    yield begin
    for context in contexts:
        await context.close()
    assert errors == [], "the page's own scripts raise nothing"
