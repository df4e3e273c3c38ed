"""Agents and crews of a desk's file: read as written, and refused with the line and the fix."""

import pytest

from shared.agents.known import shipped
from shared.config.catalogue import Catalogue, ModelInfo
from shared.config.validate import validate

HEAD = """\
tenant: {id: clinic, name: Clinic}
desk: {id: clinic, name: Clinic}
channels: {webchat: {}}
tools: {search_knowledge: {}}
"""
KNOWN = Catalogue(agents=frozenset(shipped()), models={"gpt-4.1": ModelInfo(provider="openai")})


def judged(text):
    return validate(HEAD + text, KNOWN)


def test_an_agent_needs_no_more_than_what_it_is_for():
    """Profile, time, money and cost tier follow from its type where they are left out."""
    found = judged("agents: {finder: {type: reasoning, description: Finds.}}")
    agent = found.config.agents["finder"]

    assert ("balanced", 60.0, 0.05, "medium") == (
        agent.choice.profile,
        agent.seconds,
        agent.allowance,
        agent.tier,
    )


def test_a_prompt_may_name_its_task_and_what_it_is_given():
    """`task` and `input` are an agent's; a desk's own templates have nobody to fill them."""
    assert judged('agents: {a: {description: A., prompt: "{{ task }} {{ input.message }}"}}').config
    (problem,) = judged('agent: {system_prompt: "{{ task }}"}').problems

    assert "the template names 'task', which nobody fills" in problem.found


@pytest.mark.parametrize(
    ("text", "path", "found", "fix"),
    [
        # a backup nobody knows
        (
            "agents: {a: {description: A., fallback: resoning_agent}}",
            "agents.a.fallback",
            "'resoning_agent', no agent that is known",
            "did you mean reasoning_agent?",
        ),
        (
            "agents: {a: {description: A., fallback: a}}",
            "agents.a.fallback",
            "its own backup",
            "name another",
        ),
        # a tool the desk has not
        (
            "agents: {a: {description: A., tools: [shopify.*]}}",
            "agents.a.tools[0]",
            "'shopify.*'",
            "add it under",
        ),
        # forms nothing could follow
        (
            "agents: {a: {description: A., output_schema: {type: array}}}",
            "agents.a.output_schema",
            "no object",
            "type: object",
        ),
        (
            "agents: {a: {description: A., output_schema: {type: object, required: 1}}}",
            "agents.a.output_schema",
            "no JSON Schema at $.required",
            "type: object",
        ),
        # models nobody has, of agents and of a team
        (
            "agents: {a: {description: A., model: {model: gpt-4.2}}}",
            "agents.a.model.model",
            "the unknown model 'gpt-4.2'",
            "write gpt-4.1",
        ),
        (
            "agent: {team: [{name: a, handles: A, general: true, model: {model: gpt-4.2}}]}",
            "agent.team[0].model.model",
            "the unknown model 'gpt-4.2'",
            "write gpt-4.1",
        ),
        # a team's own parts
        (
            "agent: {team: [{name: a, handles: A, general: true, backup: b}]}",
            "agent.team[0].backup",
            "the backup 'b', no other member",
            "another member",
        ),
        (
            "agent: {team: [{name: a, handles: A, general: true, knowledge: [menu.csv]}]}",
            "agent.team[0].knowledge",
            "the file 'menu.csv', which the desk does not read",
            "knowledge.files",
        ),
        (
            "agent: {team: [{name: a, handles: A, general: true}, {name: a, handles: B}]}",
            "agent.team[1].name",
            "the member 'a' a second time",
            "its own name",
        ),
        # crews
        (
            "crews: {c: {description: C., members: [nobody]}}",
            "crews.c.members[0]",
            "'nobody'",
            "write one of",
        ),
        (
            "crews: {c: {description: C., pattern: hierarchical, members: [simple_agent]}}",
            "crews.c",
            "needs a lead",
            "write lead:",
        ),
        (
            "crews: {simple_agent: {description: C., members: [simple_agent]}}",
            "crews.simple_agent",
            "the name of the agent",
            "another name",
        ),
    ],
)
def test_what_cannot_work_is_told_with_its_fix(text, path, found, fix):
    """Each is one problem, at its key."""
    (problem,) = judged(text).problems

    assert path == problem.path
    assert found in problem.found
    assert fix in problem.fix
