"""A supervisor reads in the console what customers were asked and what they said."""

import pytest_asyncio
from playwright.async_api import expect

from shared.desk.commit import as_data, head_path
from shared.domain.conversation import Head
from shared.domain.customers import Customer
from shared.domain.outreach import Asked, Outreach, Saying
from shared.domain.surveys import SurveyAnswer
from shared.ports import Put
from tests.browser.signed_in import DESK, TENANT, console_on

MARK = """
      - {id: mark, text: How was your visit?, type: rating, scale: "1-5", trigger: post_service}
      - {id: more, text: What could we do better?, trigger: post_service}
"""
MARKS = ["5", "4", "5", "3", None, "5", "4", None]
WORDS = [f"The waiting room was cold, {n} times." for n in range(6)]


def with_questions(text):
    """The lab's file with a rating and a free question beside its own."""
    return text.replace("        trigger: post_booking\n", f"        trigger: post_booking{MARK}", 1)


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit):
    """A business that asks its customers, and nobody has answered yet."""
    async with console_on(tmp_path, visit, with_questions) as one:
        yield one


async def asked(console, question, *said):
    """The question went to so many customers, each of whom said this, or nothing."""
    puts = []
    for n, one in enumerate(said):
        at, kept = f"2026-11-20T10:{n:02d}:00.000000Z", {"desk": DESK, "until": "2027-01-01T00:00:00.000000Z"}
        name = f"{question}-{n}"
        made = Outreach(
            id=name, purpose="survey post_service", occasion=name, saying=Saying(text="?"), since=at, due=at,
            give_up=at, created_at=at, state="sent", **kept,
            asks=Asked(question=question, trigger="post_service", about="b"),
        )  # fmt: skip
        puts.append(Put(f"outreach/{name}", as_data(made)))
        if one is not None:
            answer = SurveyAnswer(
                id=name, customer=f"c{n}", conversation=f"talk{n}", trigger="post_service", about="b", at=at,
                question=question, asked="What could we do better?", answer=one,
                mark=int(one) if one.isdecimal() else None, **kept,
            )  # fmt: skip
            puts.append(Put(f"survey_answers/{name}", as_data(answer)))
        head = Head(desk=DESK, channel="webchat", account=DESK, contact=str(n), customer=f"c{n}", last_at=at)
        puts += [
            Put(head_path(f"talk{n}"), as_data(head)),
            Put(f"customers/c{n}", as_data(Customer(id=f"c{n}", name=f"Sunita Rao {n}"))),
        ]
    await (await console.house.process.services()).tenant(TENANT).commit(puts)


async def test_each_question_shows_what_it_came_to_and_leads_to_who_said_it(console):
    """Asked, answered, the mean, how marks fell; words lead to their conversation, all are a click off."""
    await asked(console, "mark", *MARKS)
    await asked(console, "more", *WORDS)
    page = await console.enter("Asha")
    await page.goto(console.at("/surveys"))
    mark = page.get_by_role("region", name="How was your visit?")
    await expect(mark).to_contain_text("8asked")
    await expect(mark).to_contain_text("6 75 %answered")
    await expect(mark).to_contain_text("4.3 of 5mean")
    await expect(mark.get_by_role("row", name="5 3 · 50 %", exact=True)).to_be_visible()
    await expect(mark.get_by_role("row", name="1 0 · 0 %", exact=True)).to_be_visible()

    more = page.get_by_role("region", name="What could we do better?")
    await more.get_by_role("link", name="All 6 answers").click()
    await expect(page.get_by_role("heading", name="What could we do better?")).to_be_visible()
    await expect(page.get_by_text(WORDS[0])).to_be_visible()
    await page.get_by_role("link", name="Sunita Rao 5").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(console.at("/inbox/talk5*"))


async def test_a_desk_whose_questions_have_no_answers_says_so(console):
    """Nobody was asked: the questions stand there, and nothing is made up; agents have no such page."""
    page = await console.enter("Asha")
    await page.goto(console.at("/inbox"))
    await page.keyboard.press("g")
    await page.keyboard.press("v")
    await expect(page.get_by_role("region", name="How was your visit?")).to_contain_text(
        "Nobody was asked yet."
    )
    await page.goto(console.at("/surveys?desk=nowhere"))
    await expect(page.get_by_text("There is no such desk here")).to_be_visible()

    agent = await console.enter("Ben", "human_agent")
    answer = await agent.goto(console.at("/surveys"))
    assert 403 == answer.status
