"""The processes that come along go their ways: an order, a new account, and news that must be heard."""

import pytest

from shared.config.nodes import plain
from shared.config.read import read
from shared.desk.runs.signal import decide_approval, signal
from shared.domain.colleagues import Actor
from tests.house.tree import ROOT
from tests.unit.outreach.conftest import Speaking, front
from tests.unit.runs.flow import Flow

__all__ = ["front"]
OWNER = Actor(id="meera", name="Meera", role="owner")
ORDER = {"event": {"what": "customer.event", "order": "A17", "items": "two biryanis", "account": "K9"}}
SERVED = "placed preparing being_made out on_its_way delivered eaten feedback rating"
ACTIVE = "verified activated first_use"


@pytest.fixture
async def flow(front: Speaking) -> Flow:
    """A desk with the processes, whose customer has just written."""
    flow = Flow(front)
    names = ("order", "onboarding", "communication")
    files = {name: ROOT / "configs" / "bases" / "workflows" / f"{name}.yaml" for name in names}
    front.written["tools"] = {"create_ticket": {}}
    roots = {name: read(file.read_bytes(), file.name).root for name, file in files.items()}
    await flow.publish(**{name: plain(root) for name, root in roots.items() if root})
    await front.wrote()
    return flow


async def go(flow: Flow, workflow: str, *happens: object) -> list[str]:
    """The steps a run did, told one thing after the other: a signal's name, True or False for what a person
    decides, an instant of silence that ends its first wait, or what the customer writes.
    """
    run = await flow.go(workflow, conversation=flow.front.conversation, input=ORDER)
    for one in happens:
        if one == "silence":
            await flow.wait_out(run.id)
        elif isinstance(one, bool):
            (step,) = [wait.node for wait in (await flow.run(run.id)).waits if wait.kind == "approval"]
            await decide_approval(flow.services, "acme", run.id, step, approved=one, by=OWNER)
            await flow.advance(run.id)
        elif "_" in str(one):
            await signal(flow.services, "acme", run.id, str(one), {})
            await flow.advance(run.id)
        else:
            await flow.front.wrote(str(one))
            await flow.advance(run.id, seq=(await flow.front.head()).last)
    over = await flow.run(run.id)
    assert ("completed", "") == (over.status, over.error), over.waits
    return [entry.node for entry in over.trace]


@pytest.mark.parametrize(
    ("happens", "steps"),
    [
        (
            ("order_preparing", "order_out", "order_delivered", "silence", "5"),
            f"{SERVED} thanks outcome",
        ),
        (
            ("order_preparing", "order_out", "order_delivered", "silence", "2"),
            f"{SERVED} put_right thanks outcome",
        ),
        (  # begun after people were told that it was not
            ("silence", "order_preparing", "order_out", "order_delivered", "silence", "5"),
            f"{SERVED} kitchen_late begun_late thanks outcome",
        ),
        (("silence", "silence"), "placed preparing kitchen_late begun_late outcome"),  # nobody began it
        (  # found after people looked for it
            ("order_preparing", "order_out", "silence", "order_delivered", "silence", "4"),
            f"{SERVED} look_for_it delivered_late thanks outcome",
        ),
        (
            ("order_preparing", "silence", "silence"),
            "placed preparing being_made out look_for_it delivered_late outcome",
        ),
    ],
)
async def test_an_order_is_told_of_and_watched(flow, happens, steps):
    """Each stage is told to the customer, one that is late to people, and a bad rating too."""
    assert sorted(steps.split()) == sorted(await go(flow, "order", *happens))
    tickets = {"kitchen_late", "look_for_it", "put_right"} & set(steps.split())
    assert len(tickets) == len(await flow.front.documents("tickets"))


@pytest.mark.parametrize(
    ("happens", "steps"),
    [
        (
            ("details_complete", True, "first_use", "silence"),
            f"welcome details {ACTIVE} two_weeks how_is_it outcome",
        ),
        (
            ("silence", "details_complete", True, "silence", "silence"),
            f"welcome details ask_again details_later {ACTIVE} nudge two_weeks how_is_it outcome",
        ),
        (("details_complete", False), "welcome details verified not_yet outcome"),
        (("silence", "silence"), "welcome details ask_again details_later not_yet outcome"),
    ],
)
async def test_an_account_is_collected_verified_activated_and_watched(flow, happens, steps):
    """What is missing is asked for again, a person decides, and who does not use it is helped."""
    assert steps.split() == await go(flow, "onboarding", *happens)


@pytest.mark.parametrize(
    ("happens", "steps"),
    [
        (("Thanks!", "notice_seen"), "notify reply seen outcome"),
        (
            ("silence", "silence", "silence", "silence", True),
            "notify reply seen again later_reply later_seen escalate resolved outcome",
        ),
        (  # seen when it was told again: nobody is called
            ("silence", "silence", "notice_seen", "silence"),
            "notify reply seen again later_reply later_seen outcome",
        ),
    ],
)
async def test_news_is_told_twice_and_then_left_to_people(flow, happens, steps):
    """Who neither answers nor is known to have seen it is called by a person, who says whether they know."""
    assert sorted(steps.split()) == sorted(await go(flow, "communication", *happens))
