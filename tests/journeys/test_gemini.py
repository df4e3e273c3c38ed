"""With a key, Gemini answers; what Google refuses is told to people, never to customers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from gemini_rule import front_desk
from house import SECRET, House, opened, until

from tests.standins.gemini import GeminiServer
from tests.standins.graph_api import GraphApi
from tests.standins.model_server import Step
from tests.standins.serving import serving


@pytest.fixture
async def gemini() -> AsyncIterator[GeminiServer]:
    """Google's side."""
    with GeminiServer(rule=front_desk) as server:
        yield server


@pytest.fixture
async def keyed(gemini: GeminiServer, tmp_path: Path) -> AsyncIterator[House]:
    """An installation with a key for Gemini."""
    async with AsyncExitStack() as stack:
        graph = GraphApi(token="t-graph", app_secret=SECRET)
        url = await stack.enter_async_context(serving(graph.app))
        environment = {"GEMINI_API_KEY": gemini.key, "GOOGLE_GEMINI_BASE_URL": gemini.url}
        yield await stack.enter_async_context(opened(tmp_path, graph, url, **environment))


async def receipts(house: House) -> list[dict[str, object]]:
    """The receipts of the one conversation there is."""
    services = await house.process.services()
    from shared.ports import Query  # noqa: PLC0415

    page = await services.tenant("krishna-diagnostics").query("conversations", Query())
    return await house.documents(f"conversations/{page.documents[0].name}/turns")


async def test_gemini_calls_a_tool_and_answers_with_what_it_found(keyed: House) -> None:
    """The real client talks to Google's API; the receipt shows the model, its tokens and the money."""
    reply = await keyed.ask("What does a CBC test cost?")

    assert "350" in reply
    (receipt,) = await receipts(keyed)
    assert str(receipt["model"]).startswith("gemini")
    assert receipt["input"] > 0
    assert receipt["money"] > 0
    assert ["signals", "model", "tool", "model"] == [step["kind"] for step in receipt["steps"]]


async def test_a_passing_fault_is_tried_again_and_the_customer_gets_one_answer(
    keyed: House, gemini: GeminiServer
) -> None:
    """An overloaded model fails over or is asked again; nobody is told of it."""
    for _ in range(3):
        gemini.script(Step(fault="unavailable"))

    reply = await keyed.ask("What does a CBC test cost?")

    assert "350" in reply, reply


async def test_a_model_that_stays_down_ends_with_an_honest_word_and_a_person(
    keyed: House, gemini: GeminiServer
) -> None:
    """After its tries the desk apologises once and the conversation waits for a person."""
    gemini.rule = lambda body: Step(fault="rate_limited")

    await keyed.post_signed("/webhooks/whatsapp", keyed.whatsapp("What does a CBC test cost?"))

    await until(lambda: len(keyed.graph.accepted) >= 1, seconds=60)
    assert keyed.replies()[0].startswith("Sorry, I cannot answer right now")
    (handover,) = await keyed.documents("handovers")
    assert "desk_failure" == handover["type"]


async def test_a_safety_stop_is_answered_with_the_desks_own_refusal(
    keyed: House, gemini: GeminiServer
) -> None:
    """What the model will not say becomes a polite refusal, not silence."""
    gemini.rule = lambda body: Step(
        fault="" if body.get("generationConfig", {}).get("responseJsonSchema") else "safety",
        data={"sentiment": 0.5} if body.get("generationConfig", {}).get("responseJsonSchema") else None,
    )

    reply = await keyed.ask("Something the model will not talk about")

    assert reply
    (head,) = await keyed.documents("conversations")
    assert "finished" == head["state"]


async def test_a_refused_key_is_shown_with_googles_reason(tmp_path: Path, gemini: GeminiServer) -> None:
    """The board says in Google's words why the key is not used, and never shows the key."""
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    environment = {"GEMINI_API_KEY": "AIza-wrong-key", "GOOGLE_GEMINI_BASE_URL": gemini.url}
    async with serving(graph.app) as url, opened(tmp_path, graph, url, **environment) as house:
        board = (await house.http.get(f"{house.url}/api/v1/desks")).text

    assert "API key not valid" in board
    assert "AIza-wrong-key" not in board


async def test_what_a_turn_cost_is_settled_after_its_answer(keyed: House) -> None:
    """The counters hold what the receipt says, to the millionth, and nothing of what was set aside."""
    await keyed.ask("What does a CBC test cost?")

    (receipt,) = await receipts(keyed)
    cost = round(float(str(receipt["money"])) * 1_000_000)

    async def settled() -> bool:
        return [cost] * 4 == [one["micros"] for one in await keyed.documents("spending")]

    for _ in range(100):
        if await settled():
            break
        await asyncio.sleep(0.05)
    assert await settled()


async def test_a_budget_that_is_used_up_asks_no_model_and_calls_a_person(
    keyed: House, gemini: GeminiServer
) -> None:
    """The customer gets one honest word; not even the signals are read."""
    await keyed.always_staffed()
    await keyed.comes("asha")
    services = await keyed.process.services()
    month = f"spending/month-{services.ports.clock.now():%Y%m}"
    await services.tenant("krishna-diagnostics").create(month, {"micros": 10**13})

    reply = await keyed.ask("What does a CBC test cost?")

    assert "I am passing you to a colleague, who will answer you here." == reply
    assert [] == gemini.requests
    (head,) = await keyed.documents("conversations")
    assert head["state"] in ("handover", "pending_human")
