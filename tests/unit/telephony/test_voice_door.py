"""The voice room's door: who is let in, from which page, how often, and what refusals say."""

import asyncio
import hashlib
import hmac
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared.api import problems
from shared.api.voice import doors
from shared.channels import webchat
from shared.desk.calls.enter import AllLinesBusy, Entrance, enter
from shared.domain.errors import NotConnected
from tests.unit.desk.front import DESK

SESSION = "Qm9yZWQgYnkgcmFuZG9tbmVzcz8tX2FiY2RlZmdoaWo"
SITE = "https://acme.example"
TOKEN = "/voice/front/token"
VOICE = {"enabled": True, "mode": "realtime"}


@pytest.fixture
async def page(line):
    """A function that opens a page's connection to the door."""
    chat = {"origins": [SITE], "identity_secret": "${SITE_SECRET}"}
    await line.publish(voice=VOICE, channels={**DESK["channels"], "webchat": chat, "room": {}})

    async def shown(_):
        return PlainTextResponse("the page")

    routes = [Route("/voice/{desk}", shown)]
    app = Starlette(
        routes=doors(line.services, routes, local=False).routes, exception_handlers=problems.HANDLERS
    )

    @asynccontextmanager
    async def opened(session=SESSION, **headers):
        sent = {"X-Frontdesk-Session": session} if session else {}
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://desk.example", headers={**sent, **headers}
        ) as client:
            yield client

    return opened


async def test_a_visitor_is_let_into_a_room_of_their_own(line, page):
    """The answer is where, by which token, which room, which call; nobody keeps it."""
    async with page(**{"Accept-Language": "hi-IN,hi;q=0.9"}) as browser:
        answer = await browser.post(TOKEN)
    (call,) = await line.documents("calls")
    (asked,) = line.livekit.passes
    (customer,) = await line.documents("customers")

    assert (201, "no-store") == (answer.status_code, answer.headers["cache-control"])
    assert {
        "url": "wss://livekit.example",
        "token": "token-1",
        "room": f"voice_front-{call['id']}",
        "call": call["id"],
    } == answer.json()
    assert (webchat.visitor(SESSION), "hi-IN") == (call["contact"], customer["language"])
    assert {"tenant": "acme", "desk": "front", "call": call["id"]} == dict(asked.plan.metadata)
    assert ("caller", 120, True, False) == (asked.identity, asked.seconds, asked.speaks, asked.hidden)


async def test_the_page_is_beside_the_door(page):
    """Whoever serves the page hands its paths to the door."""
    async with page(session=None) as browser:
        assert "the page" == (await browser.get("/voice/front")).text


@pytest.mark.parametrize("session", [None, "short", "a" * 43])
async def test_a_session_that_can_be_guessed_is_refused(line, page, session):
    """As on web chat: 128 random bits, or nothing begins."""
    async with page(session) as browser:
        answer = await browser.post(TOKEN)

    assert 401 == answer.status_code
    assert [] == await line.documents("calls")


async def test_pages_of_the_file_may_call_and_others_may_not(line, page):
    """The sites that embed the chat may open the room; the browser's own question is answered first."""
    async with page(Origin=SITE) as browser:
        asked = await browser.options(TOKEN)
        let_in = await browser.post(TOKEN)
    async with page(Origin="https://evil.example") as browser:
        refused = await browser.post(TOKEN)

    assert (204, 201, 403) == (asked.status_code, let_in.status_code, refused.status_code)
    assert SITE == let_in.headers["access-control-allow-origin"]
    assert "channels.webchat.origins" in refused.json()["detail"]
    assert 1 == len(await line.documents("calls"))


async def test_a_customer_the_site_signs_is_that_customer(line, page, monkeypatch):
    """The business's own id goes with the call; one that is not signed is refused."""
    monkeypatch.setitem(line.process.environment, "acme__SITE_SECRET", "site-secret")
    signature = hmac.new(b"site-secret", b"C-17", hashlib.sha256).hexdigest()
    signed = {"X-Frontdesk-Customer": "C-17", "X-Frontdesk-Customer-Signature": signature}
    async with page(**signed) as browser:
        let_in = await browser.post(TOKEN)
    async with page(**{**signed, "X-Frontdesk-Customer": "C-18"}) as browser:
        refused = await browser.post(TOKEN)
    (customer,) = await line.documents("customers")

    assert (201, 401) == (let_in.status_code, refused.status_code)
    assert "C-17" == customer["external_id"]


async def test_one_visitor_calls_so_often_and_no_more(page):
    """The fifth call within moments waits, and is told how long."""
    async with page() as browser:
        statuses = [(await browser.post(TOKEN)).status_code for _ in range(5)]
        refused = await browser.post(TOKEN)

    assert [201, 201, 201, 201, 429] == statuses
    assert 0 < int(refused.headers["retry-after"]) <= 10


async def test_a_desk_that_carries_all_it_may_says_that_its_lines_are_busy(line, page):
    """The limit of the file holds over every visitor; a call that ends frees a line."""
    await line.publish(voice={**VOICE, "integration": {"max_concurrent_calls": 1}})
    async with page() as browser:
        first = await browser.post(TOKEN)
        busy = await browser.post(TOKEN)
        await line.over(first.json()["call"], "completed")
        again = await browser.post(TOKEN)

    assert (201, 503, 201) == (first.status_code, busy.status_code, again.status_code)
    assert "All lines of Acme Front Desk are busy" in busy.json()["detail"]
    assert (True, "30") == (busy.json()["busy"], busy.headers["retry-after"])


async def test_rooms_that_nobody_comes_into_hold_no_line_for_long(line, page):
    """A stranger who asks for all of them keeps others out for ten seconds; who has come keeps theirs."""
    await line.publish(voice={**VOICE, "integration": {"max_concurrent_calls": 2}})
    async with page() as browser:
        asked = [await browser.post(TOKEN) for _ in range(2)]
        await line.taken_up(asked[0].json()["call"])
        busy = await browser.post(TOKEN)
        line.clock.move(seconds=11)
        again = await browser.post(TOKEN)
        full = await browser.post(TOKEN)

    assert (503, 201, 503) == (busy.status_code, again.status_code, full.status_code)


async def test_callers_who_come_together_are_no_more_than_there_are_lines(line):
    """Of ten who ask in one moment, three are let in."""
    await line.publish(voice={**VOICE, "integration": {"max_concurrent_calls": 3}})
    published = await line.running()
    asked = (enter(line.services, published, f"visitor-{number}") for number in range(10))
    came = await asyncio.gather(*asked, return_exceptions=True)

    assert 3 == sum(isinstance(one, Entrance) for one in came)
    assert 7 == sum(isinstance(one, AllLinesBusy) for one in came)


@pytest.mark.parametrize(
    "changes",
    [
        {"voice": {"enabled": False}, "channels": DESK["channels"]},
        {"channels": {**DESK["channels"], "room": {"enabled": False}}},
        {"channels": DESK["channels"]},
    ],
    ids=["voice off", "room off", "no room"],
)
async def test_a_desk_that_takes_no_calls_is_not_there(line, page, changes):
    """Nothing tells a stranger why."""
    await line.publish(**changes)
    async with page() as browser:
        answer = await browser.post(TOKEN)
        unknown = await browser.post("/voice/nobody/token")

    assert (404, 404) == (answer.status_code, unknown.status_code)


async def test_an_installation_without_livekit_names_the_setting(line, page):
    """Whoever set up the page learns what is missing; no call is left behind."""

    def missing():
        raise NotConnected("calls are not connected; set LIVEKIT_URL")

    object.__setattr__(line.services, "livekit", missing)
    async with page() as browser:
        answer = await browser.post(TOKEN)

    assert 503 == answer.status_code
    assert "LIVEKIT_URL" in answer.json()["detail"]
    assert [] == await line.documents("calls")
