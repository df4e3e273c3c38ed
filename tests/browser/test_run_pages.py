"""People follow runs in the console, decide what they ask, and take them in hand."""

import re

import pytest_asyncio
from house import LAB_FILE
from msgspec.structs import replace
from playwright.async_api import expect

from shared.config.validate import validate
from shared.desk.commit import as_data, head_path
from shared.desk.runs.alarms import due_now
from shared.desk.runs.start import Wanted, created, prepared, start_run
from shared.desk.runs.view import find_run
from shared.domain.conversation import Head
from shared.domain.customers import Customer, terms_of
from shared.domain.instants import stamp
from shared.ports import Put
from tests.browser.signed_in import DESK, TENANT, console_on

WORKFLOWS = """workflows:
  refund:
    description: Pays back what was paid for a test that could not be made.
    nodes:
      - id: amount
        set: {rupees: input.rupees, big: "input.rupees > `1000`"}
      - id: may_it
        condition: amount.big
        approval:
          question: "Pay {{ input.rupees }} rupees back to {{ input.name }}?"
          role: supervisor
          timeout: 2d
      - id: bank
        wait: {signal: paid_back, timeout: 5d}
      - id: book_it
        set: {reference: bank.reference}
      - id: over
        finish: {status: paid}
    edges:
      - {from: amount, to: may_it}
      - {from: amount, to: bank, condition: "output.big == `false`"}
      - {from: may_it, to: bank, condition: output.approved}
      - {from: bank, to: book_it}
      - {from: book_it, to: over}
"""


def with_workflows(text):
    """The lab's file with these in place of its own."""
    return re.sub(r"^workflows:.*\n(  .*\n)+", lambda _: WORKFLOWS, text, flags=re.MULTILINE)


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path, visit):
    """A business with a workflow, and a customer whose conversation it may be about."""
    async with console_on(tmp_path, visit, with_workflows) as one:
        services = await one.house.process.services()
        at = stamp(services.ports.clock.now())
        head = Head(desk=DESK, channel="webchat", account=DESK, contact="c", customer="c1", last_at=at)
        sunita = Customer(id="c1", name="Sunita Rao")
        await services.tenant(TENANT).commit(
            [
                Put(head_path("talk"), as_data(head)),
                Put("customers/c1", as_data(replace(sunita, terms=terms_of(sunita)))),
            ]
        )
        yield one


async def begun(console, rupees, **more):
    """The id of a run that was begun."""
    services = await console.house.process.services()
    wanted = Wanted(workflow="refund", input={"rupees": rupees, "name": "Sunita"}, **more)
    return (await start_run(services, TENANT, DESK, wanted)).id


async def published(console, workflows):
    """The desk publishes these workflows in place of its own."""
    services = await console.house.process.services()
    text = (console.folder / LAB_FILE).read_text("utf-8").replace(WORKFLOWS, workflows)
    validated = validate(text)
    assert () == validated.problems
    await services.versions.publish_text(
        validated, text=text, origin="file", by="test", file=LAB_FILE, overwrite=True
    )


async def test_a_decision_is_asked_told_and_made(console):
    """Whoever may decide hears it from the bell and decides with a note; others see who may."""
    agent, boss = await console.enter("Asha", "human_agent"), await console.enter("Bela")
    await boss.goto(console.at("/runs"))
    await expect(boss.get_by_text("No runs yet")).to_be_visible()
    await agent.goto(console.at("/runs"))

    run = await begun(console, 4000, conversation="talk", customer="c1")
    await expect(boss.get_by_role("link", name="Pay 4000 rupees back to Sunita?")).to_be_visible()
    await expect(agent.get_by_text("For a supervisor to decide")).to_be_visible()
    await boss.get_by_label("Notices: 1 new").click()
    await boss.get_by_role("link", name="A decision waits for you").click()
    await boss.wait_for_url(console.at(f"/runs/{run}"))
    await expect(boss.get_by_role("region", name="A decision")).to_contain_text(
        "Rule: step may_it of the workflow is an approval; silence refuses at"
    )
    await boss.get_by_role("button", name="Approve").click()
    await expect(boss.get_by_role("dialog")).to_contain_text("Rule: step may_it of the workflow")
    await boss.get_by_label("A note").fill("Paid twice")
    await boss.get_by_role("dialog").get_by_role("button", name="Approve").click()

    await expect(boss.locator("#run-body")).to_contain_text("The signal “paid_back”")
    await expect(agent.get_by_text("Waiting for a decision")).to_be_hidden()
    services = await console.house.process.services()
    assert (await find_run(services.tenant(TENANT), run)).waits[0].name == "paid_back"


async def test_a_run_is_paused_told_and_taken_back(console):
    """Its page is true by itself: it pauses, goes on, takes a signal, and once over goes on from a step."""
    run = await begun(console, 200)
    page = await console.enter("Bela")
    await page.goto(console.at(f"/runs/{run}"))

    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    await expect(page.get_by_text("Ends by itself")).to_be_visible()
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_text("Ends by itself")).to_be_hidden()
    await expect(page.get_by_text("Waiting", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Signal").click()
    await expect(page.get_by_label("Signal", exact=True)).to_have_value("paid_back")
    await page.get_by_label("What it carries").fill('{"reference": "B-17"}')
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Done", exact=True)).to_be_visible()
    await page.get_by_role("link", name="Book it: works values out, done").click()
    await page.locator("#step-book_it summary").click()
    await expect(page.locator("#step-book_it")).to_contain_text("B-17")

    await page.get_by_role("button", name="Go on from a step").click()
    await page.get_by_label("From").select_option("bank")
    await page.get_by_role("dialog").get_by_role("button", name="Go on").click()

    await expect(page.get_by_text("Waiting", exact=True)).to_be_visible()
    await expect(page.locator("#run-body")).to_contain_text("The signal “paid_back”")


async def test_the_page_of_a_run_opens_however_much_it_was_given(console):
    """The beginning of it is shown, before the run has begun and after, and also where its file is lost."""
    services = await console.house.process.services()
    wanted = Wanted(workflow="refund", input={"rupees": 200, "name": "Sunita", "rows": ["x" * 99] * 9_000})
    going, lost = [await prepared(services, TENANT, DESK, wanted) for _ in "ab"]
    await services.ports.blobs.delete(lost.seed_at)
    for run in (going, lost):
        due = due_now(TENANT, run.id, nth=0)
        await created(services, services.tenant(TENANT), run, [due], [])
    page = await console.enter("Bela")
    await page.goto(console.at(f"/runs/{going.id}"))
    await expect(page.get_by_text("The signal “paid_back”")).to_be_visible()
    await page.get_by_text("What it was given").click()
    await expect(page.locator("#given")).to_contain_text('"rupees": 200')
    assert len(await page.content()) < 100_000

    await page.goto(console.at(f"/runs/{lost.id}"))
    await expect(page.get_by_text("Set aside", exact=True)).to_be_visible()
    await expect(page.get_by_role("alert")).to_contain_text("begin a new one")


async def test_a_failed_run_says_where_how_and_what_to_do_next(console):
    """Its page names the step, whether it may pass, and buttons that are there for whoever looks."""
    await published(console, WORKFLOWS.replace("{rupees: input.rupees", "{rupees: length(input.absent)"))
    run = await begun(console, 200)
    agent, boss = await console.enter("Asha", "human_agent"), await console.enter("Bela")
    told = {page: page.get_by_role("alert") for page in (agent, boss)}
    for page, alert in told.items():
        await page.goto(console.at(f"/runs/{run}"))
        await expect(alert).to_contain_text("Step Amount failed for good")

    await expect(told[agent]).to_contain_text("Next: ask a supervisor for Go on from a step")
    await expect(agent.get_by_role("button", name="Go on from a step")).to_have_count(0)
    await expect(told[boss]).to_contain_text("Next: Go on from a step")
    await expect(boss.get_by_role("button", name="Go on from a step")).to_be_visible()
    await boss.get_by_role("button", name="Fork").click()
    await boss.get_by_role("dialog").get_by_role("button", name="Fork").click()
    await expect(boss.get_by_text("This is the fork")).to_be_visible()


async def test_runs_are_sought_and_cancelled(console):
    """The list is sifted by state and customer; a run that is cancelled says so wherever it is shown."""
    mine, other = await begun(console, 200, conversation="talk", customer="c1"), await begun(console, 300)
    page = await console.enter("Asha", "human_agent")
    await page.goto(console.at("/runs"))
    await expect(page.locator(f"#run-{other}")).to_be_visible()

    await page.get_by_label("Search by customer").fill("sunita")
    await page.keyboard.press("Enter")
    await expect(page.locator(f"#run-{other}")).to_have_count(0)
    await page.locator(f"#run-{mine} a").first.click()
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()
    await expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()

    await page.goto(console.at("/runs?status=cancelled"))
    await expect(page.locator(f"#run-{mine}")).to_be_visible()
    await page.goto(console.at("/runs?status=failed"))
    await expect(page.get_by_text("No such runs")).to_be_visible()


async def test_a_workflow_is_looked_at_and_begun_by_hand(console):
    """Its page draws it, and asks for what its steps read; the run's page opens, begun by who asked."""
    page = await console.enter("Asha", "human_agent")
    await page.goto(console.at("/workflows"))
    await page.get_by_role("link", name="Refund", exact=True).click()
    await expect(page.get_by_role("img", name="May it: a person decides")).to_be_visible()

    await page.get_by_role("button", name="Start").click()
    await page.get_by_label("Rupees").fill("250")
    await page.get_by_role("dialog").get_by_role("button", name="Start").click()

    await expect(page.locator("#run-body")).to_contain_text("The signal “paid_back”")
    await expect(page.locator("#run-body")).to_contain_text("by Asha")


async def test_runs_under_way_are_moved_to_a_changed_version(console):
    """What a changed version means for each is told before; a run that is moved goes on there."""
    run = await begun(console, 200, conversation="talk", customer="c1")
    page = await console.enter("Bela")
    await page.goto(console.at(f"/runs/{run}"))
    await expect(page.locator("#run-body")).to_contain_text("The signal “paid_back”")
    await published(console, WORKFLOWS.replace("book_it", "write_it_down"))

    await page.goto(console.at(f"/workflows/{DESK}~refund"))
    await page.get_by_role("link", name="Move runs to version 2").click()
    await expect(page.get_by_text("would wait on at bank")).to_be_visible()
    await page.get_by_role("button", name="Move those chosen").click()

    await expect(page.get_by_text("Nothing to move")).to_be_visible()
    await page.goto(console.at(f"/runs/{run}"))
    await expect(page.get_by_text("refund, version 2")).to_be_visible()
    await expect(page.get_by_text("Write it down", exact=True)).to_be_visible()


async def test_a_conversation_shows_its_runs_and_begins_one(console):
    """The customer's card lists them with what they wait for; one is begun and called off from there."""
    page = await console.enter("Asha", "human_agent")
    await page.goto(console.at("/inbox/talk?view=all"))
    card = page.locator("#card-runs")
    await card.get_by_role("button", name="Start a workflow").click()
    await page.get_by_role("button", name="Start Refund").click()
    await page.get_by_label("Rupees").fill("90")
    await page.get_by_role("dialog").get_by_role("button", name="Start", exact=True).click()
    await page.wait_for_url("**/runs/*")
    await expect(page.get_by_role("link", name="Sunita Rao")).to_be_visible()

    await page.get_by_role("link", name="The conversation").click()
    await expect(card).to_contain_text("The signal “paid_back”")
    await card.get_by_role("button", name="Cancel").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()

    await expect(card).to_contain_text("Cancelled")
