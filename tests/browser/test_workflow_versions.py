"""People see what each version of a workflow came to, compare two, and share new runs among them."""

from playwright.async_api import expect

from shared.domain.runs import Run, as_document, run_path
from shared.ports import Put
from tests.browser.signed_in import DESK, TENANT
from tests.browser.test_run_pages import WORKFLOWS, console, published  # noqa: F401

AT = f"/workflows/{DESK}~refund"


async def ran(console, version, *, done, failed, cancelled=0, at="2026-11-20T10:00:00.000000Z"):  # noqa: F811
    """So many runs of a version came to their end, failed, or were cancelled by people."""
    states = ["completed"] * done + ["failed"] * failed + ["cancelled"] * cancelled
    puts = []
    for n, state in enumerate(states):
        run = Run(
            id=f"run-{version}-{at}-{n}", desk=DESK, workflow="refund", version=version, status=state,
            created_at=at, updated_at=at, ended_at=at, money=0.01,
        )  # fmt: skip
        puts.append(Put(run_path(run.id), as_document(run)))
    await (await console.house.process.services()).tenant(TENANT).commit(puts)


async def two_versions(console):  # noqa: F811
    """The desk has published its workflow twice."""
    services = await console.house.process.services()
    await services.definitions.current(await services.versions.published(DESK), "refund")
    await published(console, WORKFLOWS.replace("> `1000`", "> `2000`"))
    await services.definitions.current(await services.versions.published(DESK), "refund")


async def test_versions_tell_who_published_them_what_they_came_to_and_what_changed(console):  # noqa: F811
    """Each has its runs and the range in which its share lies; two are compared by value and by line."""
    await two_versions(console)
    await ran(console, 1, done=18, failed=2, cancelled=1)
    page = await console.enter("Asha", "human_agent")
    await page.goto(console.at(AT))
    await page.get_by_role("link", name="What each came to").click()
    first = page.get_by_role("row", name="18 of 20")
    await expect(first).to_contain_text("2 failed, 1 cancelled")
    await expect(first.get_by_role("img", name="90 %, somewhere from 70 % to 97 %")).to_be_visible()
    second = page.get_by_role("row", name="none over yet")
    await expect(second).to_contain_text("test")
    await expect(page.get_by_role("heading", name="All new runs")).to_have_count(0)  # a supervisor's

    await second.get_by_role("link", name="What changed in version 2").click()
    await expect(page.get_by_role("row", name="nodes[0].set.big")).to_contain_text("input.rupees > `2000`")
    await page.get_by_label("From version").select_option("2")
    await page.get_by_role("button", name="Compare").click()
    await expect(page.get_by_text("Nothing differs.")).to_be_visible()
    await page.goto(console.at(f"{AT}/difference?before=9"))
    await expect(page.get_by_text("This workflow has no version 9.")).to_be_visible()


async def test_new_runs_are_shared_and_each_side_is_judged_as_far_as_can_be_told(console):  # noqa: F811
    """Shares are given, changed and ended; a few runs prove nothing, many do."""
    await two_versions(console)
    page = await console.enter("Bela")
    await page.goto(console.at(f"{AT}/versions"))
    await page.get_by_label("Share of version 1").fill("150")
    await page.get_by_label("Share of version 2").fill("75")
    await page.locator(".shares").evaluate("form => { form.noValidate = true; }")
    await page.get_by_role("button", name="Share new runs").click()
    await expect(page.get_by_text("A share is a number from 0 to 100; version 1 has '150'.")).to_be_visible()
    await page.goto(console.at(f"{AT}/versions"))
    await page.get_by_label("Share of version 1").fill("25")
    await page.get_by_label("Share of version 2").fill("75")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Of new runs, 25 % version 1 and 75 % version 2")).to_be_visible()

    later = "2099-01-01T00:00:00.000000Z"
    await ran(console, 1, done=6, failed=4, at=later)
    await ran(console, 2, done=8, failed=2, at=later)
    await page.goto(console.at(f"{AT}/versions"))
    await expect(page.get_by_text("It cannot be told yet which does better")).to_be_visible()
    more = "2099-01-02T00:00:00.000000Z"
    await ran(console, 1, done=40, failed=40, at=more)
    await ran(console, 2, done=76, failed=4, at=more)
    await page.goto(console.at(f"{AT}/versions"))
    await expect(page.get_by_text("More runs of version 2 come to their end")).to_be_visible()

    await page.get_by_role("button", name="End the split").click()
    await expect(page.get_by_text("New runs get version 2, the desk's.")).to_be_visible()
    await expect(page.get_by_role("heading", name="All new runs get version 2")).to_be_visible()
