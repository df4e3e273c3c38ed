"""The bell: what one was told is listed, and is seen once it was shown; another's is out of reach."""

import re
from types import SimpleNamespace

import pytest

from shared.console.site import site
from shared.desk.commit import as_data
from shared.domain.notices import Notice, notices_path
from shared.ports import Put
from shared.security.people import find_by_email
from shared.security.tenancy import PlatformStore, TenantStore
from tests.unit.web.test_console_doors import Browser

LINK = "https://desk.example/console/sunrise/tickets/t1"


@pytest.fixture
async def begin(house):
    """A function that opens a browser at the console."""
    services = SimpleNamespace(
        platform=PlatformStore.of(house.ports.store),
        ports=house.ports,
        versions=house.versions,
        tenant=lambda tenant: TenantStore.of(house.ports.store, tenant),
    )
    app, opened = site(services, house.board, address="", local=True), []

    def one():
        opened.append(Browser(house, app))
        return opened[-1]

    yield one
    for browser in opened:
        await browser.http.aclose()


async def told(house, email, *notices):
    """Whoever has that address was told these."""
    person, _ = await find_by_email(PlatformStore.of(house.ports.store), email)
    store = TenantStore.of(house.ports.store, "sunrise")
    path = notices_path(person.id)
    await store.commit([Put(f"{path}/{one.id}", as_data(one)) for one in notices])


def notice(identity, minute, **more):
    at = f"2026-11-20T10:{minute:02}:00.000000Z"
    return Notice(id=identity, at=at, what="ticket.late", title=f"Ticket {identity}", **more)


def listed(page):
    """Each one's id, address, and whether it is new."""
    return [
        (identity, path, bool(new))
        for path, identity, new in re.findall(r'href="(.*?)" data-notice="(\w+)" .*?( data-new)?>', page.text)
    ]


async def test_the_newest_is_first_and_what_was_shown_is_seen(begin, house):
    """Each with the page it opens, at the address this browser came by; others stay new."""
    asha = begin()
    await asha.join()
    empty = await asha.get("/console/sunrise/notices")
    await told(house, "asha@sunrise.example", notice("n1", 1), notice("n2", 2, link=LINK))
    before = await asha.get("/console/sunrise/notices")
    token = {"X-CSRF-Token": await asha.csrf()}
    seen = await asha.post("/console/sunrise/notices/seen", token, notice="n2")
    after = await asha.get("/console/sunrise/notices")

    assert "Nothing yet" in empty.text
    ticket, inbox = "/console/sunrise/tickets/t1", "/console/sunrise/inbox"
    assert [("n2", ticket, True), ("n1", inbox, True)] == listed(before)
    assert 204 == seen.status_code
    assert [("n2", ticket, False), ("n1", inbox, True)] == listed(after)


async def test_nobody_sees_or_reads_what_another_was_told(begin, house):
    """Ids of another's notices, of none, or of no form change nothing; who is signed out sees none."""
    asha, owner = begin(), begin()
    await asha.join()
    await owner.own()
    await told(house, "asha@sunrise.example", notice("n1", 1))
    token = {"X-CSRF-Token": await owner.csrf()}
    for identity in ("n1", "gone", "../../x"):
        answer = await owner.post("/console/sunrise/notices/seen", token, notice=identity)
        assert 204 == answer.status_code

    assert [] == listed(await owner.get("/console/sunrise/notices"))
    assert [True] == [new for _, _, new in listed(await asha.get("/console/sunrise/notices"))]
    assert 303 == (await begin().get("/console/sunrise/notices")).status_code
