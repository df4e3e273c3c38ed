"""An installation whose desk takes calls through a real LiveKit server, and browsers with a microphone."""

import asyncio
import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from house import LAB_FILE, ROOT, SECRET, opened
from playwright.async_api import async_playwright

from shared.desk.calls.call_list import Filter, calls
from shared.desk.calls.document import edit_call
from shared.domain.instants import stamp
from tests.browser.conftest import ARGUMENTS
from tests.browser.on_the_line import OnTheLine, until, write_microphone
from tests.browser.signed_in import DESK, TENANT, Console
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving

MICROPHONE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
CALLS = (
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@asynccontextmanager
async def talking_browser(folder: Path, *, allowed: bool = True, file: Path | None = None):
    """Chromium whose microphone is a file, a tone's or the one given; not `allowed`, nobody gets it."""
    voice = f"--use-file-for-fake-audio-capture={file or write_microphone(folder / 'voice.wav')}"
    given = (*MICROPHONE, voice) if allowed else MICROPHONE[1:]
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=[*ARGUMENTS, *CALLS, *given]
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def calls_on(folder: Path, visit, livekit, change=lambda text: text, **environment):
    """A console of a business that is called; `change` is made to the desk's file before it runs."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    file = folder / "configs" / LAB_FILE
    file.write_text(change(file.read_text("utf-8")), "utf-8")
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    settings = {"FRONTDESK_CONFIGS": str(folder / "configs"), **(livekit.settings if livekit else {})}
    async with (
        serving(graph.app) as graph_url,
        opened(folder / "data", graph, graph_url, **settings, **environment) as house,
    ):
        yield Console(house, folder / "configs", visit)


async def the_live_call(console, seconds=10):
    """The one call under way, as soon as there is one."""
    services = await console.house.process.services()
    async with asyncio.timeout(seconds):
        while True:
            if found := (await calls(services.tenant(TENANT), Filter(live=True))).items:
                return found[0]
            await asyncio.sleep(0.05)


async def become(console, call, **fields):
    """What whoever carries the call would write."""
    services = await console.house.process.services()
    return await edit_call(
        services, TENANT, call.id, lambda before, _: msgspec.structs.replace(before, **fields)
    )


@asynccontextmanager
async def answered(console, livekit):
    """The call under way, with an agent that has just taken it up: (call, agent)."""
    call = await the_live_call(console)
    async with OnTheLine(livekit, call.room) as agent:
        await until(lambda: agent.hears)  # whoever calls is there from then on
        services = await console.house.process.services()
        now = stamp(services.ports.clock.now())
        call = await become(
            console, call, state="active", answered_at=now, first_word_at=now, job="scripted", generation=1
        )
        yield call, agent


def address(console):
    """Where customers call the desk."""
    return f"{console.house.url}/voice/{DESK}"
