"""Colleagues see calls in the console: they listen, join, hand back and end, on a real LiveKit server."""

import re
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect

from shared.desk.calls.acting import ask_person
from shared.desk.calls.begin import Ringing, begin
from shared.desk.calls.call_list import planned_calls
from shared.desk.calls.document import find_call, transition_write
from shared.desk.calls.end import end
from shared.desk.calls.spoken import heard, said
from shared.desk.commit import as_data, head_path, read_head
from shared.domain.calls import AgentTransition, Figures
from shared.domain.colleagues import Colleague
from shared.domain.effects import HandOver
from shared.domain.instants import stamp
from shared.ports import Put
from tests.browser.calling import address, answered, become, calls_on, talking_browser
from tests.browser.on_the_line import until
from tests.browser.pages import Visitor
from tests.browser.signed_in import DESK, TENANT
from tests.livekit_server import livekit

__all__ = ["livekit"]
pytestmark = pytest.mark.livekit


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def microphones(tmp_path_factory):
    """A browser with a microphone, for callers and colleagues."""
    async with talking_browser(tmp_path_factory.mktemp("voices")) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit, livekit, microphones):
    """A business that is called, whose people have microphones."""
    contexts = []

    async def with_microphone(at=None, browser=microphones, **profile):
        contexts.append(await browser.new_context(**profile))
        return Visitor(await contexts[-1].new_page(), at.address if at else "")

    async with calls_on(tmp_path, visit, livekit) as one:
        one.visit = with_microphone
        yield one
        for context in contexts:
            await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def caller(console):
    """Somebody who calls."""
    page = (await console.visit()).page
    await page.goto(address(console))
    await page.get_by_role("button", name="Call").click()
    return page


async def head_of(console, call):
    """The head of a call's conversation now."""
    services = await console.house.process.services()
    return read_head(await services.tenant(TENANT).get(head_path(call.conversation)))


async def at_the_call(console, call, name, role="supervisor", **profile):
    """A colleague before the conversation of a call."""
    page = await console.enter(name, role, **profile)
    await page.goto(console.at(f"/inbox/{call.conversation}?view=all"))
    await expect(page.get_by_label("The call", exact=True)).to_be_visible()
    return page


async def test_a_colleague_listens_unseen_joins_hands_back_and_ends(console, caller, livekit):
    """Nobody notices who listens. Who joins has the conversation, is heard, and mutes; handed back, their
    microphone is off the line; ended, the caller is told and the console shows what became of it.
    """
    async with answered(console, livekit) as (call, agent):
        await agent.say("Namaste.")
        page = await at_the_call(console, call, "Asha")
        panel = page.get_by_label("The call", exact=True)
        await expect(panel).to_contain_text("The desk speaks")
        await expect(page.locator(".foot")).to_contain_text("What you write is spoken to the caller")
        await panel.get_by_role("button", name="Listen").click()
        await expect(panel.get_by_role("status")).to_have_text("You listen. Nobody on the call knows.")
        await until(lambda: set(agent.room.remote_participants) == {"caller"})

        await panel.get_by_role("button", name="Join the call").click()
        await expect(panel.get_by_role("status")).to_contain_text("You speak with the caller")
        await until(lambda: "person-asha" in agent.room.remote_participants)
        await expect(caller.locator(".standing")).to_have_text("Asha is here")
        assert ("human_active", "asha") == ((head := await head_of(console, call)).state, head.assignee)
        await panel.get_by_role("button", name="Mute").click()
        await expect(panel.get_by_role("status")).to_have_text("You are muted.")

        await page.keyboard.press("h")
        await page.get_by_label("What happened").fill("Booked for nine.")
        await page.locator("#act").get_by_role("button", name="Hand back").click()
        await expect(panel.get_by_role("status")).to_contain_text("your microphone is off the line")
        await until(lambda: "person-asha" not in agent.room.remote_participants)

        await panel.get_by_role("button", name="End call").click()
        await page.get_by_role("button", name="End the call").click()
        await expect(caller.get_by_text("The call has ended")).to_be_visible(timeout=15_000)
        services = await console.house.process.services()
        await end(services, services.tenant(TENANT), call.id, outcome="completed")
    await expect(page.locator(".on-call.over")).to_contain_text("Completed")
    await expect(page.locator(".foot")).to_contain_text("The call is over")


async def test_who_looks_elsewhere_keeps_the_line(console, caller, livekit):
    """On another conversation the line stays with a way back to it."""
    async with answered(console, livekit) as (call, agent):
        services = await console.house.process.services()
        await past_call(services, "other", "+919800000001", "completed")
        page = await at_the_call(console, call, "Asha")
        await page.get_by_role("button", name="Join the call").click()
        await until(lambda: "person-asha" in agent.room.remote_participants)
        await page.locator(".row", has_text="Leela").click()
        back = page.get_by_role("link", name="On the line with Visitor")
        await expect(back).to_be_visible()
        assert "person-asha" in agent.room.remote_participants
        await back.click()
        await expect(page.get_by_role("button", name="Leave the line")).to_be_visible()
        await expect(back).to_be_hidden()
        assert "Visitor" in await page.locator(".talk-who").inner_text()
    assert caller


async def test_a_colleague_who_cannot_join_is_told_why(console, caller, livekit, tmp_path):
    """Without a microphone nothing is taken; another's call stays theirs; one that ended says so."""
    async with answered(console, livekit) as (call, agent):
        async with talking_browser(tmp_path, allowed=False) as mute:
            dumb = await at_the_call(console, call, "Dev", browser=mute)
            await dumb.get_by_role("button", name="Join the call").click()
            await expect(dumb.locator("#toasts")).to_contain_text("The microphone is not allowed")
            assert "" == (await head_of(console, call)).assignee

        asha = await at_the_call(console, call, "Asha")
        ben = await at_the_call(console, call, "Ben", "human_agent")
        await asha.get_by_role("button", name="Join the call").click()
        await until(lambda: "person-asha" in agent.room.remote_participants)
        await ben.get_by_role("button", name="Join the call").click()
        await expect(ben.locator("#toasts")).to_contain_text("Asha has this conversation")
        assert "person-ben" not in agent.room.remote_participants

        await ben.route("**/inbox/events*", lambda route: route.abort())
        await ben.reload()
        services = await console.house.process.services()
        await end(services, services.tenant(TENANT), call.id, outcome="completed")
        await ben.get_by_role("button", name="Listen").click()
        await expect(ben.locator("#toasts")).to_contain_text("The call has ended meanwhile")
    assert caller


async def test_the_bell_rings_for_a_caller_who_waits(console, caller, livekit):
    """A hand-over from a live call is told as such, leads to it, and falls silent when somebody came."""
    async with answered(console, livekit) as (call, _):
        services = await console.house.process.services()
        ravi = Colleague(id="asha", name="Asha", role="supervisor", skills=("customer_support",))
        await services.tenant(TENANT).commit([Put("colleagues/asha", as_data(ravi))])
        asha, ben = await console.enter("Asha"), await console.enter("Ben")
        for page in (asha, ben):
            await page.goto(console.at("/tickets"))
        published = await services.versions.published(DESK)
        wanted = HandOver(reason="wants_human", type="human_agent")
        await ask_person(services, services.tenant(TENANT), call, published.config, wanted)
        rings = asha.get_by_role("alert", name=re.compile("on the line"))
        await expect(rings).to_be_visible(timeout=15_000)
        await rings.get_by_role("link", name="Open the call").click()
        await expect(asha.get_by_label("The call", exact=True)).to_be_visible()
        await become(console, call, state="with_person")
        await expect(ben.get_by_role("alert")).to_be_hidden(timeout=15_000)
    assert caller


async def past_call(services, id_, number, outcome, *, minutes=5, purpose="", figures=None, turns=True):
    """A call that is over, as whoever carried it left it."""
    published, store = await services.versions.published(DESK), services.tenant(TENANT)
    ringing = Ringing(
        id=id_, direction="outbound" if purpose else "inbound", account="+912200000103", contact=number,
        room=f"room-{id_}", name="Leela", purpose=purpose,
    )  # fmt: skip
    call = await begin(services, published, ringing)
    if turns:
        await heard(services, store, call, "1", "How much is a thyroid test?", config=published.config)
        await said(services, store, call, "2", "Six hundred rupees.", config=published.config)
    at = stamp(services.ports.clock.now() - timedelta(minutes=minutes))
    found = await find_call(store, id_)
    kept = {**as_data(found), "started_at": at, **({"answered_at": at} if turns else {})}
    change = AgentTransition(n=1, before="desk", after="billing", at=at, trigger="asked_for_price")
    await store.commit([Put(f"calls/{id_}", kept), transition_write(found, change)])
    return await end(services, store, id_, outcome=outcome, figures=figures)


async def test_calls_that_were_are_listed_sifted_and_told_in_figures(console):
    """By outcome and direction; one opens on its conversation, with how it ended and was."""
    services = await console.house.process.services()
    told = Figures(
        turns=1, interruptions=2, latency_ms={"whole": (820, 1430), "stt": (120, 260)}, money=0.031
    )
    await past_call(services, "c1", "+919800000001", "completed", figures=told)
    await past_call(services, "c2", "+919800000002", "no_answer", purpose="The report is ready", turns=False)
    page = await console.enter("Asha")
    await page.goto(console.at("/calls/past"))
    rows = page.locator(".call-list > li")
    await expect(rows).to_have_count(2)
    await page.get_by_label("Outcome").select_option("no_answer")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("The report is ready")
    await page.get_by_label("Direction").select_option("inbound")
    await expect(page.get_by_text("No such calls")).to_be_visible()
    await page.get_by_role("link", name="All past calls").click()
    await rows.filter(has_text="Completed").get_by_role("link").click()
    over = page.locator(".on-call.over")
    for words in ("Completed", "The desk → billing", "Whole turn", "1430", "2 times", "0.0310 USD"):
        await expect(over).to_contain_text(words)


async def test_the_desk_is_asked_to_call_somebody(console):
    """From the customer's card, with a purpose; a number that is none is refused in the form with the fix."""
    services = await console.house.process.services()
    call = await past_call(services, "c3", "+919800000003", "abandoned")
    page = await console.enter("Asha")
    await page.goto(console.at(f"/inbox/{call.conversation}?view=all"))
    await page.get_by_role("button", name="Let the desk call").click()
    form = page.locator("#act")
    await expect(form.get_by_label("What it is about")).to_be_focused()
    await expect(form.get_by_label("Number")).to_have_value("+919800000003")
    await form.get_by_label("Number").fill("12")
    await form.get_by_label("What it is about").fill("We were cut off")
    await form.get_by_role("button", name="Call", exact=True).click()
    await expect(form.get_by_role("alert")).to_contain_text("is no telephone number")
    await expect(form.get_by_label("Number")).to_be_focused()
    await form.get_by_label("Number").fill("+919800000003")
    await form.get_by_role("button", name="Call", exact=True).click()
    await expect(page.locator("#toasts")).to_contain_text("Leela")
    planned = (await planned_calls(services.tenant(TENANT))).items
    told = [(one.number, one.purpose, one.by) for one in planned]
    assert [("+919800000003", "We were cut off", "asha")] == told

    await page.goto(console.at("/calls/planned"))
    await expect(page.locator(".call-list > li")).to_contain_text("We were cut off")
