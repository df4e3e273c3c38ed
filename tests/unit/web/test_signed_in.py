"""The API lets in whoever the console lets in, by the same cookie and the same token."""

import msgspec
import pytest
from starlette.requests import Request

from shared.api.problems import told
from shared.api.signed_in import signed_in
from shared.domain.errors import Permanent
from shared.security.access import COOKIE
from shared.security.people import Person, begins
from shared.security.sessions import Sessions, csrf_of
from shared.security.tenancy import PlatformStore


@pytest.fixture
async def caller(house):
    """A function that calls as Asha, an agent at one business, and gives who was let in, or the status."""
    platform = PlatformStore.of(house.ports.store)
    sessions = Sessions(platform, house.ports.clock)
    asha = Person(id="asha", name="Asha", email="a@sunrise.example", rights={"sunrise": "human_agent"})
    await platform.commit(begins(asha))
    token = await sessions.begin("asha", "")

    async def call(query, *, method="GET", least="human_agent", cookie=token, csrf=None):
        headers = [(b"cookie", f"{COOKIE}={cookie}".encode())]
        if csrf is not None:
            headers.append((b"x-csrf-token", csrf.encode()))
        scope = {"type": "http", "method": method, "path": "/", "query_string": query, "headers": headers}
        try:
            return await signed_in(sessions, house.versions, Request(scope), least)
        except Permanent as error:
            return msgspec.json.decode(told(error).body)["status"]

    call.csrf = csrf_of(token)
    return call


@pytest.mark.parametrize("query", [b"tenant=sunrise", b"desk=front"])
async def test_a_session_says_who_acts_and_the_address_where(caller, query):
    """A business is named by itself or by one of its desks."""
    tenant, actor = await caller(query)
    assert ("sunrise", "asha", "human_agent") == (tenant, actor.id, actor.role)


@pytest.mark.parametrize(
    ("query", "least", "status"),
    [
        (b"tenant=olive", "human_agent", 403),
        (b"desk=other", "human_agent", 403),
        (b"tenant=sunrise", "supervisor", 403),
        (b"desk=nobody", "human_agent", 404),
        (b"", "human_agent", 404),
    ],
)
async def test_another_business_and_a_higher_role_are_refused(caller, query, least, status):
    """By tenant and by desk alike."""
    assert status == await caller(query, least=least)


async def test_a_change_needs_the_sessions_token(caller):
    """The cookie alone changes nothing, for a browser sends it along for any page."""
    assert 403 == await caller(b"tenant=sunrise", method="POST")
    assert 403 == await caller(b"tenant=sunrise", method="POST", csrf="guess")
    assert "sunrise" == (await caller(b"tenant=sunrise", method="POST", csrf=caller.csrf))[0]


async def test_nobody_signed_in_is_nobody(caller):
    """Whoever asks decides then whether this machine may."""
    assert await caller(b"tenant=sunrise", cookie="x.y") is None
