"""The orchestrator's own example, as its document writes it: executed over REST, with trace and costs."""

import httpx
import pytest
from starlette.applications import Starlette

from shared.api import problems, runs, workflows
from shared.api.entry import HERE, Entry
from tests.standins.model_server import Called, Step
from tests.unit.agents.conftest import served, vendor
from tests.unit.runs.test_thinking import refund

__all__ = ["refund", "served", "vendor"]
WORKFLOW = {
    "name": "customer_support_advanced",
    "version": "2.0.0",
    "workflow": {
        "nodes": [
            {
                "id": "classify_intent",
                "agent": "simple_intent_classifier",
                "config": {"model_profile": "fast"},
            },
            {
                "id": "handle_return",
                "agent": "autonomous_return_agent",
                "config": {"model_profile": "powerful", "tools": ["create_ticket"]},
                "condition": {
                    "type": "jmespath",
                    "expression": "classify_intent.output.intent == 'return_request'",
                },
            },
            {"id": "assemble_response", "agent": "response_assembler"},
        ],
        "edges": [
            {
                "from": "classify_intent",
                "to": "handle_return",
                "condition": {"type": "jmespath", "expression": "output.intent == 'return_request'"},
            },
            {"from": "handle_return", "to": "assemble_response"},
        ],
    },
}
"""As in the document, save that the desk's own ticket tool stands for the shop's and the mail's."""
RETURNS = {"type": "reasoning", "description": "Takes goods back.", "tools": ["create_ticket"]}
ASKED = {
    "workflow_id": "customer_support_advanced",
    "input_data": {"customer_message": "I want to return order #12345", "customer_id": "cust_789"},
    "context": {"customer_email": "john@example.com"},
}


@pytest.mark.usefixtures("refund")
async def test_the_documents_workflow_is_executed_with_the_trace_it_shows(flow, vendor):
    """Three agents, one tool, in the order of the edges; outputs, trace and costs by step."""
    await flow.front.publish(tools={"create_ticket": {}}, agents={"autonomous_return_agent": RETURNS})
    await flow.publish(customer_support_advanced=WORKFLOW)
    ticket = {"subject": "Return of order 12345", "description": "The customer sends it back."}
    vendor.script(
        Step(data={"intent": "return_request", "confidence": 0.95}),
        Step(calls=[Called(name="create_ticket", args=ticket)]),
        Step(text="Return processed successfully"),
        Step(text="Hi John! I've processed your return."),
    )

    async def enter(_request, _least):
        return Entry("acme", HERE)

    routes = [*workflows.routes(flow.services, enter), *runs.routes(flow.services, enter)]
    transport = httpx.ASGITransport(Starlette(routes=routes, exception_handlers=problems.HANDLERS))
    async with httpx.AsyncClient(transport=transport, base_url="http://here/api/v1") as client:
        answer = await client.post("/workflows/execute", json=ASKED)
    told = answer.json()

    assert (200, "completed") == (answer.status_code, told["status"]), told
    assert "return_request" == told["outputs"]["classify_intent"]["intent"]
    assert "Return processed successfully" == told["outputs"]["handle_return"]["text"]
    assert "Hi John! I've processed your return." == told["outputs"]["assemble_response"]["text"]
    nodes = told["trace"]["nodes"]
    assert [("classify_intent", True), ("handle_return", True), ("assemble_response", True)] == [
        (node["node_id"], node["success"]) for node in nodes
    ]
    assert all(node["duration_ms"] > 0 for node in nodes)
    costs = told["trace"]["costs"]
    assert (
        costs["total_usd"]
        == told["total_cost_usd"]
        == pytest.approx(sum(costs["by_node"].values()), abs=1e-6)
    )
    (made,) = await flow.front.documents("tickets")
    assert ticket["subject"] == made["subject"]
