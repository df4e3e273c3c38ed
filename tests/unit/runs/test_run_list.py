"""Lists of runs cost what they show, however much the runs were given and came to."""

from argparse import Namespace

import pytest

from shared.cli import run_asked as command
from shared.console.run_words import questions
from shared.desk.runs.run_list import count_under_way, runs_of, under_way
from shared.desk.runs.signal import decide_approval, signal_customer
from shared.domain.colleagues import Actor
from tests.unit.runs.flow import Flow

LARGE = ["x" * 100] * 2_000
OWNER = Actor(id="o", name="Olga", role="owner")


@pytest.fixture
async def flow(flow: Flow) -> Flow:
    """Ten runs, each with 600 KB of what it was given and came to; half of them ask a person."""
    copies = {"id": "a", "set": {"all": "input.all"}}
    asks = {"id": "may", "approval": {"question": "Refund?", "timeout": "2d"}}
    await flow.publish(flow=[copies, asks], over=[copies])
    for number in range(10):
        await flow.go("flow" if number % 2 else "over", input={"all": LARGE}, customer="c7")
    return flow


@pytest.fixture
def read(flow: Flow, monkeypatch) -> list[int]:
    """The characters of every page of documents that is read from now on."""
    sizes: list[int] = []
    kind = type(flow.services.ports.store)
    query = kind.query

    async def counted(self, collection, asked):
        page = await query(self, collection, asked)
        sizes.append(sum(len(str(document.data)) for document in page.documents))
        return page

    monkeypatch.setattr(kind, "query", counted)
    return sizes


async def test_a_list_of_runs_reads_none_of_what_they_were_given_and_came_to(flow, read):
    """Whatever is looked for, in whatever state: a page is a few KB."""
    store = flow.front.store
    page = await runs_of(store, limit=6)
    asking = await runs_of(store, asking=True)
    rest = await runs_of(store, limit=6, cursor=page.cursor)
    going = await under_way(store, "front", "flow", most=50)
    counted, _ = await count_under_way(store, "front", "flow", most=50)

    assert (6, 4, 5, 5, {1: 5}) == (
        len(page.runs),
        len(rest.runs),
        len(asking.runs),
        len(going),
        dict(counted),
    )
    assert ["Refund?"] * 5 == [run.waits[0].question for run in asking.runs]
    assert 0 < max(read) < 20_000


async def test_people_and_systems_list_runs_as_cheaply(flow, read, capsys):
    """The command line prints them, a customer's runs are told, and what was decided asks no more."""
    await command._list(flow.services, Namespace(tenant="acme", limit=10, **dict.fromkeys(_FILTERS)))
    told = await signal_customer(flow.services, "acme", "c7", "paid")
    assert (5, 10) == (len(told), capsys.readouterr().out.count("front~"))
    (first, *_) = (await runs_of(flow.front.store, asking=True)).runs
    await decide_approval(flow.services, "acme", first.id, "may", approved=True, by=OWNER)
    decided = {run.id: run for run in (await runs_of(flow.front.store, asking=True)).runs}[first.id]

    assert [] == questions(decided)
    assert 0 < max(read) < 20_000


_FILTERS = ("status", "desk", "workflow", "conversation", "customer")
