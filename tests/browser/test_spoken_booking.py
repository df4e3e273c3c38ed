"""A whole call with every real part: a browser that speaks a WAV, LiveKit, a worker, the console beside."""

import asyncio
import os
import signal
import subprocess
import sys
import wave

import pytest
import pytest_asyncio
from house import ROOT
from playwright.async_api import expect

from shared.desk.presence import set_presence
from shared.domain.colleagues import Actor
from shared.ports import Query
from tests import speech
from tests.browser.calling import address, calls_on, talking_browser, the_live_call
from tests.browser.pages import Visitor
from tests.browser.signed_in import TENANT
from tests.livekit_server import livekit
from tests.standins.gemini_live import GeminiLive
from tests.standins.live_script import Asked, Heard, Says, ToolCall
from voice_service.livekit_server import free_port

__all__ = ["livekit"]
pytestmark = pytest.mark.livekit

ASHA = Actor(id="asha", name="Asha", role="supervisor")
SLOTS, BOOK, PERSON = "do you have a slot tomorrow", "yes please book it", "I want to talk to a person"
SPOKEN = [
    Asked("Greet the caller"),
    Says("Namaste, this is Krishna Diagnostics."),
    Heard(SLOTS),
    ToolCall("check_slots", {}),
    Says("There is one tomorrow morning. Shall I book it?"),
    Heard(BOOK),
    ToolCall(
        "book_slot", {"slot": "=check_slots.slots[0].slot", "name": "Asha Rao", "phone": "+919812345678"}
    ),
    Says("It is booked. Anything else?"),
    Heard(PERSON),
    ToolCall("hand_over", {"reason": "asked for a person"}),
    Says("I am passing you to a colleague."),
]
LISTENS = """() => {
  window.levels = [];
  const context = new AudioContext(), heard = new Set();
  setInterval(() => {
    for (const audio of document.querySelectorAll("audio")) {
      if (!audio.srcObject?.getAudioTracks().length || heard.has(audio.srcObject)) continue;
      heard.add(audio.srcObject);
      const analyser = context.createAnalyser(), samples = new Float32Array(analyser.fftSize);
      context.createMediaStreamSource(audio.srcObject).connect(analyser);
      setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        window.levels.push(Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length));
      }, 50);
    }
  }, 50);
}"""
"""Records how loud what the page plays is, twenty times a second."""


def conversation(path):
    """What the caller says, with pauses in which they listen; a browser's fake microphone begins it anew."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(speech.MICROPHONE)
        for pause, text in ((9, SLOTS), (9, BOOK), (9, PERSON), (15, "")):
            file.writeframes(bytes(2 * speech.MICROPHONE * pause))
            if text:
                file.writeframes(speech.pcm(text))
    return path


@pytest.fixture(scope="module")
def model():
    """The model's stand-in, with what it hears and says."""
    with GeminiLive(thinking=0.3) as server:
        server.scenes(*SPOKEN)
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit, livekit, model):
    """A business that is called, with a worker that carries its calls."""
    async with calls_on(tmp_path, visit, livekit, **model.settings) as one:
        told = {**one.house.process.environment, "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        log = tmp_path / "worker.log"
        with log.open("wb") as out:
            worker = subprocess.Popen(  # noqa: ASYNC220  it lives on
                [sys.executable, "-m", "voice_service"],
                cwd=ROOT,
                env={**told, "VOICE_PORT": str(free_port()), "VOICE_PROCESSOR": "100"},
                stdout=out,
                stderr=out,
            )
        try:
            async with asyncio.timeout(120):
                while b"registered worker" not in log.read_bytes():
                    assert worker.poll() is None, log.read_text("utf-8", "replace")[-3000:]
                    await asyncio.sleep(0.1)
            yield one
        finally:
            worker.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(worker.wait, 15)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()


async def test_a_slot_is_booked_by_voice_and_a_person_takes_over(console, tmp_path):
    """The caller hears the desk, says what they want, and the calendar has it; asked for, a colleague joins
    from the console, and the desk is silent.
    """
    services = await console.house.process.services()
    store = services.tenant(TENANT)
    await set_presence(services, TENANT, "online", by=ASHA)
    microphone = conversation(tmp_path / "caller.wav")
    async with talking_browser(tmp_path, file=microphone) as browser:
        caller = await (await browser.new_context()).new_page()
        await caller.goto(address(console))
        await caller.evaluate(LISTENS)
        await caller.get_by_role("button", name="Call").click()
        call = await the_live_call(console, seconds=20)
        captions = caller.get_by_role("log")
        await expect(captions).to_contain_text("Namaste, this is Krishna Diagnostics.", timeout=30_000)
        await expect(captions).to_contain_text("Shall I book it?", timeout=90_000)
        assert max(await caller.evaluate("window.levels")) > 0.02, "the desk is heard, not only read"
        await expect(captions).to_contain_text("It is booked.", timeout=90_000)
        booked = [one.data for one in (await store.query("bookings", Query())).documents]
        assert call.conversation in [one["conversation"] for one in booked]

        await expect(captions).to_contain_text("passing you to a colleague", timeout=90_000)
        async with talking_browser(tmp_path) as theirs:
            console.visit = _visiting(theirs)
            page = await console.enter("Asha", "supervisor")
            await page.goto(console.at(f"/inbox/{call.conversation}?view=all"))
            panel = page.get_by_label("The call", exact=True)
            await expect(page.get_by_text(SLOTS).first).to_be_visible(timeout=20_000)
            await panel.get_by_role("button", name="Join the call").click()
            await expect(panel.get_by_role("status")).to_contain_text(
                "You speak with the caller", timeout=20_000
            )
            await expect(caller.locator(".standing")).to_have_text("Asha is here", timeout=20_000)
            before = len(model_said := await captions.inner_text())
            await asyncio.sleep(10)  # the caller speaks on meanwhile, and the desk does not answer
            assert before == len(await captions.inner_text()), model_said
            await panel.get_by_role("button", name="End call").click()
            await page.get_by_role("button", name="End the call").click()
            await expect(caller.get_by_text("The call has ended")).to_be_visible(timeout=20_000)


def _visiting(browser):
    """A function that opens a page of a browser with a microphone, as `visit` does."""

    async def begin(at=None, **profile):
        return Visitor(await (await browser.new_context(**profile)).new_page(), at.address if at else "")

    return begin
