"""Workflows and runs over REST: begun, waited for, read."""

import httpx
import pytest
from starlette.applications import Starlette

from shared.api import hooks, problems, runs, workflow_versions, workflows
from shared.api.entry import HERE, Entry
from shared.desk.commit import as_data, head_path
from shared.domain.conversation import Head
from shared.ports import Put
from tests.unit.runs.flow import Flow


@pytest.fixture
async def door(flow: Flow):
    """A client of the API for the desk's business."""

    async def enter(_request, _least):
        return Entry("acme", HERE)

    doors = workflows, workflow_versions, runs
    routes = [route for one in doors for route in one.routes(flow.services, enter)]
    routes += hooks.routes(flow.services)
    app = Starlette(routes=routes, exception_handlers=problems.HANDLERS)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here/api/v1") as client:
        yield client


SUPPORT = {
    "nodes": [
        {"id": "classify_intent", "set": {"intent": "input.intent", "confidence": "`0.95`"}},
        {"id": "handle_return", "set": {"success": "`true`"}},
    ],
    "edges": [
        {
            "from": "classify_intent",
            "to": "handle_return",
            "condition": {"type": "jmespath", "expression": "output.intent == 'return_request'"},
        }
    ],
}


async def test_a_workflow_is_executed_and_its_trace_told(flow, door):
    """POST …/execute answers with the outputs, the trace and the costs once the run is over."""
    await flow.publish(customer_support=SUPPORT)
    asked = {"workflow_id": "customer_support", "input_data": {"intent": "return_request"}}
    answer = await door.post("/workflows/execute", json=asked)
    told = answer.json()

    assert (200, "completed") == (answer.status_code, told["status"])
    assert {
        "classify_intent": {"intent": "return_request", "confidence": 0.95},
        "handle_return": {"success": True},
    } == told["outputs"]
    nodes = told["trace"]["nodes"]
    assert [("classify_intent", True), ("handle_return", True)] == [
        (node["node_id"], node["success"]) for node in nodes
    ]
    assert {"total_usd": 0, "by_node": {}} == told["trace"]["costs"]
    assert told == (await door.get(f"/runs/{told['execution_id']}")).json()


async def test_a_run_that_sleeps_is_answered_with_202(flow, door):
    """What is not over while somebody waits is told as it stands, and goes on without them."""
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "1h"}}])
    waited = await door.post("/workflows/front~flow/executions?wait=5", json={})
    not_waited = await door.post("/workflows/front~flow/executions", json={})

    assert (202, "waiting") == (waited.status_code, waited.json()["status"])
    assert (202, "running") == (not_waited.status_code, not_waited.json()["status"])


async def test_a_run_is_given_megabytes_over_rest(flow, door):
    """Whoever asks for more than a run is given is told the bound, in a problem."""
    await flow.publish(flow=[{"id": "count", "set": {"n": "length(input.rows)"}}])
    given = {"input_data": {"rows": ["x" * 99] * 35_000}}
    more = {"input_data": {"rows": ["x" * 99] * 39_300}}
    done = await door.post("/workflows/front~flow/executions?wait=30", json=given)
    refused = await door.post("/workflows/front~flow/executions?wait=30", json=more)

    assert (200, {"n": 35_000}) == (done.status_code, done.json()["outputs"]["count"])
    assert (400, True) == (refused.status_code, "4 MB" in refused.json()["detail"])


async def test_a_key_makes_it_one_run(flow, door):
    """The same Idempotency-Key answers with the same run."""
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "1h"}}])
    key = {"Idempotency-Key": "k1"}
    one, two = [await door.post("/workflows/flow/executions?wait=5", json={}, headers=key) for _ in "ab"]

    assert one.json()["execution_id"] == two.json()["execution_id"]


async def test_what_is_not_there_is_told_with_what_is(flow, door):
    """An unknown workflow names those there are; an unknown run is 404."""
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "1h"}}])
    workflow = await door.post("/workflows/execute", json={"workflow_id": "floww"})

    assert (404, True) == (workflow.status_code, "front~flow" in workflow.json()["detail"])
    assert 404 == (await door.get("/runs/nothing")).status_code
    assert ["front~flow"] == [one["id"] for one in (await door.get("/workflows")).json()["items"]]


@pytest.mark.parametrize("path", ["/workflows/execute", "/hooks/a.b.c"])
@pytest.mark.parametrize("body", [b"[" * 30_000, b'{"input_data": ' + b'{"a":' * 5_000, b"{"])
async def test_a_body_that_nobody_can_read_is_refused_as_such(flow, door, path, body):
    """However deep it goes, it is the sender's mistake."""
    answer = await door.post(path, content=body)

    assert (422, True) == (answer.status_code, "not what this takes" in answer.json()["detail"])


async def test_a_limit_in_letters_that_only_look_like_digits_is_refused(flow, door):
    """As any other that is no number."""
    assert 422 == (await door.get("/runs", params={"limit": "²"})).status_code


@pytest.mark.parametrize("named", ["nope/../../x", {"a": 1}, "..", "a" * 201])
@pytest.mark.parametrize("field", ["conversation_id", "customer_id"])
async def test_what_can_be_no_id_begins_no_run(flow, door, field, named):
    """It is said which field, and what an id is made of."""
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "1h"}}])
    answer = await door.post("/workflows/flow/executions", json={"context": {field: named}})

    assert (422, True) == (answer.status_code, f"context.{field}" in answer.json()["detail"])
    assert [] == await flow.front.documents("runs")


async def test_a_conversation_of_another_desk_begins_no_run(flow, door):
    """A desk writes in its own conversations alone."""
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "1h"}}])
    head = Head(desk="back", channel="webchat", account="back", contact="c", customer="")
    await flow.front.store.create(head_path("theirs"), as_data(head))
    answer = await door.post("/workflows/flow/executions", json={"context": {"conversation_id": "theirs"}})

    assert (422, True) == (answer.status_code, "not of desk 'front'" in answer.json()["detail"])


async def test_runs_moved_together_tell_which_one_could_not_be(flow, door):
    """One that is advanced just now stays, and says why; the others are moved."""
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "1h"}}])
    begun = [await flow.go() for _ in range(3)]
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "2h"}}])
    path = f"runs/{begun[1].id}"
    document = await flow.front.store.get(path)
    leased = {**document.data, "lease": "2999-01-01T00:00:00.000000Z"}
    await flow.front.store.commit([Put(path, leased, version=document.version)])
    answer = await door.post("/workflows/front~flow/apply", json={"choice": "move"})
    told = {one["execution_id"]: (one["version"], "error" in one) for one in answer.json()["items"]}

    assert {begun[0].id: (2, False), begun[1].id: (1, True), begun[2].id: (2, False)} == told


UNKNOWN = """nodes:
  - id: think
    agent: simple_intent_clasifier
  - id: together
    crew: nobody
  - id: made
    tool: create_tickt
"""


@pytest.mark.parametrize(
    "path", ["/workflows/validate", "/workflows/flow/versions", "/workflows/flow/preview"]
)
async def test_a_workflow_from_outside_is_checked_as_one_in_a_file(flow, door, path):
    """Agents, crews and tools that the desk has not are told by line and path, each with its fix, before
    anything is kept.
    """
    await flow.publish(flow=SUPPORT)
    desk = {"desk": "front"} if path.endswith("validate") else {}
    answer = await door.post(path, json={"text": UNKNOWN} | desk)
    told = answer.json()
    agent, crew, tool = told["problems"]

    assert (200 if desk else 422) == answer.status_code
    assert "workflow.yaml:3" in agent
    assert "nodes[0].agent" in agent
    assert "did you mean simple_intent_classifier?" in agent
    assert "nodes[1].crew" in crew
    assert "nodes[2].tool" in tool
    assert "add it under tools:" in tool
    assert 1 == len((await door.get("/workflows/flow/versions")).json()["items"])


async def test_a_signal_to_a_customer_is_told_to_each_of_their_runs_once(flow, door):
    """Whatever conversation they began in; what is over, or another's, hears nothing."""
    await flow.publish(flow=[{"id": "paid", "wait": {"signal": "paid", "timeout": "1h"}}])
    theirs = [(await flow.go(customer="asha", input={"n": n})).id for n in (1, 2)]
    other = (await flow.go(customer="ravi")).id
    for _ in "ab":
        asked = {"customer": "asha", "name": "paid", "value": {"amount": 5}, "id": "receipt-1"}
        answer = await door.post("/runs/signals", json=asked)
        told = {one["execution_id"] for one in answer.json()["items"]}
        assert (200, set(theirs)) == (answer.status_code, told)
    over = [await flow.advance(run) for run in theirs]

    assert [{"amount": 5, "timed_out": False}] * 2 == [run.outputs["paid"] for run in over]
    assert () == (await flow.run(other)).inbox
    again = await door.post("/runs/signals", json={"customer": "asha", "name": "paid"})
    assert {"items": []} == again.json()
