"""A workflow as an orchestrator's document writes it runs from the API, with outputs, trace and costs."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from house import SECRET, House, opened, until

from tests.standins.graph_api import GraphApi
from tests.standins.model_server import Step
from tests.standins.openai_api import OpenAIServer
from tests.standins.serving import serving

DESK = """
version: "1.0"
tenant: {id: sample-shop, name: Sample Shop}
desk: {id: shop, name: Sample Shop, timezone: Europe/Berlin}
tools: {search_knowledge: {}, create_ticket: {}, hand_over: {}}
channels:
  whatsapp: {phone_number_id: "100000000000909", phone_number: "+4930000909"}
knowledge: {files: [knowledge/orders.md]}
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
        summary: {type: string}
      required: [success, return_id, summary]
workflows:
  customer_support_advanced:
    name: customer_support_advanced
    version: 2.0.0
    workflow:
      nodes: %(nodes)s
      edges: %(edges)s
  customer_support_hil:
    name: customer_support_hil
    version: 2.0.0
    hil_config:
      enabled: true
      handover_triggers:
        - type: confidence_threshold
          threshold: 0.7
        - type: explicit_request
          patterns: ["speak to human", "talk to agent", "escalate"]
        - type: agent_decision
        - type: error_threshold
          consecutive_errors: 3
    workflow:
      nodes: %(nodes)s
        - id: FINISH
          type: sink
          action: finish_conversation
        - id: HANDOVER
          type: sink
          action: handover_to_human
          config:
            required_skills: |
              {%% if classify_intent.intent == 'return_request' %%}['returns']
              {%% elif classify_intent.intent == 'technical_issue' %%}['technical']
              {%% else %%}['general']
              {%% endif %%}
      edges: %(edges)s
"""
NODES = """
        - id: classify_intent
          agent: simple_intent_classifier
          config:
            model_profile: fast
        - id: handle_return
          agent: autonomous_return_agent
          config:
            model_profile: powerful
            tools: [search_knowledge, create_ticket]
          condition:
            type: jmespath
            expression: "classify_intent.output.intent == 'return_request'"
        - id: assemble_response
          agent: response_assembler
          config:
            model_profile: fast"""
EDGES = """
        - from: classify_intent
          to: handle_return
          condition:
            type: jmespath
            expression: "output.intent == 'return_request'"
        - from: handle_return
          to: assemble_response"""
ORDERS = "# Orders\n\nOrder 12345: one kettle, delivered on Monday; it may be returned within 30 days.\n"
MESSAGE = "I want to return order #12345"
INTENT = {"intent": "return_request", "confidence": 0.95}
LOOK = {"query": "order 12345"}
TAKE_BACK = {"subject": "Return of order 12345", "description": "One kettle; label by mail."}
RETURNED = {"success": True, "return_id": "RET-456", "summary": "Return processed successfully"}
ANSWER = "Hi John! I've processed your return."


def planned(id_: int, tool: str, given: dict[str, str]) -> dict[str, Any]:
    """A step of the agent's plan."""
    return {"id": id_, "description": tool, "tool": tool, "input": json.dumps(given), "critical": True}


PLAN = {
    "steps": [planned(1, "search_knowledge", LOOK), planned(2, "create_ticket", TAKE_BACK)],
    "estimated_duration": 5,
    "required_tools": ["search_knowledge", "create_ticket"],
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


@pytest.fixture
async def house(tmp_path: Path, vendor: OpenAIServer) -> AsyncIterator[House]:
    """An installation with the shop's desk, thinking by the endpoint."""
    folder = tmp_path / "configs" / "sample-shop"
    (folder / "knowledge").mkdir(parents=True)
    (folder / "shop.yaml").write_text(DESK % {"nodes": NODES, "edges": EDGES}, "utf-8")
    (folder / "knowledge" / "orders.md").write_text(ORDERS, "utf-8")
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    environment = {
        "FRONTDESK_CONFIGS": str(tmp_path / "configs"),
        "OPENAI_API_KEY": vendor.key,
        "OPENAI_BASE_URL": vendor.base_url,
    }
    async with serving(graph.app) as url, opened(tmp_path / "data", graph, url, **environment) as opened_:
        yield opened_


async def execute(house: House, workflow: str, message: str = MESSAGE, **context: str) -> dict[str, Any]:
    """What POST /api/v1/workflows/execute answers."""
    asked = {
        "workflow_id": workflow,
        "input_data": {"customer_message": message},
        "context": {"customer_email": "john@example.com", **context},
    }
    answer = await house.http.post(f"{house.url}/api/v1/workflows/execute?tenant=sample-shop", json=asked)
    assert 200 == answer.status_code, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_customer_support_runs_as_the_document_writes_it(house: House, vendor: OpenAIServer) -> None:
    """The classifier, the agent that plans and acts, and the answer: each step's output, time and cost, and
    what the tools did is done.
    """
    vendor.script(*said_by_models())
    told = await execute(house, "customer_support_advanced")

    assert "completed" == told["status"], told["error"]
    assert {
        "classify_intent": INTENT,
        "handle_return": RETURNED | {"confidence": 1.0},  # its tools were sure
        "assemble_response": {"text": ANSWER},
    } == told["outputs"]
    trace = told["trace"]
    assert [
        ("classify_intent", True),
        ("handle_return", True),
        ("assemble_response", True),
    ] == [(node["node_id"], node["success"]) for node in trace["nodes"]]
    assert "customer_support_advanced" == trace["workflow_id"]
    assert trace["started_at"] < trace["completed_at"]
    costs = trace["costs"]["by_node"]
    assert costs["handle_return"] > costs["classify_intent"] > 0
    assert costs["assemble_response"] > 0
    assert (
        told["total_cost_usd"] == trace["costs"]["total_usd"] == pytest.approx(sum(costs.values()), abs=1e-6)
    )
    assert told["duration_ms"] > 0
    models = [seen.body["model"] for seen in vendor.requests]
    assert ["gpt-4o-mini", "gpt-4.1", "gpt-4.1", "gpt-4.1", "gpt-4o-mini"] == models
    assert "delivered on Monday" in json.dumps(vendor.requests[2].body)  # what the tool found
    (ticket,) = await house.documents("tickets", "sample-shop")
    assert TAKE_BACK["subject"] == ticket["subject"]
    again = await house.http.get(f"{house.url}/api/v1/runs/{told['execution_id']}?tenant=sample-shop")
    assert told == again.json()


async def test_another_intent_takes_no_step_of_the_return(house: House, vendor: OpenAIServer) -> None:
    """Where the edge's condition does not hold, nothing behind it is done or paid for."""
    vendor.script(*said_by_models(intent="opening_hours"))
    told = await execute(house, "customer_support_advanced", "When are you open?")

    assert ("completed", ["classify_intent"]) == (told["status"], list(told["outputs"]))
    assert 1 == len(vendor.requests)
    assert [] == await house.documents("tickets", "sample-shop")


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
