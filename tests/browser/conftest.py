"""A real browser and a real server on a free port for each test."""

import asyncio
import shutil
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from pages import Visitor
from playwright.async_api import async_playwright

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--headless=new", "--no-sandbox"]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Server:
    """The scripted desk in a process of its own, which a test may kill and start again."""

    folder: Path
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
        script = Path(__file__).with_name("scripted_desk.py")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(script), str(self.port), str(self.folder), cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
        )
        async with asyncio.timeout(20):
            while not await self._answers():
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
        """`publish/{desk}`, `break/{desk}` or `empty`."""
        (await self.client.post(f"{self.address}/harness/{what}")).raise_for_status()


@pytest.fixture
async def server(tmp_path):
    running = Server(tmp_path)
    await running.start()
    yield running
    if running.process.returncode is None:
        running.process.terminate()
        await running.process.wait()
    await running.client.aclose()


@pytest.fixture
async def browser():
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("Chromium is missing: apt-get install chromium, or leave these out with -m 'not browser'")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


@pytest.fixture
async def visit(browser, server):
    """`await visit(...)` opens a fresh browser profile; its keywords are Playwright's of a context."""
    errors = []

    async def begin(**profile):
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **profile})
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return Visitor(page, server.address)

    yield begin
    assert errors == [], "the page's own scripts raise nothing"
