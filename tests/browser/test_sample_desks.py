"""A visitor chats with each sample desk in a real browser, books a time, and the next one sees it taken."""

import re
import shutil
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from house import ROOT, SECRET, opened
from playwright.async_api import expect

from tests.browser.pages import Visitor
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving


@pytest_asyncio.fixture(
    loop_scope="session", params=["embedded", pytest.param("google", marks=pytest.mark.emulators)]
)
async def desks(request, tmp_path):
    """The whole installation with the sample desks, on each backend; one customer fits in each slot."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    for file in (tmp_path / "configs").rglob("*.yaml"):
        file.write_text(re.sub(r"capacity: \d+", "capacity: 1", file.read_text("utf-8")), "utf-8")
    async with AsyncExitStack() as stack:
        graph = GraphApi(token="t-graph", app_secret=SECRET)
        graph_url = await stack.enter_async_context(serving(graph.app))
        environment = {"FRONTDESK_CONFIGS": str(tmp_path / "configs")}
        if request.param == "google":
            from emulated import google_environment  # noqa: PLC0415  loads Google's clients

            environment |= await stack.enter_async_context(google_environment())
        yield await stack.enter_async_context(opened(tmp_path / "data", graph, graph_url, **environment))


QUESTIONS = (
    ("krishna", "What does a CBC test cost?", "350"),
    ("acme-sales", "How much is the Growth plan?", r"\d"),
    ("saffron", "How much is the lamb biryani?", r"\d"),
)


@pytest.mark.parametrize(("desk", "question", "answer"), QUESTIONS)
async def test_each_sample_desk_answers_from_its_own_knowledge(desks, visit, desk, question, answer):
    """Every sample desk answers a price question with the price it knows."""
    visitor = await (await visit(at=desks)).try_desk(desk)

    reply = await visitor.ask(question)

    assert re.search(answer, reply), reply


BOOKINGS = (
    ("krishna", "krishna-diagnostics", "I want to book a blood test"),
    ("acme-sales", "acme-corp", "I want to book a demo"),
    ("saffron", "saffron-table", "I want to book a table"),
)


async def free_times(visitor: Visitor, wish: str) -> list[str]:
    """Asks for a booking until times are offered; what can be tapped."""
    await visitor.ask(wish)
    for _ in range(4):
        titles = [title.strip() for title in await visitor.chips.all_text_contents()]
        if any(re.search(r"\d:\d\d", title) for title in titles):
            return titles
        await visitor.ask("2" if not titles else titles[0])
    raise AssertionError(f"no times were offered: {await visitor.thread.text_content()}")


async def give_what_is_asked(visitor: Visitor, desks, tenant: str) -> None:
    """Answers the desk's questions until the booking stands."""
    for _ in range(8):
        if await desks.documents("bookings", tenant):
            return
        asked = (await visitor.reply()).lower()
        known = (
            ("name", "Asha Rao"), ("phone", "+919812345678"), ("number", "+919812345678"),
            ("mail", "asha@example.com"), ("many", "2"), ("people", "2"), ("company", "Acme"),
        )  # fmt: skip
        answers = await visitor.answers.count()
        await visitor.say(next((words for key, words in known if key in asked), "yes"))
        await expect(visitor.answers.nth(answers)).to_be_visible(
            timeout=15_000
        )  # a booking is confirmed as well
    assert await desks.documents("bookings", tenant), await visitor.thread.text_content()


@pytest.mark.parametrize(("desk", "tenant", "wish"), BOOKINGS)
async def test_a_time_that_was_booked_is_not_offered_again(desks, visit, desk, tenant, wish):
    """A tapped time is booked once, and the next visitor is not offered it."""
    first = await (await visit(at=desks)).try_desk(desk)
    times = await free_times(first, wish)
    chosen = next(title for title in times if re.search(r"\d:\d\d", title))
    answers = await first.answers.count()
    await first.tap(chosen)
    await expect(first.answers.nth(answers)).to_be_visible(timeout=15_000)
    await give_what_is_asked(first, desks, tenant)

    second = await (await visit(at=desks)).try_desk(desk)
    offered = await free_times(second, wish)

    assert 1 == len(await desks.documents("bookings", tenant))
    assert offered
    assert chosen not in offered
