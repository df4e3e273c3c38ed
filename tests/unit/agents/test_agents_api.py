"""Agents over REST: found, shown with their health and history, and only to who may see them."""

from datetime import timedelta

import httpx
import pytest

from shared import bootstrap, sites
from shared.agents import registry
from shared.agents.shape import Means
from shared.backends.embedded import open as embedded
from shared.config.settings import read_settings
from shared.knowledge.index import KnowledgeIndex
from tests.unit.desk.front import Front, MovedClock

AGENTS = {"greeter": {"description": "Greets.", "capabilities": ["greeting"], "cost_tier": "medium"}}


@pytest.fixture
async def office(tmp_path, monkeypatch):
    """A desk with an agent of its own; the offline model thinks."""
    clock = MovedClock()
    monkeypatch.setattr(embedded, "EmbeddedClock", lambda: clock)
    told = {"FRONTDESK_DATA": str(tmp_path)}
    process = bootstrap.Process(read_settings(told), told)
    front = Front(await process.services(), clock)
    front.process = process
    await front.publish(agents=AGENTS)
    yield front
    await process.close()


@pytest.fixture
async def api(office):
    """A client on this machine, in the office's business."""
    transport = httpx.ASGITransport(await office.process.site(sites.api), client=("127.0.0.1", 5000))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1/api/v1", params={"tenant": "acme"}
    ) as client:
        yield client


async def ran(office, name, task="Say hello"):
    now = office.clock.now()
    means = Means(
        store=office.store,
        clock=office.clock,
        models=office.services.models,
        tools=office.services.tools,
        config=(await office.running()).config,
        knowledge=KnowledgeIndex(),
        run="run-1",
        node="greet",
        now=now,
        expires=now + timedelta(days=90),
    )
    return await registry.run(name, task, {}, means)


async def test_agents_are_listed_as_they_are_found(api):
    """Every field a caller chooses by is there; filters narrow the list."""
    (greeter,) = (await api.get("/agents", params={"capability": "greeting"})).json()["agents"]

    assert {
        "name": "greeter",
        "type": "simple",
        "description": "Greets.",
        "capabilities": ["greeting"],
        "supported_models": ["offline"],
        "default_model": "offline",
        "cost_tier": "medium",
        "avg_latency_ms": 0.0,
        "is_healthy": True,
        "error_rate": 0.0,
    }.items() <= greeter.items()
    by_type = (await api.get("/agents", params={"type": "code", "cost_tier": "high"})).json()["agents"]
    assert ["autonomous_agent"] == [one["name"] for one in by_type]


async def test_the_team_stands_beside_them(office, api):
    """Each member with what it handles, who stands in, and how it fared."""
    team = [
        {"name": "visits", "handles": "booking visits", "intents": ["booking"]},
        {"name": "host", "handles": "anything else", "general": True},
    ]
    await office.publish(agent={"team": team})
    office.clock.move(seconds=5)
    await office.ask("I want to book a visit")
    visits, host = (await api.get("/agents")).json()["team"]

    assert ("visits", "host", 1, True) == (
        visits["name"],
        visits["backup"],
        visits["executions"],
        visits["is_healthy"],
    )
    assert ("host", "", 0) == (host["name"], host["backup"], host["executions"])


async def test_one_agent_is_shown_with_what_it_did(office, api):
    """Its keys, its health, and its executions with goal, result and cost."""
    result = await ran(office, "greeter")
    shown = (await api.get("/agents/greeter")).json()

    assert result.success, result.error
    assert 1 == shown["agent"]["executions"]
    assert "Greets." == shown["spec"]["description"]
    (execution,) = shown["history"]
    assert ("Say hello", True, "run-1") == (execution["goal"], execution["success"], execution["run"])


@pytest.mark.parametrize(
    ("path", "params", "status", "words"),
    [
        ("/agents/greter", {}, 404, "did you mean greeter?"),
        ("/agents", {"of_desk": "back"}, 404, "name one in ?of_desk=: front."),
        ("/agents", {"type": "clever"}, 422, "No such filter"),
        ("/agents/greeter", {"limit": "0"}, 422, "limit is a number"),
    ],
)
async def test_a_refusal_says_what_to_ask(api, path, params, status, words):
    """As problem details."""
    answer = await api.get(path, params=params)

    assert status == answer.status_code
    assert words in answer.json()["detail"]


async def test_who_is_not_signed_in_elsewhere_sees_nothing(office):
    """From another machine a session is asked for: what agents were told is customers' own."""
    transport = httpx.ASGITransport(await office.process.site(sites.api), client=("203.0.113.5", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example/api/v1") as client:
        answer = await client.get("/agents", params={"tenant": "acme"})

    assert answer.status_code in (401, 403)
