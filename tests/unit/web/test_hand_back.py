"""Handing a conversation back from the page: who may, and what is refused."""

import httpx
import pytest

from shared.api.resources import resources
from shared.security.invitations import Invitations
from shared.security.tenancy import PlatformStore


async def test_a_conversation_is_handed_back_once(house):
    """The desk has the word again; a second time nobody has it, which is a conflict told in words."""
    conversation = house.conversation()
    await conversation.commit(state="pending_human")
    path = f"/api/v1/conversations/{conversation.id}/hand-back?desk=front"
    async with house.browser() as browser:
        first, again = await browser.post(path), await browser.post(path)

    assert (first.status_code, first.json()["state"]) == (200, "back_to_ai")
    assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
    assert (await conversation.head()).state == "back_to_ai"


@pytest.mark.parametrize(
    ("desk", "caller", "origin", "status"),
    [
        ("nobody", "127.0.0.1", None, 404),
        ("other", "127.0.0.1", None, 404),  # another tenant's desk has no such conversation
        ("front", "192.168.1.7", None, 401),  # another machine
        ("front", "127.0.0.1", "https://elsewhere.example", 403),  # a foreign page in a browser here
        ("front", "127.0.0.1", "null", 403),
    ],
)
async def test_only_the_desks_own_page_on_this_machine_hands_back(house, desk, caller, origin, status):
    """Anything else is refused, and the person keeps the conversation."""
    conversation = house.conversation()
    await conversation.commit(state="human_active")
    headers = {"Origin": origin} if origin else {}
    async with house.browser(caller=caller) as browser:
        path = f"/api/v1/conversations/{conversation.id}/hand-back"
        answer = await browser.post(path, params={"desk": desk}, headers=headers)

    assert answer.status_code == status
    assert (await conversation.head()).state == "human_active"


async def test_once_somebody_owns_the_installation_people_sign_in(house):
    """Without an owner this machine reaches conversations; afterwards only a session does."""
    conversation = house.conversation()
    await conversation.commit(state="pending_human")
    house.platform = PlatformStore.of(house.ports.store)
    transport = httpx.ASGITransport(resources(house, house.board, local=True), client=("127.0.0.1", 5000))
    paths = (
        "/api/v1/inbox?tenant=sunrise",
        f"/api/v1/conversations/{conversation.id}/timeline?tenant=sunrise",
    )
    invitations = Invitations(house.platform, house.ports.clock)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as browser:
        before = [(await browser.get(path)).status_code for path in paths]
        await invitations.accept(
            await invitations.for_owner(first=True),
            name="Mira Sen",
            email="mira@agency.example",
            password="a phrase to keep",
        )
        after = [(await browser.get(path)).status_code for path in paths]
        handed = await browser.post(f"/api/v1/conversations/{conversation.id}/hand-back?desk=front")

    assert ([200, 200], [401, 401], 401) == (before, after, handed.status_code)
    assert (await conversation.head()).state == "pending_human"
