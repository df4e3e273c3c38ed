"""`run`: workflows begun, looked at and controlled, from a terminal."""

import json

from tests.unit.desk.front import DESK

FLOW = {
    "nodes": [
        {"id": "got", "set": {"n": "input.n"}},
        {"id": "paid", "wait": {"signal": "paid", "timeout": "1d"}},
    ]
}
DECIDED = {
    "nodes": [
        {"id": "allowed", "approval": {"question": "Refund it?", "role": "supervisor"}},
        {"id": "told", "send": {"text": "It is on its way."}},
    ]
}


def published(terminal):
    """The desk of the tests of conversations, with one workflow."""
    folder = terminal.folder / "configs" / "acme"
    folder.mkdir(parents=True)
    (folder / "front.yaml").write_text(json.dumps(DESK | {"workflows": {"flow": FLOW, "refund": DECIDED}}))
    said = terminal.run("publish")
    assert 0 == said.code, said


def test_a_run_is_begun_shown_listed_told_and_cancelled(terminal):
    """Each prints the run as it is then; what is not there is said with how to find it."""
    published(terminal)
    begun = terminal.run("run", "start", "front~flow", "--input", '{"n": 3}', "--wait", "20")
    assert 0 == begun.code, begun
    assert "waiting" in begun.out
    assert "Waits in paid for paid, until" in begun.out
    run = begun.out.split()[1]

    assert '"n": 3' in terminal.run("run", "show", run).out
    assert run in terminal.run("run", "list", "--tenant", "acme", "--status", "waiting").out
    assert "No runs." in terminal.run("run", "list", "--tenant", "acme", "--status", "failed").out
    told = terminal.run("run", "signal", run, "paid", "--value", '{"amount": 5}')
    assert (0, True) == (told.code, "completed" in told.words), told
    other = terminal.run("run", "start", "front~flow", "--input", '{"n": 3}').out.split()[1]
    ended = terminal.run("run", "cancel", other)
    assert (0, True) == (ended.code, "cancelled" in ended.words), ended
    assert 1 == terminal.run("run", "show", "nothing").code
    assert 2 == terminal.run("run", "start", "flow").code
    assert 2 == terminal.run("run", "signal", run, "paid", "--value", "{").code


def test_a_decision_prints_what_the_run_came_to(terminal):
    """The run goes on before it is printed; one that fails for what follows is told with its exit code."""
    published(terminal)
    run = terminal.run("run", "start", "front~refund").out.split()[1]
    listed = terminal.run("run", "list", "--tenant", "acme")
    said = terminal.run("run", "approve", run, "allowed", "--note", "as agreed")

    assert "allowed waits for Refund it?" in listed.words
    assert (1, True) == (said.code, "failed" in said.words), said
    assert "as agreed" in said.words
    assert " s " in said.words
    assert " ms " not in said.words


def test_workflows_are_listed_as_runs_are_begun_of_them(terminal):
    """Every published desk's, or one desk's, by the name `run start` takes."""
    published(terminal)

    assert "front~refund" in terminal.run("workflow", "list").out
    assert "front~flow" in terminal.run("workflow", "list", "--desk", "front").out
    assert "No workflows." in terminal.run("workflow", "list", "--desk", "other").out
