"""A run goes from step to step as its workflow says, sleeps, wakes, and ends."""

from shared.desk.take import take
from shared.domain.colleagues import Actor

PRIYA = Actor(id="priya", name="Priya", role="supervisor")


def number(id_, **more):
    return {"id": id_, "set": {"n": "`1`"}, **more}


async def test_steps_run_in_the_lists_order_where_no_edges_are_written(flow):
    """A workflow without edges is its list; each step sees what those before it came to."""
    await flow.publish(
        flow=[
            {"id": "first", "set": {"n": "input.n"}},
            {"id": "second", "set": {"n": "first.n", "same": "first.output.n"}},
        ]
    )
    run = await flow.go(input={"n": 4})

    assert "completed" == run.status
    assert {"first": {"n": 4}, "second": {"n": 4, "same": 4}} == run.outputs
    assert ["first", "second"] == [entry.node for entry in run.trace]


async def test_an_edge_whose_condition_does_not_hold_is_not_taken(flow):
    """The branch that is not taken is skipped to its end, and what joins both goes on."""
    await flow.publish(
        flow={
            "nodes": [
                {"id": "classify", "set": {"intent": "input.intent"}},
                number("returns"),
                number("label"),
                number("other"),
                number("join"),
            ],
            "edges": [
                {"from": "classify", "to": "returns", "condition": "output.intent == 'return'"},
                {
                    "from": "classify",
                    "to": "other",
                    "condition": {"type": "jmespath", "expression": "output.intent != 'return'"},
                },
                {"from": "returns", "to": "label"},
                {"from": "label", "to": "join"},
                {"from": "other", "to": "join"},
            ],
        }
    )
    taken = await flow.go(input={"intent": "return"})
    other = await flow.go(input={"intent": "hello"})

    assert ["classify", "returns", "label", "join"] == list(taken.outputs)
    assert ["classify", "other", "join"] == list(other.outputs)


async def test_branches_go_on_while_one_of_them_sleeps_and_the_join_waits_for_all(flow):
    """A step that sleeps holds up those behind it alone."""
    await flow.publish(
        flow={
            "nodes": [
                number("a"),
                {"id": "sleep", "wait": {"for": "2h"}},
                number("b"),
                number("c"),
                number("join"),
            ],
            "edges": [
                {"from": "a", "to": "sleep"},
                {"from": "a", "to": "b"},
                {"from": "b", "to": "c"},
                {"from": "c", "to": "join"},
                {"from": "sleep", "to": "join"},
            ],
        }
    )
    run = await flow.go()

    assert "waiting" == run.status
    assert {"a", "b", "c"} == set(await flow.outputs(run.id))

    early = await flow.advance(run.id, node="sleep", nth=1)
    assert "waiting" == early.status  # not before its time

    over = await flow.wait_out(run.id)
    assert "completed" == over.status
    assert {"a", "b", "c", "sleep", "join"} == set(over.outputs)
    assert 1 == sum(entry.node == "join" for entry in over.trace)


async def test_a_timer_that_rings_twice_ends_its_wait_once(flow):
    """A firing told again finds its wait ended, and the next wait of the same run is not touched."""
    await flow.publish(flow=[{"id": "one", "wait": {"for": "1h"}}, {"id": "two", "wait": {"for": "1h"}}])
    run = await flow.go()
    await flow.wait_out(run.id)
    again = await flow.advance(run.id, node="one", nth=1)

    assert ("waiting", ["two"]) == (again.status, [one.node for one in again.waits])


async def test_a_run_asked_for_twice_under_one_key_is_one(flow):
    """The same key begins one run, which goes through its steps once."""
    await flow.publish(flow=[number("a")])
    first, second = await flow.start(once="k"), await flow.start(once="k")
    await flow.advance(first)
    again = await flow.advance(second)

    assert first == second
    assert 1 == len(again.trace)


async def test_a_step_that_fails_for_good_fails_the_run_and_what_was_done_is_undone(flow):
    """The last step done is undone first, and nothing after the failure begins."""
    await flow.front.publish(tools={"create_ticket": {}})
    await flow.publish(
        flow=[
            number("one", compensate={"tool": "create_ticket", "arguments": ticket("undo one")}),
            number("two", compensate={"tool": "create_ticket", "arguments": ticket("undo two")}),
            {"id": "bad", "set": {"n": "length(input.absent)"}},
            number("never"),
        ]
    )
    run = await flow.go()

    assert ("failed", True) == (run.status, "bad" in run.error)
    assert "never" not in run.outputs
    undone = [entry for entry in run.trace if entry.kind == "compensate"]
    assert ["two", "one"] == [entry.node for entry in undone]
    assert [True, True] == [entry.success for entry in undone], undone


def ticket(subject):
    return {"subject": subject, "description": subject}


async def test_a_step_that_is_not_critical_fails_alone(flow):
    """The run goes on, and the next steps can see that it failed."""
    await flow.publish(
        flow=[
            {"id": "bad", "set": {"n": "length(input.absent)"}, "critical": False},
            {"id": "then", "set": {"failed": "bad.failed"}},
        ]
    )
    run = await flow.go()

    assert ("completed", {"failed": True}) == (run.status, run.outputs["then"])


async def test_a_sub_run_tells_its_parent(flow):
    """A step that runs another workflow sleeps until that is over, and has its outputs."""
    await flow.publish(
        flow=[
            {"id": "sub", "run": "child", "arguments": {"n": {"from": "input.n"}}},
            {"id": "then", "set": {"n": "sub.outputs.got.n"}},
        ],
        child=[{"id": "got", "set": {"n": "input.n"}}],
    )
    run = await flow.go(input={"n": 7})
    (wait,) = run.waits
    child = await flow.advance(wait.child)
    over = await flow.advance(run.id, child=child.id)

    assert ("completed", "completed") == (child.status, over.status)
    assert {"n": 7} == over.outputs["then"]


async def test_a_sub_run_whose_workflow_is_gone_fails_its_step(flow):
    """The desk publishes it no more: the step says so, and the run goes the way of any failed step."""
    nodes = [number("a"), {"id": "nap", "wait": {"for": "1h"}}, {"id": "sub", "run": "child"}]
    await flow.publish(flow=nodes, child=[number("a")])
    run = await flow.go()
    await flow.publish(flow=nodes[:2])
    flow.front.clock.move(seconds=5)
    failed = await flow.wait_out(run.id)

    assert ("failed", True) == (failed.status, "no workflow 'child'" in failed.error)


async def test_the_customers_reply_wakes_the_run_and_hears_what_it_says(flow):
    """A run speaks in its conversation, waits for the next message there, and answers to it."""
    await flow.publish(
        flow=[
            {"id": "ask", "send": "How was it, {{ input.name }}?"},
            {"id": "heard", "wait": {"reply": True, "timeout": "24h"}},
            {"id": "thank", "send": "You said: {{ heard.text }}"},
        ]
    )
    await flow.front.ask("hello")
    run = await flow.go(conversation=flow.front.conversation, input={"name": "Asha"})

    assert "How was it, Asha?" == (await flow.front.messages())[-1].content.text
    assert (run.id,) == (await flow.front.head()).awaiting

    await flow.front.say("Very good")
    seq = (await flow.front.head()).pending
    over = await flow.advance(run.id, seq=seq)

    assert "completed" == over.status
    assert "You said: Very good" == (await flow.front.messages())[-1].content.text
    assert () == (await flow.front.head()).awaiting


async def test_what_can_be_said_nowhere_else_is_told_to_the_colleague(flow):
    """On a page that they may have left, the note tells whoever has the conversation what was to be said."""
    await flow.front.ask("hello")
    await flow.publish(flow=[{"id": "code", "send": "Your code is 1234."}])
    flow.front.clock.move(days=2)
    await take(flow.services, "acme", flow.front.conversation, by=PRIYA)
    run = await flow.go(conversation=flow.front.conversation)
    notes = await flow.front.documents(f"conversations/{flow.front.conversation}/notes")

    assert "completed" == run.status
    assert ["completed; not said while a colleague has the conversation: Your code is 1234."] == [
        note["text"] for note in notes
    ]


async def test_a_handover_at_the_end_asks_for_a_person_with_the_skills_it_names(flow):
    """The sinks stand behind the last step: people where it asks for them, else the run is finished."""
    await flow.publish(
        flow={
            "nodes": [
                {"id": "FINISH", "type": "sink", "action": "finish_conversation"},
                {
                    "id": "HANDOVER",
                    "type": "sink",
                    "action": "handover_to_human",
                    "config": {
                        "required_skills": "{% if classify.intent == 'return' %}['returns']"
                        "{% else %}['general']{% endif %}"
                    },
                },
                {"id": "classify", "set": {"intent": "input.intent", "confidence": "input.confidence"}},
            ],
            "handover_when": ["run.confidence < `0.7`"],
        }
    )
    await flow.front.ask("hello")
    sure = await flow.go(conversation=flow.front.conversation, input={"intent": "return", "confidence": 0.9})
    assert ("completed", "finished") == (sure.status, (await flow.front.head()).state)

    await flow.go(conversation=flow.front.conversation, input={"intent": "return", "confidence": 0.4})
    (handover,) = await flow.front.documents("handovers")
    assert ("handover", ["returns"]) == ((await flow.front.head()).state, handover["departments"])


async def test_a_run_keeps_the_version_it_began_with(flow):
    """A workflow published anew changes no run under way."""
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "1h"}}, {"id": "end", "set": {"n": "`1`"}}])
    run = await flow.go()
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "1h"}}, {"id": "end", "set": {"n": "`2`"}}])
    old, new = await flow.wait_out(run.id), await flow.go()
    new = await flow.wait_out(new.id)

    assert (1, 2) == (old.version, new.version)
    assert ({"n": 1}, {"n": 2}) == (old.outputs["end"], new.outputs["end"])


async def test_values_that_cannot_be_compared_fail_their_step_and_hold_for_no_condition(flow):
    """Words where a number is compared are the input's mistake: no step breaks what advances it."""
    compared = {"id": "big", "set": {"is": "input.n > `1`"}, "critical": False}
    await flow.publish(flow=[compared, number("never", condition="input.n > `1`")])
    run = await flow.go(input={"n": "many"})

    assert ("completed", ["big"]) == (run.status, list(run.outputs))
    assert "cannot be worked out" in run.outputs["big"]["error"]
