"""The console's doors: who comes in, what a page of another site cannot do, what errors say."""

import re
from types import SimpleNamespace
from urllib.parse import urlencode

import httpx
import pytest

from shared.console.doorway import own_path
from shared.console.site import site
from shared.security.invitations import Invitations
from shared.security.sign_in import HERE_MOST
from shared.security.tenancy import PlatformStore

PASSWORD = "a phrase to keep"
HTMX = {"HX-Request": "true"}


class Browser:
    """Somebody's browser: it keeps cookies, and sends forms as the pages it loaded do."""

    def __init__(self, house, app, host="127.0.0.1:8080"):
        self.invitations = Invitations(PlatformStore.of(house.ports.store), house.ports.clock)
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 5000))
        self.http = httpx.AsyncClient(transport=transport, base_url=f"http://{host}")

    async def get(self, path, **headers):
        return await self.http.get(path, headers=headers)

    async def post(self, path, headers=None, **fields):
        told = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return await self.http.post(path, content=urlencode(fields), headers=told)

    async def csrf(self, path="/console/sunrise/profile"):
        return re.search(r'name="csrf" content="(\w+)"', (await self.get(path)).text)[1]

    async def own(self, email="mira@agency.example"):
        link = f"/console/join/{await self.invitations.for_owner(first=False)}"
        return await self.post(link, name="Mira Sen", email=email, password=PASSWORD)

    async def join(self, email="asha@sunrise.example", role="human_agent", tenant="sunrise"):
        token = await self.invitations.for_colleague(
            tenant, email, role=role, skills=(), capacity=5, by="Mira"
        )
        return await self.post(f"/console/join/{token}", name="Asha Rao", password=PASSWORD)


@pytest.fixture
async def browsers(house):
    """A function that opens a fresh browser at one server."""
    services = SimpleNamespace(
        platform=PlatformStore.of(house.ports.store),
        ports=house.ports,
        versions=house.versions,
        tenant=house.tenant,
    )
    app, opened = site(services, house.board, address="", local=True), []

    def begin(**more):
        opened.append(Browser(house, app, **more))
        return opened[-1]

    yield begin
    for one in opened:
        await one.http.aclose()


@pytest.fixture
def browser(browsers):
    return browsers()


async def test_whoever_is_not_signed_in_is_led_to_the_page_and_back(browser):
    """The page asked for is remembered; htmx is sent there whole; a form that was sent is not repeated."""
    page = await browser.get("/console/sunrise/people?x=1")
    part = await browser.get("/console/sunrise/people", **HTMX)
    sent = await browser.post("/console/sunrise/people/invite", email="x@y.zz")

    assert (303, "/console/sign-in?next=/console/sunrise/people%3Fx%3D1") == (
        page.status_code, page.headers["location"],
    )  # fmt: skip
    assert (401, "/console/sign-in") == (part.status_code, part.headers["hx-redirect"])
    assert "/console/sign-in" == sent.headers["location"]


async def test_the_first_owner_comes_in_by_a_link_and_signs_in_afterwards(browsers):
    """A link makes the owner and signs them in; the password is good in another browser."""
    first, second = browsers(), browsers()
    made = await first.own()
    again = await second.post(
        "/console/sign-in", email="mira@agency.example", password=PASSWORD, next="/console/olive/people"
    )

    assert (303, "/console/") == (made.status_code, made.headers["location"])
    assert "Sunrise" in (await first.get("/console/")).text
    assert (303, "/console/olive/people") == (again.status_code, again.headers["location"])
    assert "Mira Sen" in (await second.get("/console/olive/people")).text


async def test_the_cookie_is_for_this_site_and_no_script(browsers):
    """HttpOnly and SameSite always, Secure where a browser came by https."""
    here, there = browsers(), browsers()
    there.http.headers["X-Forwarded-Proto"] = "https"
    plain = (await here.own()).headers["set-cookie"]
    secure = (await there.own("leo@agency.example")).headers["set-cookie"]

    assert {"httponly", "samesite=lax", "path=/"} <= set(plain.lower().split("; "))
    assert "Secure" not in plain
    assert "Secure" in secure


async def test_a_wrong_password_is_told_and_guessing_is_slowed(browser):
    """422 with one sentence and the address kept; then 429 with the minutes to wait."""
    for _ in range(HERE_MOST):
        wrong = await browser.post("/console/sign-in", email="mira@agency.example", password="guess")
    slowed = await browser.post("/console/sign-in", email="mira@agency.example", password="guess")

    assert 422 == wrong.status_code
    assert "do not fit" in wrong.text
    assert 'value="mira@agency.example"' in wrong.text
    assert (429, "Wait 15 minutes") == (slowed.status_code, re.search(r"Wait \d+ \w+", slowed.text)[0])
    assert 0 < int(slowed.headers["retry-after"]) <= 901


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
async def test_another_sites_page_signs_nobody_in(browser, headers):
    """A form of a foreign page is refused before anything is read from it."""
    await browser.own()
    answer = await browser.post("/console/sign-in", headers, email="mira@agency.example", password=PASSWORD)

    assert 403 == answer.status_code


@pytest.mark.parametrize("given", [None, "wrong", "é"])
async def test_a_change_without_the_sessions_token_is_refused(browser, given):
    """Every change needs the session's token, in the form or in the header."""
    await browser.own()
    fields = {"name": "Eve"} if given is None else {"name": "Eve", "csrf": given}
    refused = await browser.post("/console/sunrise/profile/name", **fields)
    done = await browser.post(
        "/console/sunrise/profile/name", {"X-CSRF-Token": await browser.csrf()}, name="Mira S."
    )

    assert 403 == refused.status_code
    assert "out of date" in refused.text
    assert 303 == done.status_code
    assert "Mira S." in (await browser.get("/console/sunrise/profile")).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console/olive/profile", 403),
        ("/console/nowhere/profile", 403),
        ("/console/sunrise/people", 403),
        ("/console/sunrise/nothing", 404),
        ("/console/sunrise/profile", 200),
        ("/console/sunrise", 303),
    ],
)
async def test_an_agent_reaches_their_own_business_and_what_agents_may(browser, path, status):
    """Another business and a page for supervisors are refused in words, on a page or as a toast."""
    await browser.join()
    page, part = await browser.get(path), await browser.get(path, **HTMX)

    assert status == page.status_code == part.status_code
    if status >= 400:
        assert "That is not possible" in page.text
        assert '"tone": "wrong"' in part.headers["hx-trigger"]


async def test_a_business_without_a_desk_is_not_there(browser):
    """The agency's owners may everything, but not what does not exist."""
    await browser.own()
    assert 404 == (await browser.get("/console/nowhere/people")).status_code


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/console/",
        "//evil.example/console/",
        "/chat/x",
        "javascript:1",
        "/\\evil.example",
    ],
)
def test_signing_in_leads_nowhere_but_into_the_console(text):
    """Whatever a link names as the next page, another site is none."""
    assert "/console/" == own_path(text)


async def test_every_page_says_what_it_may_load(browser):
    """No inline script, nothing from elsewhere, in no frame, kept by nobody."""
    await browser.own()
    for path in ("/console/", "/console/sign-in", "/console/sunrise/people", "/console/x/y"):
        answer = await browser.http.get(path, follow_redirects=True)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "no-store" == answer.headers["cache-control"]
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", answer.text)


async def test_a_colleague_is_invited_joins_is_changed_and_removed(browsers):
    """The whole life of a colleague, through the pages."""
    owner, asha = browsers(), browsers()
    await owner.own()
    token = {"X-CSRF-Token": await owner.csrf(), **HTMX}
    terms = {"role": "human_agent", "skills": "billing, hi, billing", "capacity": "4"}
    invited = await owner.post("/console/sunrise/people/invite", token, email="Asha@Sunrise.example", **terms)
    link = re.search(r'value="http://[^/]+(/console/join/[\w-]+)"', invited.text)[1]
    assert "asha@sunrise.example" in (await asha.get(link)).text
    joined = await asha.post(link, name="Asha Rao", password=PASSWORD)
    listed = (await owner.get("/console/sunrise/people")).text
    identity = re.search(r'id="colleague-(\w+)">(?:(?!</li>).)*Asha Rao', listed, re.DOTALL)[1]

    assert "/console/" == joined.headers["location"]
    assert "0 of 4" in listed
    assert 410 == (await asha.get(link)).status_code
    form = (await owner.get(f"/console/sunrise/people/{identity}", **HTMX)).text
    assert re.search(r'value="hi" checked>Hindi', form)
    assert 'value="billing"' in form
    assert "No desk asks for billing" in form
    assert "No desk asks for billing" in invited.text
    too_many = await owner.post(f"/console/sunrise/people/{identity}", token, **{**terms, "capacity": "900"})
    assert (422, "#person-body") == (too_many.status_code, too_many.headers["hx-retarget"])
    changed = await owner.post(
        f"/console/sunrise/people/{identity}", token, **{**terms, "role": "supervisor"}
    )
    assert '"closes": {"dialog": "person"}' in changed.headers["hx-trigger"]
    assert "is changed. No desk asks for billing." in changed.headers["hx-trigger"]
    assert 200 == (await asha.get("/console/sunrise/people")).status_code
    await owner.post(f"/console/sunrise/people/{identity}/remove", token)
    assert "/console/sign-in" in (await asha.get("/console/sunrise/people")).headers["location"]


async def test_a_supervisor_withdraws_no_owners_invitation(browser):
    """Neither by the button nor by inviting the same address again."""
    await browser.join(role="supervisor")
    about = {"skills": (), "capacity": 5, "by": "Mira"}
    link = await browser.invitations.for_colleague("sunrise", "zoya@sunrise.example", role="owner", **about)
    [(identity, _)] = await browser.invitations.of("sunrise")
    token = {"x-csrf-token": await browser.csrf()}
    people, terms = "/console/sunrise/people", {"role": "human_agent", "capacity": "5"}

    withdrawn = await browser.post(f"{people}/invited/{identity}/withdraw", token)
    await browser.post(f"{people}/invite", token, email="zoya@sunrise.example", **terms)

    assert 403 == withdrawn.status_code
    assert "owner" == (await browser.invitations.read(link)).role


async def test_inviting_tells_its_mistakes_in_the_form(browser):
    """No address, somebody who is here, a role beyond one's own: told where it was written."""
    await browser.join(role="supervisor")
    token = {"X-CSRF-Token": await browser.csrf(), **HTMX}
    terms = {"skills": "", "capacity": "4"}
    for email, role, why in (
        ("nobody", "human_agent", "not an e-mail address"),
        ("asha@sunrise.example", "human_agent", "is here already"),
        ("leo@sunrise.example", "owner", "needs the role owner"),
        ("leo@sunrise.example", "king", "Choose a role"),
    ):
        told = await browser.post("/console/sunrise/people/invite", token, email=email, role=role, **terms)
        assert (422, True) == (told.status_code, why in told.text), why


async def test_a_new_password_signs_other_browsers_out(browsers):
    """The old one must be known; afterwards this browser alone is still in."""
    here, there = browsers(), browsers()
    await here.own()
    await there.post("/console/sign-in", email="mira@agency.example", password=PASSWORD)
    token = {"X-CSRF-Token": await here.csrf()}
    path = "/console/sunrise/profile/password"
    refused = await here.post(path, token, present="wrong", new="another phrase")
    weak = await here.post(path, token, present=PASSWORD, new="short")
    done = await here.post(path, token, present=PASSWORD, new="another phrase")

    assert (422, 422, 303) == (refused.status_code, weak.status_code, done.status_code)
    assert 200 == (await here.get("/console/sunrise/profile")).status_code
    assert 303 == (await there.get("/console/sunrise/profile")).status_code


async def test_signing_out_is_for_good(browser):
    """The session is over on our side too, whatever the browser keeps."""
    await browser.own()
    kept = browser.http.cookies["frontdesk"]
    out = await browser.post("/console/sign-out", csrf=await browser.csrf())
    browser.http.cookies.set("frontdesk", kept)

    assert "/console/sign-in" == out.headers["location"]
    assert 303 == (await browser.get("/console/sunrise/profile")).status_code


async def test_presence_is_what_somebody_says_and_their_console_shows(browser, house):
    """The beat answers with it, and the business knows it with the time it was seen."""
    await browser.own()
    token = {"X-CSRF-Token": await browser.csrf()}
    said = await browser.post("/console/sunrise/presence", token, presence="away")
    beat = await browser.post("/console/sunrise/presence/beat", token)
    odd = await browser.post("/console/sunrise/presence", token, presence="asleep")

    assert ("away", "away", 422) == (said.json()["presence"], beat.json()["presence"], odd.status_code)


async def test_a_form_that_is_too_large_is_refused(browser):
    """What no person types is not read to its end."""
    await browser.own()
    answer = await browser.post("/console/sunrise/profile/name", name="x" * 300_000)
    assert 413 == answer.status_code


async def test_a_page_names_its_files_by_what_they_hold(browser):
    """What is under today's name is kept for a year; under another it is asked for again."""
    page = (await browser.get("/console/sign-in")).text
    path = re.search(r'href="(/console/static/\w+/frame.css)"', page)[1]
    now, then = await browser.get(path), await browser.get("/console/static/older/frame.css")

    assert "immutable" in now.headers["cache-control"]
    assert "no-cache" == then.headers["cache-control"]
    assert now.text == then.text
    assert 404 == (await browser.get("/console/static/older/people.py")).status_code
