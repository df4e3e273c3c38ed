"""`run`: workflows begun, looked at and controlled, from a terminal."""

import json

import msgspec

from shared.domain.runs import Run, as_document, read_run, run_path
from shared.ports import Put
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


BROKEN = {
    "nodes": [
        {"id": "got", "set": {"n": "input.n"}},
        {"id": "told", "send": {"text": "It is on its way."}},
    ]
}


def published(terminal):
    """The desk of the tests of conversations, with one workflow."""
    folder = terminal.folder / "configs" / "acme"
    folder.mkdir(parents=True)
    (folder / "front.yaml").write_text(
        json.dumps(DESK | {"workflows": {"flow": FLOW, "refund": DECIDED, "broken": BROKEN}})
    )
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

    assert "\n      allowed waits for Refund it?\n" in listed.out
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


def test_a_failed_run_says_which_step_how_and_what_to_do_next(terminal):
    """The family of its error, the step, and commands that work as they are written."""
    published(terminal)
    failed = terminal.run("run", "start", "front~broken")
    run = failed.out.split()[1]

    assert "Step told failed for good: it goes no better before its cause is put right." in failed.words
    assert f"frontdesk run retry {run} does the failed step once more" in failed.words
    assert f"frontdesk run fork {run} told begins another run there" in failed.words
    assert "Next:" in terminal.run("run", "show", run).out
    assert "failed." in terminal.run("run", "retry", run).words
    fork = terminal.run("run", "fork", run, "told")
    assert (1, False) == (fork.code, run in fork.out.splitlines()[0]), fork


def test_a_run_that_was_set_aside_says_how_it_goes_on(terminal):
    """Going on and both ways to end it, as commands."""
    published(terminal)
    run = terminal.run("run", "start", "front~flow", "--input", '{"n": 3}').out.split()[1]

    async def park(process):
        store = (await process.services()).tenant("acme")
        found = read_run((await store.get(run_path(run))).data)
        parked = msgspec.structs.replace(found, status="parked", error="it broke again and again")
        await store.commit([Put(run_path(run), as_document(parked))])

    terminal.within(park)
    said = terminal.run("run", "show", run)

    assert 1 == said.code
    for command in ("resume", "cancel", "stop"):
        assert f"frontdesk run {command} {run}" in said.out


def test_a_run_whose_steps_are_gone_is_begun_anew(terminal):
    """It cannot be tried again, so that is not what it says."""
    published(terminal)
    run = "0123456789abcdef0123456789"
    gone = Run(
        id=run,
        desk="front",
        workflow="flow",
        version=1,
        status="failed",
        error="paid: it is gone",
        created_at="2026-11-01T00:00:00.000000Z",
        ended_at="2026-11-02T00:00:00.000000Z",
    )

    async def keep(process):
        await (await process.services()).tenant("acme").commit([Put(run_path(run), as_document(gone))])

    terminal.within(keep)
    said = terminal.run("run", "show", "0123")

    assert "Its steps are kept no more. Next: frontdesk run start front~flow" in said.words
    assert "run retry" not in said.out


def test_an_approval_says_which_rule_asks_for_it(terminal):
    """The step of the workflow, and what silence means."""
    published(terminal)

    said = terminal.run("run", "start", "front~refund")

    assert "Rule: step allowed of the workflow is an approval; silence refuses." in said.words


def test_the_beginning_of_an_id_will_do_where_it_is_the_only_one(terminal):
    """One that begins several is refused with the candidates, and one that begins none as unknown."""
    published(terminal)
    begun = [terminal.run("run", "start", "front~flow", "--input", '{"n": 3}').out.split()[1] for _ in "ab"]
    same = next(n for n in range(26) if begun[0][n] != begun[1][n])

    assert begun[0] in terminal.run("run", "show", begun[0][: same + 1]).out
    if same:
        several = terminal.run("run", "show", begun[0][:same])
        assert (2, True) == (several.code, all(one in several.complaint for one in begun))
    assert 1 == terminal.run("run", "show", "zzz").code
    assert 1 == terminal.run("run", "start", "front~flow", "--customer", "nobody").code
