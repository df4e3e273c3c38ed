"""Workflows an orchestrator's document prints run from the API as printed, with the trace it shows."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from house import SECRET, House, opened, until

from tests.standins.graph_api import GraphApi
from tests.standins.model_server import Step
from tests.standins.openai_api import OpenAIServer
from tests.standins.serving import serving
from tests.standins.shop_tools import LABEL, Shop, installed

PRINTED = Path(__file__).parents[1] / "fixtures" / "workflows"
ANSWERING: dict[str, Any] = {
    "nodes": [
        {"id": "assemble_response", "agent": "response_assembler", "config": {"model_profile": "fast"}}
    ],
    "edges": [{"from": "handle_return", "to": "assemble_response"}],
}
"""The document's example of a request, its answer and its trace all have this step; its file lacks it."""
DESK = """
version: "1.0"
tenant: {id: sample-shop, name: Sample Shop}
desk: {id: shop, name: Sample Shop, timezone: Europe/Berlin}
tools:
  shopify.get_order: {}
  shopify.create_return: {}
  gmail.send_email: {grant: once}
  hand_over: {}
channels:
  whatsapp: {phone_number_id: "100000000000909", phone_number: "+4930000909"}
agents:
  autonomous_return_agent:
    type: code
    description: Takes an order back, from its look-up to the customer's confirmation.
    capabilities: [tool_calling, planning]
    output_schema:
      title: Return
      type: object
      properties:
        success: {type: boolean}
        return_id: {type: string}
        label_url: {type: string}
        summary: {type: string}
      required: [success, return_id, label_url, summary]
"""
MESSAGE = "I want to return order #12345"
INTENT = {"intent": "return_request", "confidence": 0.95}
GIVEN = {"order_id": "12345"}
LETTER = {"to": "john@example.com", "subject": "Your return", "body": "Your label: $2.label_url"}
RETURNED = {
    "success": True,
    "return_id": "RET-456",
    "label_url": LABEL,
    "summary": "Return processed successfully",
}
ANSWER = "Hi John! I've processed your return."


def planned(id_: int, tool: str, given: dict[str, str]) -> dict[str, Any]:
    """A step of the agent's plan."""
    return {"id": id_, "description": tool, "tool": tool, "input": json.dumps(given), "critical": True}


PLAN = {
    "steps": [
        planned(1, "shopify.get_order", GIVEN),
        planned(2, "shopify.create_return", {"order_id": "$1.order_id"}),
        planned(3, "gmail.send_email", LETTER),
    ],
    "estimated_duration": 5,
    "required_tools": ["shopify.get_order", "shopify.create_return", "gmail.send_email"],
}
BACK = {"goal_achieved": True, "final_output": "Returned as RET-456.", "failure_reason": "", "learned": ""}


def said_by_models(**intent: Any) -> list[Step]:
    """What the models answer, one after the other, to a message of that intent."""
    return [
        Step(data=INTENT | intent),
        Step(data=PLAN),
        Step(data=BACK),
        Step(data=RETURNED),
        Step(text=ANSWER),
    ]


@pytest.fixture
def vendor() -> Any:
    """Models behind an endpoint that speaks OpenAI's chat completions."""
    with OpenAIServer() as server:
        yield server


def printed(name: str) -> dict[str, Any]:
    """A workflow's file, letter by letter as the document has it."""
    read: dict[str, Any] = yaml.safe_load((PRINTED / f"{name}_as_printed.yaml").read_text("utf-8"))
    return read


def workflows() -> dict[str, Any]:
    """Both files as printed, and each made whole by what the document says of it elsewhere."""
    alone, hil = printed("customer_support_advanced"), printed("customer_support_hil")
    support = printed("customer_support_advanced")
    for part, more in ANSWERING.items():
        support["workflow"][part] += more
    hil["workflow"]["nodes"] = [*support["workflow"]["nodes"], *hil["workflow"]["nodes"]]
    hil["workflow"]["edges"] = support["workflow"]["edges"]
    return {"printed_alone": alone, support["name"]: support, hil["name"]: hil}


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A package with the shop's tools and its mail is installed."""
    with installed() as one:
        yield one


@pytest.fixture
async def house(tmp_path: Path, vendor: OpenAIServer, shop: Shop) -> AsyncIterator[House]:
    """An installation with the shop's desk, thinking by the endpoint."""
    folder = tmp_path / "configs" / "sample-shop"
    folder.mkdir(parents=True)
    desk = f"{DESK}workflows: " + json.dumps(workflows())
    (folder / "shop.yaml").write_text(desk, "utf-8")
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    environment = {
        "FRONTDESK_CONFIGS": str(tmp_path / "configs"),
        "OPENAI_API_KEY": vendor.key,
        "OPENAI_BASE_URL": vendor.base_url,
    }
    async with serving(graph.app) as url, opened(tmp_path / "data", graph, url, **environment) as opened_:
        yield opened_


async def execute(house: House, workflow: str, message: str = MESSAGE, **context: str) -> dict[str, Any]:
    """What POST /api/v1/workflows/execute answers to the document's request."""
    asked = {
        "workflow_id": workflow,
        "input_data": {"customer_message": message, "customer_id": "cust_789"},
        "context": {"conversation_id": "conv_abc123", "customer_email": "john@example.com", **context},
    }
    answer = await house.http.post(f"{house.url}/api/v1/workflows/execute?tenant=sample-shop", json=asked)
    assert 200 == answer.status_code, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_customer_support_runs_as_the_document_writes_it(
    house: House, vendor: OpenAIServer, shop: Shop
) -> None:
    """The classifier, the agent that plans and acts, and the answer: the document's response, key by key, and
    what the tools did is done.
    """
    vendor.script(*said_by_models())
    told = await execute(house, "customer_support_advanced")

    trace, costs = told["trace"], told["trace"]["costs"]
    assert {
        "status": "completed",
        "outputs": {
            "classify_intent": INTENT,
            "handle_return": RETURNED,
            "assemble_response": {"text": ANSWER},
        },
        "total_cost_usd": costs["total_usd"],
    }.items() <= told.items(), told["error"]
    assert told["execution_id"]
    assert "customer_support_advanced" == trace["workflow_id"]
    assert trace["started_at"] < trace["completed_at"]
    assert trace["completed_at"].endswith("Z")
    assert [
        {"node_id": "classify_intent", "success": True},
        {"node_id": "handle_return", "success": True},
        {"node_id": "assemble_response", "success": True},
    ] == [{"node_id": node["node_id"], "success": node["success"]} for node in trace["nodes"]]
    assert told["duration_ms"] >= sum(node["duration_ms"] > 0 for node in trace["nodes"]) == 3
    by_node = costs["by_node"]
    assert by_node["handle_return"] > by_node["classify_intent"] > 0
    assert by_node["assemble_response"] > 0
    assert costs["total_usd"] == pytest.approx(sum(by_node.values()), abs=1e-6)
    assert (["12345"], ["john@example.com"]) == (shop.returns, [one.to for one in shop.letters])
    again = await house.http.get(f"{house.url}/api/v1/runs/{told['execution_id']}?tenant=sample-shop")
    assert told == again.json()


async def test_what_happened_within_a_step_is_traced_as_the_document_draws_it(
    house: House, vendor: OpenAIServer
) -> None:
    """Below each step every question to a model and every call of a tool, in their order, with its time: a
    question by its model and the form it asked for.
    """
    vendor.script(*said_by_models())
    told = await execute(house, "customer_support_advanced")

    calls = {node["node_id"]: node["detail"]["calls"] for node in told["trace"]["nodes"]}
    assert {
        "classify_intent": [("model", "gpt-4o-mini", "Signals")],
        "handle_return": [
            ("model", "gpt-4.1", "Plan"),
            ("tool", "shopify.get_order", None),
            ("tool", "shopify.create_return", None),
            ("tool", "gmail.send_email", None),
            ("model", "gpt-4.1", "Reflection"),
            ("model", "gpt-4.1", "Return"),
        ],
        "assemble_response": [("model", "gpt-4o-mini", None)],
    } == {step: [(one["kind"], one["name"], one.get("form")) for one in made] for step, made in calls.items()}
    for node in told["trace"]["nodes"]:
        took = [one["duration_ms"] for one in calls[node["node_id"]]]
        assert min(took) > 0
        assert sum(took) <= node["duration_ms"]


async def test_the_documents_file_runs_letter_by_letter(
    house: House, vendor: OpenAIServer, shop: Shop
) -> None:
    """As printed it ends with the return: the step that words an answer stands in its examples alone."""
    vendor.script(*said_by_models())
    told = await execute(house, "printed_alone")

    assert ("completed", ["classify_intent", "handle_return"]) == (told["status"], list(told["outputs"]))
    assert RETURNED == told["outputs"]["handle_return"]
    assert ["12345"] == shop.returns


async def test_another_intent_takes_no_step_of_the_return(
    house: House, vendor: OpenAIServer, shop: Shop
) -> None:
    """Where the edge's condition does not hold, nothing behind it is done or paid for."""
    vendor.script(*said_by_models(intent="opening_hours"))
    told = await execute(house, "customer_support_advanced", "When are you open?")

    assert ("completed", ["classify_intent"]) == (told["status"], list(told["outputs"]))
    assert 1 == len(vendor.requests)
    assert ([], []) == (shop.returns, shop.letters)


@pytest.mark.parametrize(
    ("message", "confidence", "sink"),
    [
        (MESSAGE, 0.95, "FINISH"),
        (MESSAGE, 0.6, "HANDOVER"),  # less sure than 0.7
        (f"{MESSAGE}, let me talk to agent", 0.95, "HANDOVER"),  # asked for in words
    ],
)
async def test_it_ends_at_its_finish_or_with_a_person(
    house: House, vendor: OpenAIServer, message: str, confidence: float, sink: str
) -> None:
    """What the handover's triggers name brings a person with the skill the intent asks for into the
    customer's conversation; else the run just ends.
    """
    vendor.rule = lambda body: None if vendor.schema(body) else Step(text="One moment.")
    asked = house.whatsapp("Hello")
    asked["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "100000000000909"
    await house.answer_to(asked)
    (conversation,) = await house.heads("sample-shop")
    vendor.reset()
    vendor.script(*said_by_models(confidence=confidence))
    told = await execute(house, "customer_support_hil", message, conversation_id=conversation)

    assert "completed" == told["status"], told["error"]
    assert [sink] == [step for step in told["outputs"] if step.isupper()]
    handovers = await house.documents("handovers", "sample-shop")
    assert (["returns"] if sink == "HANDOVER" else []) == [
        skill for one in handovers for skill in one.get("departments", [])
    ]

    async def with_people() -> bool:
        (head,) = await house.documents("conversations", "sample-shop")
        return (head["state"] in ("handover", "pending_human")) == (sink == "HANDOVER")

    await until(with_people)
